// TlsSession as a client, and what a server's certificate says.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "lib/net/openssl_error.h"
#include "lib/net/tls.h"

namespace ts::net {
namespace {

bool is_numeric(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

Result<> expect_server(SSL* session, const std::string& server) {
  if (server.empty()) return {};
  if (is_numeric(server)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), server.c_str()) != 1)
      return fail_openssl("the server's address");
    return {};
  }
  if (SSL_set1_host(session, server.c_str()) != 1 || SSL_set_tlsext_host_name(session, server.c_str()) != 1)
    return fail_openssl("the server's name", ErrorCode::kUsage);
  return {};
}

std::string name_text(const X509_NAME* name) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  std::array<char, 32> text;
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

void TrustedCertificates::Free::operator()(x509_store_st* store) const {
  X509_STORE_free(store);
}

Result<TrustedCertificates> TrustedCertificates::of_system() {
  TrustedCertificates out;
  out.store_.reset(X509_STORE_new());
  if (!out.store_ || X509_STORE_set_default_paths(out.store_.get()) != 1)
    return fail_openssl("the system's certificates");
  return out;
}

Result<std::unique_ptr<TlsSession>> TlsSession::create_client(const TlsClientOptions& options,
                                                              const TrustedCertificates& trusted) {
  std::unique_ptr<TlsSession> made(new TlsSession);
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = made->context_.get();
  if (context == nullptr) return fail_openssl("TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Verified in any case, so that it can be told; a failure does not end the handshake.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set1_cert_store(context, trusted.store());
  made->session_.reset(SSL_new(context));
  if (!made->session_) return fail_openssl("TLS");
  TS_TRY(expect_server(made->session_.get(), options.server));
  SSL_set_bio(made->session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(made->session_.get());
  return made;
}

Result<PeerCertificate> TlsSession::peer_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(session_.get());
  if (certificate == nullptr) return fail(ErrorCode::kRefused, "the server showed no certificate");
  PeerCertificate out;
  out.subject = name_text(X509_get_subject_name(certificate));
  out.issuer = name_text(X509_get_issuer_name(certificate));
  out.not_before = time_text(X509_get0_notBefore(certificate));
  out.not_after = time_text(X509_get0_notAfter(certificate));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
    return fail_openssl("the certificate's fingerprint");
  for (unsigned i = 0; i < size; ++i) out.sha256 += fmt::format("{:02x}", digest[i]);
  long result = SSL_get_verify_result(session_.get());
  out.verified = result == X509_V_OK;
  if (!out.verified) out.problem = X509_verify_cert_error_string(result);
  return out;
}

}  // namespace ts::net
