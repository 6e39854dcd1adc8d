#include "lib/net/certificate.h"

#include <openssl/pem.h>

#include <array>
#include <memory>

#include "lib/net/openssl_error.h"

namespace ts::net {

Result<std::string> certificate_fingerprint(std::string_view pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                               BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
  if (!certificate) return fail_openssl("reading the certificate", ErrorCode::kConfig);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1)
    return fail_openssl("the certificate's fingerprint");
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{}{:02x}", i == 0 ? "" : ":", digest[i]);
  return out;
}

}  // namespace ts::net
