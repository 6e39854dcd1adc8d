#include "lib/net/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "lib/base/random.h"
#include "lib/net/openssl_error.h"
#include "lib/net/tls_remote_key.h"

namespace ts::net {
namespace {

struct FreeObject {
  void operator()(BIO* object) const { BIO_free_all(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
};

Result<> use_certificate_chain(SSL_CTX* context, TlsOptions& options) {
  std::unique_ptr<BIO, FreeObject> in(
      BIO_new_mem_buf(options.certificate_pem.data(), static_cast<int>(options.certificate_pem.size())));
  std::unique_ptr<X509, FreeObject> leaf(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
    return fail_openssl("certificate", ErrorCode::kConfig);
  while (X509* next = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))
    SSL_CTX_add0_chain_cert(context, next);
  ERR_clear_error();  // the end of the file is an error to it
  std::unique_ptr<EVP_PKEY, FreeObject> remote(make_remote_key(X509_get0_pubkey(leaf.get()), &options));
  if (!remote || SSL_CTX_use_PrivateKey(context, remote.get()) != 1)
    return fail_openssl("the certificate's key", ErrorCode::kConfig);
  return {};
}

}  // namespace

void prepare_tls() {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);
  // Building one context loads providers, algorithms and the random generator.
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL* session = context != nullptr ? SSL_new(context) : nullptr;
  unsigned char byte;
  BIO* nothing = BIO_new(BIO_s_mem());
  (void)BIO_read(nothing, &byte, 1);
  BIO_free_all(nothing);
  SSL_free(session);
  SSL_CTX_free(context);
}

void TlsSession::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsSession::Free::operator()(ssl_st* session) const {
  SSL_free(session);
}
TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsSession>> TlsSession::create(TlsOptions options) {
  std::unique_ptr<TlsSession> made(new TlsSession);
  made->options_ = std::move(options);
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made->context_.get();
  if (context == nullptr) return fail_openssl("TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_CLEANSE_PLAINTEXT);  // its own buffer has held the password, too
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  TS_TRY(use_certificate_chain(context, made->options_));
  if (made->options_.key_log) {
    SSL_CTX_set_app_data(context, made.get());
    SSL_CTX_set_keylog_callback(context, [](const SSL* session, const char* line) {
      auto* self = static_cast<TlsSession*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
      self->options_.key_log(line);
    });
  }
  made->session_.reset(SSL_new(context));
  if (!made->session_) return fail_openssl("TLS");
  SSL_set_bio(made->session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(made->session_.get());
  return made;
}

bool TlsSession::established() const {
  return SSL_is_init_finished(session_.get()) == 1;
}

std::string TlsSession::description() const {
  return fmt::format("{} {}", version(), cipher());
}

std::string TlsSession::version() const {
  return SSL_get_version(session_.get());
}

std::string TlsSession::cipher() const {
  return SSL_get_cipher_name(session_.get());
}

void TlsSession::take_output(Bytes& ciphertext) {
  BIO* out = SSL_get_wbio(session_.get());
  char* data = nullptr;
  long size = BIO_get_mem_data(out, &data);
  if (size <= 0) return;
  auto bytes = std::as_bytes(std::span(data, static_cast<std::size_t>(size)));
  ciphertext.insert(ciphertext.end(), bytes.begin(), bytes.end());
  (void)BIO_reset(out);
}

Result<> TlsSession::receive(ByteView from_peer, Bytes& plaintext, Bytes& ciphertext) {
  SSL* session = session_.get();
  if (BIO_write(SSL_get_rbio(session), from_peer.data(), static_cast<int>(from_peer.size())) !=
      static_cast<int>(from_peer.size()))
    return fail_openssl("buffering TLS input");
  for (;;) {
    std::byte buffer[16 * 1024];  // a TLS record's most
    ERR_clear_error();
    int got = SSL_read(session, buffer, sizeof buffer);  // performs the handshake, too
    if (got > 0) {
      plaintext.insert(plaintext.end(), buffer, buffer + got);
      wipe(buffer, static_cast<std::size_t>(got));
      continue;
    }
    int why = SSL_get_error(session, got);
    take_output(ciphertext);
    if (why == SSL_ERROR_WANT_READ) return {};
    if (why == SSL_ERROR_ZERO_RETURN) {
      peer_closed_ = true;
      return {};
    }
    return fail_openssl(established() ? "TLS" : "TLS handshake", ErrorCode::kMalformed);
  }
}

Result<> TlsSession::send(ByteView plaintext, Bytes& ciphertext) {
  if (plaintext.empty()) return {};
  ERR_clear_error();
  int sent = SSL_write(session_.get(), plaintext.data(), static_cast<int>(plaintext.size()));
  take_output(ciphertext);
  if (sent != static_cast<int>(plaintext.size())) return fail_openssl("TLS");
  return {};
}

void TlsSession::close(Bytes& ciphertext) {
  ERR_clear_error();
  if (established()) (void)SSL_shutdown(session_.get());
  take_output(ciphertext);
}

}  // namespace ts::net
