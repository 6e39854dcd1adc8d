// A real OpenSSL client in memory against TlsSession, whose private key is only reachable through a callback.
#include "lib/net/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace ts::net {
namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tls_test.XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The client's half: OpenSSL itself, certificate not checked.
struct Client {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* session = nullptr;
  explicit Client(int version, const char* sigalgs = nullptr) {
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    if (sigalgs != nullptr) SSL_CTX_set1_sigalgs_list(context, sigalgs);
    session = SSL_new(context);
    SSL_set_bio(session, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(session);
  }
  ~Client() {
    SSL_free(session);
    SSL_CTX_free(context);
  }
  Bytes output() {
    char* data;
    long size = BIO_get_mem_data(SSL_get_wbio(session), &data);
    auto view = std::as_bytes(std::span(data, static_cast<std::size_t>(size)));
    Bytes out(view.begin(), view.end());
    (void)BIO_reset(SSL_get_wbio(session));
    return out;
  }
  void input(ByteView bytes) {
    BIO_write(SSL_get_rbio(session), bytes.data(), static_cast<int>(bytes.size()));
  }
};

struct Case {
  const char* name;
  int version;
  const char* sigalgs;
  bool ec;
};

class TlsHandshake : public testing::TestWithParam<Case> {};

Result<> make_ec_pair(const Folder& folder) {
  std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ec -days 2 -keyout " +
      (folder.path / "key.pem").string() + " -out " + (folder.path / "cert.pem").string() + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) return fail(ErrorCode::kInternal, "openssl");
  return {};
}

TEST_P(TlsHandshake, KeyStaysBehindTheCallback) {
  Folder folder;
  auto made = GetParam().ec
                  ? make_ec_pair(folder)
                  : make_self_signed(folder.path / "cert.pem", folder.path / "key.pem", "host.example");
  ASSERT_TRUE(made) << made.error().message;
  auto key = PrivateKey::load(folder.path / "key.pem");
  ASSERT_TRUE(key) << key.error().message;
  std::string pem = read_file(folder.path / "cert.pem");
  ASSERT_TRUE(key->check_certificate(pem));

  int signatures = 0;
  std::string log;
  auto server = TlsSession::create({pem,
                                    [&](KeyOperation operation, ByteView input) {
                                      ++signatures;
                                      return key->sign(operation, input);
                                    },
                                    [&](const std::string& line) { log += line + "\n"; }});
  ASSERT_TRUE(server) << server.error().message;
  Client client(GetParam().version, GetParam().sigalgs);
  Bytes plain, wire;
  for (int round = 0; round < 5 && SSL_do_handshake(client.session) != 1; ++round) {
    auto received = (*server)->receive(client.output(), plain, wire);
    ASSERT_TRUE(received) << received.error().message;
    client.input(wire);
    wire.clear();
  }
  ASSERT_EQ(SSL_is_init_finished(client.session), 1);
  SSL_write(client.session, "hello", 5);
  ASSERT_TRUE((*server)->receive(client.output(), plain, wire));
  ASSERT_TRUE((*server)->established());
  EXPECT_EQ(plain.size(), 5u);
  EXPECT_EQ(signatures, 1);
  EXPECT_NE(log.find(GetParam().version == TLS1_3_VERSION ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_RANDOM"),
            std::string::npos);

  Bytes large(100'000, std::byte{7});
  wire.clear();
  ASSERT_TRUE((*server)->send(large, wire));
  client.input(wire);
  std::size_t got = 0;
  char buffer[16384];
  for (int n; (n = SSL_read(client.session, buffer, sizeof buffer)) > 0;) got += static_cast<std::size_t>(n);
  EXPECT_EQ(got, large.size());

  SSL_shutdown(client.session);
  ASSERT_TRUE((*server)->receive(client.output(), plain, wire));
  EXPECT_TRUE((*server)->peer_closed());
}

INSTANTIATE_TEST_SUITE_P(Keys, TlsHandshake,
                         testing::Values(Case{"Rsa13", TLS1_3_VERSION, nullptr, false},
                                         Case{"Rsa12Pss", TLS1_2_VERSION, nullptr, false},
                                         Case{"Rsa12Pkcs1", TLS1_2_VERSION, "RSA+SHA256", false},
                                         Case{"Ec13", TLS1_3_VERSION, nullptr, true},
                                         Case{"Ec12", TLS1_2_VERSION, nullptr, true}),
                         [](const auto& info) { return info.param.name; });

TEST(Tls, RefusedSignatureEndsTheHandshake) {
  Folder folder;
  ASSERT_TRUE(make_self_signed(folder.path / "cert.pem", folder.path / "key.pem", "host"));
  auto server = TlsSession::create(
      {read_file(folder.path / "cert.pem"),
       [](KeyOperation, ByteView) -> Result<Bytes> { return fail(ErrorCode::kRefused, "no"); },
       {}});
  ASSERT_TRUE(server);
  Client client(TLS1_3_VERSION);
  SSL_do_handshake(client.session);
  Bytes plain, wire;
  EXPECT_FALSE((*server)->receive(client.output(), plain, wire));
  EXPECT_FALSE(wire.empty()) << "an alert tells the client";
}

TEST(Tls, GarbageAndOldVersionsAreRefused) {
  Folder folder;
  ASSERT_TRUE(make_self_signed(folder.path / "cert.pem", folder.path / "key.pem", "host"));
  auto key = PrivateKey::load(folder.path / "key.pem");
  TlsOptions options{read_file(folder.path / "cert.pem"),
                     [&](KeyOperation operation, ByteView input) { return key->sign(operation, input); },
                     {}};
  Bytes plain, wire;
  Bytes garbage(200, std::byte{0x41});
  auto server = TlsSession::create(options);
  ASSERT_TRUE(server);
  EXPECT_FALSE((*server)->receive(garbage, plain, wire));

  auto second = TlsSession::create(options);
  Client old(TLS1_1_VERSION);
  SSL_set_security_level(old.session, 0);
  SSL_do_handshake(old.session);
  Bytes hello = old.output();
  ASSERT_FALSE(hello.empty());
  EXPECT_FALSE((*second)->receive(hello, plain, wire));
}

TEST(PrivateKeyFile, MistakesAreNamed) {
  Folder folder;
  EXPECT_NE(PrivateKey::load(folder.path / "none.pem").error().message.find("none.pem"), std::string::npos);
  ASSERT_TRUE(make_self_signed(folder.path / "a.pem", folder.path / "a.key", "a"));
  ASSERT_TRUE(make_self_signed(folder.path / "b.pem", folder.path / "b.key", "b"));
  EXPECT_EQ(std::filesystem::status(folder.path / "a.key").permissions(), std::filesystem::perms(0600));
  auto key = PrivateKey::load(folder.path / "a.key");
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->check_certificate(read_file(folder.path / "b.pem")));
  EXPECT_FALSE(PrivateKey::load(folder.path / "a.pem"));
}

}  // namespace
}  // namespace ts::net
