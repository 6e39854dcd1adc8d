// How the acceptor ends connections, and what it tells of the session while it runs.
#include <gtest/gtest.h>

#include "tests/unit/rdp/server_under_test.h"

namespace ts::rdp {
namespace {

using test::ClientShape;
using test::hex;
using test::said;
using test::Server;
using test::Words;

TEST(AcceptorEnd, TellsAsMuchAsTheStateAllows) {
  ClientShape shape;
  auto pdus = test::handshake(shape);
  for (std::size_t done = 0; done <= pdus.size(); ++done) {
    Server server;
    server.play({pdus.begin(), pdus.begin() + static_cast<std::ptrdiff_t>(done)});
    bool domain = done >= 2;
    bool licensed = done >= pdus.size() - 5;
    server.take();
    server.acceptor.end(0x5, server.out);
    EXPECT_EQ(said(server.take()), licensed ? (Words{"data 2f", "mcs 2080"})
                                   : domain ? Words{"mcs 2080"}
                                            : Words{})
        << done;
    EXPECT_EQ(server.acceptor.state_name(), "ended");
    server.acceptor.end(0x5, server.out);
    EXPECT_TRUE(server.out.empty()) << "a second goodbye";
  }
}

TEST(AcceptorEnd, WithoutErrorInfoTheUltimatumSaysIt) {
  ClientShape shape;
  shape.early_flags = 0;
  for (auto [code, word] :
       {std::pair{0x1u, "mcs 2080"}, {0xCu, "mcs 2180"}, {0x2u, "mcs 2180"}, {0x0u, "mcs 2080"}}) {
    Server server;
    server.play(test::handshake(shape));
    server.take();
    server.acceptor.end(code, server.out);
    EXPECT_EQ(said(server.out), Words{word});
  }
}

TEST(AcceptorEnd, WhatTheClientStillSendsIsIgnored) {
  ClientShape shape;
  Server server;
  server.play(test::handshake(shape));
  server.acceptor.end(0x5, server.out);
  server.take();
  server.events.clear();
  server.play({hex("04 04 00 1E"), test::font_list(shape), test::x224_data(hex("21 80"))});
  EXPECT_TRUE(server.events.empty());
  EXPECT_TRUE(server.out.empty());
}

TEST(AcceptorEnd, EveryGoodbyeOfAClient) {
  for (const auto& bye : {test::x224_data(hex("21 80")), test::x224_data(hex("30 06 02 02 00 03 30 00")),
                          hex("03 00 00 0B 06 80 00 00 00 00 00")}) {
    Server server;
    server.play(test::freerdp_handshake());
    server.play({bye});
    EXPECT_TRUE(std::holds_alternative<ClientDisconnects>(server.events.back()));
    EXPECT_FALSE(server.acceptor.active());
  }
}

TEST(AcceptorSession, SaveSessionInfo) {
  Server server;
  server.play(test::freerdp_handshake());
  server.take();
  server.acceptor.logged_on(3, "alice", "HOST", server.out);
  ByteReader in(server.out);
  in.skip(15 + 18);
  EXPECT_EQ(in.u32le(), 1u);
  EXPECT_EQ(in.u16le(), 1);
  EXPECT_EQ(in.u32le(), 576u);
  EXPECT_EQ(in.u32le(), 3u);
  EXPECT_EQ(in.u32le(), 10u);
  EXPECT_EQ(in.u32le(), 12u);
  in.skip(558);
  EXPECT_EQ(utf16le_to_utf8(in.take(10)), "HOST");
  EXPECT_EQ(utf16le_to_utf8(in.take(12)), "alice");
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(AcceptorSession, NamesTooLongAreCutBetweenCharacters) {
  Server server;
  server.play(test::freerdp_handshake());
  server.take();
  std::string emoji;
  for (int i = 0; i < 300; ++i) emoji += "\U0001F600";
  server.acceptor.logged_on(3, "x" + emoji, "x" + emoji, server.out);
  ByteReader in(server.out);
  in.skip(15 + 18 + 4 + 2 + 4 + 4);
  std::size_t domain = in.u32le(), user = in.u32le();
  EXPECT_LE(domain, 52u);
  EXPECT_LE(user, 512u);
  in.skip(558);
  EXPECT_EQ(utf16le_to_utf8(in.take(domain)), "x" + emoji.substr(0, 4 * 12));
  EXPECT_EQ(utf16le_to_utf8(in.take(user)), "x" + emoji.substr(0, 4 * 127));
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(AcceptorSession, LogonErrorsForClientsThatKnowThem) {
  Server server;
  server.play(test::freerdp_handshake());
  server.take();
  server.acceptor.logon_error(LogonErrorType::kSessionTerminate, LogonErrorData::kBadPassword, server.out);
  ByteReader in(server.out);
  in.skip(15 + 18);
  EXPECT_EQ(in.u32le(), 3u);
  in.skip(2);
  EXPECT_EQ(in.u32le(), 2u);
  EXPECT_EQ(in.u32le(), 8u);
  EXPECT_EQ(in.u32le(), 0xFFFFFFFDu);
  EXPECT_EQ(in.u32le(), 0u);
  EXPECT_EQ(in.remaining(), 570u);

  Server rdesktop;
  rdesktop.play(test::rdesktop_handshake());
  rdesktop.take();
  rdesktop.acceptor.logon_error(LogonErrorType::kSessionTerminate, LogonErrorData::kBadPassword,
                                rdesktop.out);
  EXPECT_TRUE(rdesktop.out.empty());
}

TEST(AcceptorSession, ReconnectCookieForClientsThatReconnect) {
  ServerReconnectCookie cookie;
  cookie.session_id = 3;
  Server rdesktop;
  EXPECT_FALSE(rdesktop.acceptor.reconnect_cookie(cookie, rdesktop.out));  // not active
  rdesktop.play(test::rdesktop_handshake());
  rdesktop.take();
  EXPECT_TRUE(rdesktop.acceptor.reconnect_cookie(cookie, rdesktop.out));
  EXPECT_EQ(said(rdesktop.out), Words{"data 26"});

  Server freerdp;  // which announces it with +auto-reconnect only
  freerdp.play(test::freerdp_handshake());
  freerdp.take();
  EXPECT_FALSE(freerdp.acceptor.reconnect_cookie(cookie, freerdp.out));
  EXPECT_TRUE(freerdp.out.empty());
}

TEST(AcceptorSession, ReconnectStatusOnceTheClientIsActive) {
  Server server;
  server.acceptor.reconnect_failed(server.out);
  EXPECT_TRUE(server.out.empty());
  server.play(test::freerdp_handshake());
  server.take();
  server.acceptor.reconnect_failed(server.out);
  EXPECT_EQ(said(server.out), Words{"data 32"});
}

TEST(AcceptorSession, KeyboardIndicators) {
  Server server;
  server.play(test::freerdp_handshake());
  server.take();
  server.acceptor.keyboard_indicators(0xFFFFFFF6, server.out);
  EXPECT_EQ(said(server.out), Words{"data 29"});
  EXPECT_EQ(Bytes(server.out.end() - 4, server.out.end()), hex("0000 0600"));
}

}  // namespace
}  // namespace ts::rdp
