#include "lib/net/tls_key.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "lib/base/unique_fd.h"
#include "lib/net/openssl_error.h"

namespace ts::net {
namespace {

template <auto Function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;

// Creates a file that nobody else may have opened before its content is there.
Result<> write_file(const std::filesystem::path& path, mode_t mode, BIO* content) {
  char* data = nullptr;
  long size = BIO_get_mem_data(content, &data);
  std::filesystem::path temporary = path;
  temporary += ".new";
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return fail_errno(fmt::format("cannot create '{}'", temporary.native()));
  if (::write(fd.get(), data, static_cast<std::size_t>(size)) != size || ::fsync(fd.get()) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0)
    return fail_errno(fmt::format("cannot write '{}'", path.native()));
  return {};
}

Result<> add_extension(X509* certificate, int id, const std::string& value) {
  std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    return fail_openssl("certificate extension");
  return {};
}

Result<Certificate> self_signed(EVP_PKEY* key, const std::string& host_name) {
  constexpr long kTenYears = 3650L * 24 * 3600;
  constexpr long kAnHour = 3600;  // clients' clocks differ
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::unique_ptr<BIGNUM, FreeWith<BN_free>> serial(BN_new());
  BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kAnHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kTenYears);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  std::string common = host_name.substr(0, 64);  // X.520 ub-common-name
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                             static_cast<int>(common.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  TS_TRY(add_extension(certificate.get(), NID_subject_alt_name, "DNS:" + host_name));
  TS_TRY(add_extension(certificate.get(), NID_ext_key_usage, "serverAuth"));
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return fail_openssl("signing the certificate");
  return certificate;
}

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<PrivateKey> PrivateKey::load(const std::filesystem::path& file) {
  Bio in(BIO_new_file(file.c_str(), "r"));
  if (!in) return fail(ErrorCode::kConfig, "cannot read the private key '{}'", file.native());
  auto no_passphrase = [](char*, int, int, void*) { return 0; };  // else OpenSSL asks on the terminal
  PrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
  if (!key.key_) return fail(ErrorCode::kConfig, "'{}' holds no unencrypted PEM private key", file.native());
  int type = EVP_PKEY_get_base_id(key.key_.get());
  if (type == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.key_.get()) < 2048)
    return fail(ErrorCode::kConfig, "the RSA key in '{}' has {} bits, 2048 are needed", file.native(),
                EVP_PKEY_get_bits(key.key_.get()));
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
    return fail(ErrorCode::kConfig, "the key in '{}' is neither RSA nor EC", file.native());
  return key;
}

Result<Bytes> PrivateKey::sign(KeyOperation operation, ByteView input) const {
  KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (!context || EVP_PKEY_sign_init(context.get()) != 1) return fail_openssl("preparing a signature");
  bool rsa = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
  if (rsa != (operation != KeyOperation::kEcdsa))
    return fail(ErrorCode::kRefused, "operation does not fit the key");
  if (rsa) {
    int padding = operation == KeyOperation::kRsaPkcs1 ? RSA_PKCS1_PADDING : RSA_NO_PADDING;
    if (EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1) return fail_openssl("padding");
  }
  auto* in = reinterpret_cast<const unsigned char*>(input.data());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  Bytes out(size);
  if (EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, in, input.size()) !=
      1)
    return fail_openssl("signing");
  out.resize(size);
  return out;
}

Result<> PrivateKey::check_certificate(std::string_view pem) const {
  Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) return fail(ErrorCode::kConfig, "no PEM certificate in it");
  if (X509_check_private_key(certificate.get(), key_.get()) != 1)
    return fail(ErrorCode::kConfig, "it does not belong to the private key");
  return {};
}

Result<> make_self_signed(const std::filesystem::path& certificate_file,
                          const std::filesystem::path& key_file, const std::string& host_name) {
  std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> key(EVP_RSA_gen(2048));
  if (!key) return fail_openssl("making a private key");
  TS_TRY_ASSIGN(auto certificate, self_signed(key.get(), host_name));
  Bio key_text(BIO_new(BIO_s_mem())), certificate_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(certificate_text.get(), certificate.get());
  TS_TRY(write_file(key_file, 0600, key_text.get()));
  return write_file(certificate_file, 0644, certificate_text.get());
}

}  // namespace ts::net
