// TLS as a server or a client, bytes in and bytes out: the caller owns the socket. A server's private key is
// somewhere else, reached through a callback, so that a process that reads strangers' bytes never holds it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/net/tls_key.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_st;

namespace ts::net {

struct TlsOptions {
  std::string certificate_pem;  // chain, leaf first
  /// Performs one private-key operation; may block for as long as a round trip on this host takes.
  std::function<Result<Bytes>(KeyOperation, ByteView)> sign;
  /// Gets each key log line (NSS format), or empty.
  std::function<void(const std::string& line)> key_log;
};

/// The certificates that a client trusts. Reading the system's takes tens of milliseconds: once is enough for
/// all connections of a process.
class TrustedCertificates {
 public:
  /// Those of the system, or of SSL_CERT_FILE and SSL_CERT_DIR; reads files.
  static Result<TrustedCertificates> of_system();
  x509_store_st* store() const { return store_.get(); }

 private:
  struct Free {
    void operator()(x509_store_st* store) const;
  };
  TrustedCertificates() = default;
  std::unique_ptr<x509_store_st, Free> store_;
};

struct TlsClientOptions {
  /// Whom the certificate is to be for: a name, which is also sent (SNI), or a numeric address, which is not.
  std::string server;
};

/// What a server showed of itself. Names are its own words, in the form of RFC 2253.
struct PeerCertificate {
  std::string subject, issuer;
  std::string sha256;                 // fingerprint, lower-case hexadecimal
  std::string not_before, not_after;  // RFC 3339 in UTC
  bool verified = false;              // by what is trusted, now, and for the server that was asked for
  std::string problem;                // why not
};

/// Loads what OpenSSL would otherwise load from files later; for processes that enter a sandbox.
void prepare_tls();

class TlsSession {
 public:
  /// TLS 1.2 and 1.3; no renegotiation, no resumption (each connection is one process).
  static Result<std::unique_ptr<TlsSession>> create(TlsOptions options);
  /// As a client; begin with receive({}). The certificate is checked but not insisted on: whoever cares looks
  /// at peer_certificate() before the first send().
  static Result<std::unique_ptr<TlsSession>> create_client(const TlsClientOptions& options,
                                                           const TrustedCertificates& trusted);
  ~TlsSession();

  /// Feeds what came from the peer; appends what it says to `plaintext` and what must be sent to
  /// `ciphertext`. An error is fatal; what is in `ciphertext` (an alert) should still be sent.
  Result<> receive(ByteView from_peer, Bytes& plaintext, Bytes& ciphertext);
  /// Encrypts; only when established().
  Result<> send(ByteView plaintext, Bytes& ciphertext);
  /// Appends close_notify.
  void close(Bytes& ciphertext);

  bool established() const;
  bool peer_closed() const { return peer_closed_; }
  /// For the log: "TLSv1.3 TLS_AES_256_GCM_SHA384".
  std::string description() const;
  /// Its parts: "TLSv1.3" and "TLS_AES_256_GCM_SHA384".
  std::string version() const;
  std::string cipher() const;
  /// The server's, once established(); kRefused when it has none.
  Result<PeerCertificate> peer_certificate() const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* session) const;
  };
  TlsSession() = default;
  void take_output(Bytes& ciphertext);

  TlsOptions options_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> session_;
  bool peer_closed_ = false;
};

}  // namespace ts::net
