#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/net/tls_remote_key.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <cstring>

namespace ts::net {
namespace {

int rsa_slot() {
  static const int slot = RSA_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

int ec_slot() {
  static const int slot = EC_KEY_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

// Asks for the operation and copies the answer to `out`, which has room for `room` bytes; -1 when refused.
int ask(void* options, KeyOperation operation, const unsigned char* input, int size, unsigned char* out,
        int room) {
  auto* tls = static_cast<TlsOptions*>(options);
  if (tls == nullptr || size < 0) return -1;
  auto answer = tls->sign(operation, std::as_bytes(std::span(input, static_cast<std::size_t>(size))));
  if (!answer || answer->empty() || answer->size() > static_cast<std::size_t>(room)) return -1;
  std::memcpy(out, answer->data(), answer->size());
  return static_cast<int>(answer->size());
}

int rsa_private_encrypt(int size, const unsigned char* from, unsigned char* to, RSA* rsa, int padding) {
  if (padding != RSA_PKCS1_PADDING && padding != RSA_NO_PADDING) return -1;
  auto operation = padding == RSA_PKCS1_PADDING ? KeyOperation::kRsaPkcs1 : KeyOperation::kRsaRaw;
  return ask(RSA_get_ex_data(rsa, rsa_slot()), operation, from, size, to, RSA_size(rsa));
}

int ec_sign(int, const unsigned char* digest, int size, unsigned char* signature,
            unsigned int* signature_size, const BIGNUM*, const BIGNUM*, EC_KEY* key) {
  int got =
      ask(EC_KEY_get_ex_data(key, ec_slot()), KeyOperation::kEcdsa, digest, size, signature, ECDSA_size(key));
  if (got < 0) return 0;
  *signature_size = static_cast<unsigned int>(got);
  return 1;
}

const RSA_METHOD* rsa_method() {
  static const RSA_METHOD* const method = [] {
    RSA_METHOD* made = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    RSA_meth_set1_name(made, "asks the listener");
    RSA_meth_set_priv_enc(made, rsa_private_encrypt);
    return made;
  }();
  return method;
}

const EC_KEY_METHOD* ec_method() {
  static const EC_KEY_METHOD* const method = [] {
    EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    EC_KEY_METHOD_set_sign(made, ec_sign, nullptr, nullptr);
    return made;
  }();
  return method;
}

}  // namespace

EVP_PKEY* make_remote_key(EVP_PKEY* public_key, TlsOptions* options) {
  EVP_PKEY* made = EVP_PKEY_new();
  if (RSA* rsa = EVP_PKEY_get1_RSA(public_key)) {
    RSA* remote = RSAPublicKey_dup(rsa);
    RSA_free(rsa);
    RSA_set_method(remote, rsa_method());
    RSA_set_flags(remote, RSA_FLAG_EXT_PKEY);
    RSA_set_ex_data(remote, rsa_slot(), options);
    EVP_PKEY_assign_RSA(made, remote);
    return made;
  }
  if (EC_KEY* key = EVP_PKEY_get1_EC_KEY(public_key)) {
    EC_KEY* remote = EC_KEY_dup(key);
    EC_KEY_free(key);
    EC_KEY_set_method(remote, ec_method());
    EC_KEY_set_ex_data(remote, ec_slot(), options);
    EVP_PKEY_assign_EC_KEY(made, remote);
    return made;
  }
  EVP_PKEY_free(made);
  return nullptr;
}

}  // namespace ts::net
