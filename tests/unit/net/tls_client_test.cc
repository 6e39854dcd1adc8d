// TlsSession as a client against TlsSession as a server.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lib/net/tls.h"

namespace ts::net {
namespace {

// A server with a certificate of its own for host.example.
class TlsClientTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "tls_client.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    ASSERT_TRUE(make_self_signed(folder_ / "cert.pem", folder_ / "key.pem", "host.example"));
    auto key = PrivateKey::load(folder_ / "key.pem");
    ASSERT_TRUE(key);
    key_ = std::make_unique<PrivateKey>(std::move(*key));
    make_server(folder_ / "cert.pem");
  }
  void make_server(const std::filesystem::path& certificate) {
    std::ifstream in(certificate);
    auto server = TlsSession::create(
        {{std::istreambuf_iterator<char>(in), {}},
         [this](KeyOperation operation, ByteView input) { return key_->sign(operation, input); },
         {}});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }

  // The handshake with a client that expects `host`.
  std::unique_ptr<TlsSession> connected(const std::string& host) {
    auto trusted = TrustedCertificates::of_system();
    EXPECT_TRUE(trusted);
    return connected(host, *trusted);
  }
  std::unique_ptr<TlsSession> connected(const std::string& host, const TrustedCertificates& trusted) {
    auto client = TlsSession::create_client({host}, trusted);
    if (!client) {
      ADD_FAILURE() << client.error().message;
      return nullptr;
    }
    Bytes plain, to_server, to_client;
    EXPECT_TRUE((*client)->receive({}, plain, to_server));
    EXPECT_FALSE(to_server.empty()) << "the client speaks first";
    for (int round = 0; round < 5 && !to_server.empty(); ++round) {
      EXPECT_TRUE(server_->receive(std::exchange(to_server, {}), plain, to_client));
      EXPECT_TRUE((*client)->receive(std::exchange(to_client, {}), plain, to_server));
    }
    EXPECT_TRUE((*client)->established() && server_->established());
    return std::move(*client);
  }

  std::filesystem::path folder_;
  std::unique_ptr<PrivateKey> key_;
  std::unique_ptr<TlsSession> server_;
};

TEST_F(TlsClientTest, TellsOfAStrangersCertificateAndGoesOn) {
  auto client = connected("host.example");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->version(), "TLSv1.3");
  EXPECT_EQ(client->description(), client->version() + " " + client->cipher());
  auto certificate = client->peer_certificate();
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_NE(certificate->subject.find("CN=host.example"), std::string::npos) << certificate->subject;
  EXPECT_EQ(certificate->issuer, certificate->subject);
  EXPECT_EQ(certificate->sha256.size(), 64u);
  EXPECT_EQ(certificate->sha256.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(certificate->not_before.size(), 20u) << certificate->not_before;
  EXPECT_LT(certificate->not_before, certificate->not_after);
  EXPECT_FALSE(certificate->verified);
  EXPECT_NE(certificate->problem, "");

  Bytes wire, plain, large(100'000, std::byte{7});
  ASSERT_TRUE(client->send(large, wire));
  Bytes answer;
  ASSERT_TRUE(server_->receive(wire, plain, answer));
  EXPECT_EQ(plain, large);
  wire.clear();
  plain.clear();
  ASSERT_TRUE(server_->send(large, wire));
  ASSERT_TRUE(client->receive(wire, plain, answer));
  EXPECT_EQ(plain, large);
}

TEST_F(TlsClientTest, VerifiesAgainstTheSystemsStoreAndTheName) {
  ::setenv("SSL_CERT_FILE", (folder_ / "cert.pem").c_str(), 1);
  auto client = connected("host.example");
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(client->peer_certificate()->verified) << client->peer_certificate()->problem;
}

TEST_F(TlsClientTest, WhatIsTrustedIsReadOnceForManyConnections) {
  ::setenv("SSL_CERT_FILE", (folder_ / "cert.pem").c_str(), 1);
  auto trusted = TrustedCertificates::of_system();
  ASSERT_TRUE(trusted);
  std::filesystem::rename(folder_ / "cert.pem", folder_ / "elsewhere.pem");
  auto first = connected("host.example", *trusted);
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->peer_certificate()->verified);
  make_server(folder_ / "elsewhere.pem");
  auto second = connected("host.example", *trusted);
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->peer_certificate()->verified);
}

TEST_F(TlsClientTest, AnotherNameOrAddressIsNotVerified) {
  ::setenv("SSL_CERT_FILE", (folder_ / "cert.pem").c_str(), 1);
  auto client = connected("other.example");
  ASSERT_NE(client, nullptr);
  EXPECT_FALSE(client->peer_certificate()->verified);
  EXPECT_NE(client->peer_certificate()->problem.find("ostname"), std::string::npos);
}

TEST_F(TlsClientTest, GarbageEndsTheHandshake) {
  auto trusted = TrustedCertificates::of_system();
  ASSERT_TRUE(trusted);
  auto client = TlsSession::create_client({"10.0.0.1"}, *trusted);
  ASSERT_TRUE(client);
  Bytes plain, wire, garbage(200, std::byte{0x41});
  ASSERT_TRUE((*client)->receive({}, plain, wire));
  EXPECT_FALSE((*client)->receive(garbage, plain, wire));
  EXPECT_FALSE((*client)->established());
  EXPECT_FALSE((*client)->peer_certificate());
}

}  // namespace
}  // namespace ts::net
