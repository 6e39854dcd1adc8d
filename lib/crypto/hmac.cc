#include "lib/crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>

namespace ts::crypto {
namespace {

template <typename Mac>
Mac hmac(const EVP_MD* method, ByteView key, ByteView data) {
  Mac out{};
  // An empty key is one, too, but has to be somewhere.
  const void* where = key.empty() ? static_cast<const void*>(out.data()) : key.data();
  unsigned int size = out.size();
  [[maybe_unused]] const auto* done =
      ::HMAC(method, where, static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
             data.size(), reinterpret_cast<unsigned char*>(out.data()), &size);
  // Only without memory, or with a method that OpenSSL was built without.
  assert(done != nullptr && size == out.size());
  return out;
}

}  // namespace

Md5Mac hmac_md5(ByteView key, ByteView data) {
  return hmac<Md5Mac>(::EVP_md5(), key, data);
}

Sha256Mac hmac_sha256(ByteView key, ByteView data) {
  return hmac<Sha256Mac>(::EVP_sha256(), key, data);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace ts::crypto
