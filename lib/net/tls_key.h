// The listener's certificate and private key. The key lives in tsd only; stacks ask for single operations on
// it (lib/session/listener_messages.h) and hand the answers to TLS (tls.h).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

struct evp_pkey_st;

namespace ts::net {

/// What a handshake asks of a private key; the numbers are those on our own wire.
enum class KeyOperation : std::uint32_t {
  kRsaPkcs1 = 1,  // RSA, input is a DigestInfo, PKCS #1 type 1 padding (TLS 1.2)
  kRsaRaw = 2,    // RSA without padding on a block padded already (RSA-PSS: TLS 1.3)
  kEcdsa = 3      // ECDSA over a digest; the answer is DER
};

class PrivateKey {
 public:
  /// Reads an unencrypted PEM file with an RSA (at least 2048 bits) or EC key.
  static Result<PrivateKey> load(const std::filesystem::path& file);

  Result<Bytes> sign(KeyOperation operation, ByteView input) const;
  /// kConfig unless the first certificate in `pem` is for this key.
  Result<> check_certificate(std::string_view pem) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit PrivateKey(evp_pkey_st* key) : key_(key) {}
  std::unique_ptr<evp_pkey_st, Free> key_;
};

/// Writes a new RSA 2048 key (0600) and a certificate of its own for `host_name`, valid for ten years from
/// now: every RDP client takes RSA, and a server that nobody watches must not end one spring morning.
Result<> make_self_signed(const std::filesystem::path& certificate, const std::filesystem::path& key,
                          const std::string& host_name);

}  // namespace ts::net
