// The acceptor against whole handshakes of a FreeRDP-like and an rdesktop-like client, and while active.
#include <gtest/gtest.h>

#include "tests/unit/rdp/server_under_test.h"

namespace ts::rdp {
namespace {

using test::ClientShape;
using test::hex;
using test::said;
using test::Server;
using test::Words;

TEST(AcceptorHandshake, OfFreerdp) {
  Server server;
  ClientShape shape;
  ASSERT_TRUE(server.feed(test::connection_request("Cookie: mstshash=alice", 3)).has_value());
  EXPECT_EQ(server.take(), hex("03 00 00 13 0E D0 00 00 12 34 00 02 01 08 00 01 00 00 00"));
  EXPECT_EQ(server.one<CookieSeen>()->user, "alice");
  EXPECT_TRUE(std::holds_alternative<StartTls>(server.events.back()));

  auto connect = test::connect_pdus(shape);
  server.play({connect[0]});
  EXPECT_EQ(said(server.take()), (Words{"mcs 7f66"}));
  auto* connected = server.one<ClientConnected>();
  EXPECT_EQ(connected->name, "client");
  EXPECT_EQ(connected->width, 1024);
  EXPECT_EQ(connected->height, 768);
  EXPECT_EQ(connected->depth, 32);
  EXPECT_EQ(connected->keyboard_layout, 0x407u);
  ASSERT_EQ(connected->channels.size(), 3u);
  EXPECT_EQ(connected->channels[0].name, "rdpdr");
  EXPECT_EQ(connected->channels[2].id, 1006);
  EXPECT_FALSE(connected->console);
  EXPECT_FALSE(connected->redirected_session.has_value());

  server.play({connect.begin() + 1, connect.end() - 1});
  // User 1008, then the joins of 1008, 1003, the channels and the message channel.
  EXPECT_EQ(said(server.take()),
            (Words{"mcs 2e00", "mcs 3e00", "mcs 3e00", "mcs 3e00", "mcs 3e00", "mcs 3e00", "mcs 3e00"}));
  EXPECT_EQ(server.acceptor.state_name(), "awaiting client info");

  server.play({connect.back()});
  EXPECT_EQ(said(server.take()), (Words{"license", "share 1"}));
  auto* info = server.one<ClientInfo>();
  EXPECT_EQ(info->user, "alice");
  EXPECT_EQ(info->password.text(), "s3cret");

  auto activate = test::activate_pdus(shape);
  server.play({activate[0]});
  EXPECT_EQ(said(server.take()), (Words{"data 1f", "data 14"}));  // at once: some clients wait for it
  EXPECT_FALSE(server.acceptor.active());
  EXPECT_EQ(server.acceptor.updates(), nullptr);
  server.play({activate.begin() + 1, activate.end()});
  EXPECT_EQ(said(server.take()), (Words{"data 14", "data 28"}));
  auto* activated = server.one<Activated>();
  EXPECT_EQ(activated->width, 1024);
  EXPECT_EQ(activated->depth, 32);
  EXPECT_TRUE(activated->capabilities.fast_path_output);
  EXPECT_FALSE(activated->again);
  EXPECT_TRUE(server.acceptor.active());
  EXPECT_NE(server.acceptor.updates(), nullptr);
}

TEST(AcceptorHandshake, OfRdesktop) {
  Server server;
  server.play(test::rdesktop_handshake());
  EXPECT_TRUE(server.acceptor.active());
  // Nothing but synchronise, cooperate, granted, font map after Demand Active: it counts them.
  EXPECT_EQ(said(server.out), (Words{"confirm", "mcs 7f66", "mcs 2e00", "mcs 3e00", "mcs 3e00", "mcs 3e00",
                                     "mcs 3e00", "mcs 3e00", "mcs 3e00", "mcs 3e00", "license", "share 1",
                                     "data 1f", "data 14", "data 14", "data 28"}));
  EXPECT_EQ(server.one<SynchronizeInput>()->locks, 2u);
  EXPECT_EQ(server.one<ClientConnected>()->depth, 24);
  EXPECT_EQ(server.one<Activated>()->capabilities.max_fragmented_update, 65535u);
}

TEST(AcceptorHandshake, PreconnectionPduFirst) {
  Server server;
  server.play({hex("18 00 00 00 00 00 00 00 02 00 00 00 07 00 00 00 03 00 68 00 69 00 00 00")});
  EXPECT_EQ(server.one<PreconnectionSeen>()->text, "hi");
  server.play(test::freerdp_handshake());
  EXPECT_TRUE(server.acceptor.active());
}

TEST(AcceptorHandshake, SkipsChannelJoinsWhenTheClientCan) {
  ClientShape shape;
  shape.early_flags |= 0x0800;
  Server server;
  server.play(test::handshake(shape));
  EXPECT_TRUE(server.acceptor.active());
}

TEST(AcceptorHandshake, SeveralSharePdusInOneMcsPdu) {
  ClientShape shape;
  Server server;
  server.play({test::connection_request("", 1)});
  server.play(test::connect_pdus(shape));
  std::uint16_t user = test::user_channel(shape);
  Bytes all = test::share(3, user, test::confirm_active(shape));
  for (const auto& pdu :
       {hex("0080 0000 0000 EA03") /* flow PDU */, test::data_pdu(0x1F, user, hex("0100 EA03")),
        test::data_pdu(0x14, user, hex("0400 0000 00000000")),
        test::data_pdu(0x14, user, hex("0100 0000 00000000")),
        test::data_pdu(0x27, user, hex("0000 0000 0300 3200"))}) {
    all.insert(all.end(), pdu.begin(), pdu.end());
  }
  server.play({test::on_io(shape, all)});
  EXPECT_TRUE(server.acceptor.active());
}

TEST(AcceptorHandshake, DesktopSizeStaysWithinLimits) {
  struct Case {
    std::uint16_t width, height, max_width, max_height, expected_width, expected_height;
  };
  for (auto c : {Case{5000, 4000, 1920, 1200, 1920, 1200}, Case{801, 601, 1920, 1200, 800, 601},
                 Case{0, 0, 1920, 1200, 64, 64}, Case{65535, 65535, 1921, 10, 1920, 64}}) {
    ClientShape shape;
    shape.width = c.width;
    shape.height = c.height;
    Server server({.max_width = c.max_width, .max_height = c.max_height});
    server.play(test::handshake(shape));
    EXPECT_EQ(server.one<Activated>()->width, c.expected_width);
    EXPECT_EQ(server.one<Activated>()->height, c.expected_height);
    EXPECT_EQ(server.one<ClientConnected>()->wanted_width, c.width);
  }
}

TEST(AcceptorHandshake, ConsoleAndRedirectedSession) {
  ClientShape shape;
  shape.cluster_flags = 0x0F;
  Server console;
  console.play(test::handshake(shape));
  EXPECT_TRUE(console.one<ClientConnected>()->console);
  shape.session = 9;
  Server redirected;
  redirected.play(test::handshake(shape));
  EXPECT_FALSE(redirected.one<ClientConnected>()->console);
  EXPECT_EQ(redirected.one<ClientConnected>()->redirected_session, 9u);
}

TEST(AcceptorRefusal, WithoutTlsAmongTheOffers) {
  for (std::uint32_t protocols : {0u, 2u, 8u, 4u, 0x1Au}) {
    Server server;
    ASSERT_TRUE(server.feed(test::connection_request("Cookie: mstshash=a", protocols)).has_value());
    EXPECT_EQ(server.out, hex("03 00 00 13 0E D0 00 00 12 34 00 03 00 08 00 01 00 00 00"));
    EXPECT_NE(server.one<Refused>()->text, "");
    EXPECT_TRUE(server.all<StartTls>().empty());
    EXPECT_EQ(server.acceptor.state_name(), "ended");
  }
}

TEST(AcceptorRefusal, WithoutNegotiationInSilence) {
  Server server;
  ASSERT_TRUE(server.feed(test::connection_request("Cookie: mstshash=a", 0, false)).has_value());
  EXPECT_TRUE(server.out.empty());
  EXPECT_EQ(server.one<Refused>()->text, "client offers no security negotiation, and TLS is required");
  server.acceptor.end(7, server.out);
  EXPECT_TRUE(server.out.empty());
}

TEST(AcceptorActive, InputOnBothPathsAndWishes) {
  ClientShape shape;
  Server server;
  server.play(test::handshake(shape));
  server.events.clear();
  std::uint16_t user = test::user_channel(shape);
  server.play({hex("04 04 00 1E"), test::slow_input(shape, "0400 0000 1F00 0000"),
               test::on_io(shape, test::data_pdu(0x21, user, hex("01 000000 0000 0000 0A00 0A00"))),
               test::on_io(shape, test::data_pdu(0x23, user, hex("00 000000"))),
               test::on_io(shape, test::data_pdu(0x24, user, {})),
               test::on_io(shape, test::data_pdu(0x38, user, hex("01000000"))),
               test::send_data(user, 1004, Bytes(1600))});
  ASSERT_EQ(server.events.size(), 5u);
  EXPECT_EQ(std::get<KeyInput>(server.events[0]).code, 0x1E);
  EXPECT_EQ(std::get<KeyInput>(server.events[1]).code, 0x1F);
  EXPECT_EQ(std::get<RefreshRect>(server.events[2]).rects[0].right, 10);
  EXPECT_TRUE(std::get<SuppressOutput>(server.events[3]).suppressed);
  EXPECT_TRUE(std::holds_alternative<ShutdownRequested>(server.events[4]));
  server.take();
  server.acceptor.deny_shutdown(server.out);
  EXPECT_EQ(said(server.out), Words{"data 25"});
}

TEST(AcceptorActive, Reactivation) {
  ClientShape shape;
  Server server({.max_width = 1920, .max_height = 1200});
  EXPECT_FALSE(server.acceptor.reactivate(640, 480, server.out));
  EXPECT_TRUE(server.out.empty());
  server.play(test::handshake(shape));
  server.take();
  server.events.clear();
  EXPECT_TRUE(server.acceptor.reactivate(2001, 480, server.out));
  EXPECT_EQ(said(server.take()), (Words{"share 6", "share 1"}));
  EXPECT_FALSE(server.acceptor.active());
  EXPECT_EQ(server.acceptor.updates(), nullptr);
  EXPECT_FALSE(server.acceptor.reactivate(640, 480, server.out));
  server.acceptor.keyboard_indicators(1, server.out);
  server.acceptor.logged_on(1, "alice", "", server.out);
  EXPECT_TRUE(server.out.empty());
  // Input and wishes that were on their way are no offence.
  server.play({hex("04 04 00 1E"), test::slow_input(shape, "0400 0000 1F00 0000")});
  EXPECT_EQ(server.all<KeyInput>().size(), 2u);
  shape.fast_path = false;
  server.play(test::activate_pdus(shape));
  EXPECT_EQ(server.one<Activated>()->width, 1920);
  EXPECT_EQ(server.one<Activated>()->height, 480);
  EXPECT_TRUE(server.one<Activated>()->again);
  server.take();
  server.acceptor.updates()->hide_pointer(server.out);
  EXPECT_EQ(said(server.out), Words{"data 1b"});
}

}  // namespace
}  // namespace ts::rdp
