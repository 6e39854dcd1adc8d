// The connector against the real acceptor: both machines talk to each other in memory.
#include "lib/rdp/connector.h"

#include <gtest/gtest.h>

#include "lib/rdp/license.h"
#include "lib/rdp/update_reader.h"
#include "tests/unit/rdp/both_ends.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::BothEnds;
using test::hex;

Bytes patterned(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::byte>(i * 7 + (i >> 8));
  return data;
}

TEST(ConnectorWithAcceptor, GoesThroughTheWholeSequence) {
  BothEnds ends({.cookie_user = "alice", .client_name = "probe-1", .width = 800, .height = 600, .depth = 24});
  EXPECT_EQ(ends.client.state_name(), "not started");
  ends.connect();
  ASSERT_EQ(ends.broken, "");
  EXPECT_TRUE(ends.client.active());
  EXPECT_TRUE(ends.server.active());

  // What the server heard.
  ASSERT_EQ(ends.heard<CookieSeen>().size(), 1u);
  EXPECT_EQ(ends.heard<CookieSeen>()[0]->user, "alice");
  auto* connected = ends.heard<ClientConnected>().at(0);
  EXPECT_EQ(connected->name, "probe-1");
  EXPECT_EQ(connected->width, 800);
  EXPECT_EQ(connected->height, 600);
  EXPECT_EQ(connected->depth, 24);
  EXPECT_EQ(connected->keyboard_layout, 0x409u);
  EXPECT_TRUE(connected->channels.empty());
  EXPECT_FALSE(connected->redirected_session.has_value());
  auto* info = ends.heard<ClientInfo>().at(0);
  EXPECT_EQ(info->user, "alice");
  EXPECT_EQ(info->domain, "HOST");
  EXPECT_EQ(info->password.text(), "s3cret");
  EXPECT_TRUE(info->flags.autologon);
  EXPECT_TRUE(info->flags.logon_notify);
  EXPECT_TRUE(info->flags.logon_errors);
  auto* activated = ends.heard<Activated>().at(0);
  EXPECT_TRUE(activated->capabilities.fast_path_output);
  EXPECT_TRUE(activated->capabilities.desktop_resize);
  EXPECT_EQ(activated->capabilities.max_fragmented_update, kMaxReassembledUpdate);
  EXPECT_TRUE(ends.heard<KeyInput>().empty());  // a probe types nothing

  // What the client was told, in order.
  ASSERT_EQ(ends.client_events.size(), 5u);
  EXPECT_TRUE(std::holds_alternative<TlsSelected>(ends.client_events[0]));
  EXPECT_EQ(std::get<ServerFound>(ends.client_events[1]).version, 0x00080004u);
  EXPECT_TRUE(std::holds_alternative<ReadyForLogon>(ends.client_events[2]));
  const auto& licensing = std::get<LicensingDone>(ends.client_events[3]);
  EXPECT_FALSE(licensing.requested);
  EXPECT_FALSE(licensing.refused);
  EXPECT_EQ(licensing.error, kLicenseStatusValidClient);
  const auto& desktop = std::get<DesktopReady>(ends.client_events[4]);
  EXPECT_EQ(desktop.width, 800);
  EXPECT_EQ(desktop.height, 600);
  EXPECT_EQ(desktop.depth, 24);
  EXPECT_FALSE(desktop.again);
}

TEST(ConnectorWithAcceptor, EveryDepthAndTheServersSize) {
  for (std::uint16_t depth : {8, 15, 16, 24, 32}) {
    BothEnds ends({.width = 5000, .height = 4000, .depth = depth}, {.max_width = 1280, .max_height = 1024});
    ends.connect();
    ASSERT_EQ(ends.broken, "");
    EXPECT_EQ(ends.heard<ClientConnected>().at(0)->depth, depth);
    EXPECT_EQ(ends.told<DesktopReady>().at(0)->depth, depth);
    EXPECT_EQ(ends.told<DesktopReady>().at(0)->width, 1280);
    EXPECT_EQ(ends.told<DesktopReady>().at(0)->height, 1024);
  }
}

TEST(ConnectorWithAcceptor, RoutingTokenInsteadOfTheCookie) {
  BothEnds ends({.cookie_user = "alice", .routing_token = "Cookie: msts=3640205228.15629.0000"});
  ends.connect();
  ASSERT_EQ(ends.broken, "");
  EXPECT_EQ(ends.heard<CookieSeen>().at(0)->user, "");
  EXPECT_EQ(ends.heard<CookieSeen>().at(0)->routing_token, "Cookie: msts=3640205228.15629.0000");
}

TEST(ConnectorWithAcceptor, LeavesBeforeTheLogon) {
  BothEnds ends;
  ends.stop_before_logon = true;
  ends.connect();
  ASSERT_EQ(ends.broken, "");
  EXPECT_EQ(ends.client.state_name(), "ready to log on");
  EXPECT_TRUE(ends.heard<ClientInfo>().empty());
  ends.client.leave(ends.to_server);
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  EXPECT_EQ(ends.heard<ClientDisconnects>().size(), 1u);
  EXPECT_EQ(ends.client.state_name(), "ended");
}

TEST(ConnectorWithAcceptor, WithoutAPasswordNobodyIsLoggedOnAtOnce) {
  BothEnds ends;
  ends.stop_before_logon = true;
  ends.connect();
  ASSERT_TRUE(ends.client.log_on({}, ends.to_server).has_value());
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  EXPECT_FALSE(ends.heard<ClientInfo>().at(0)->flags.autologon);
}

TEST(ConnectorWithAcceptor, BitmapsOnBothPathsArriveAsTheyWereDrawn) {
  for (bool fast_path : {true, false}) {
    BothEnds ends({.fast_path = fast_path});
    ends.connect();
    ASSERT_EQ(ends.broken, "");
    Bytes raw = patterned(64 * 60 * 4), packed = patterned(3000);
    std::vector<BitmapRect> rects{{.left = 10,
                                   .top = 20,
                                   .right = 72,
                                   .bottom = 79,
                                   .width = 64,
                                   .height = 60,
                                   .depth = 32,
                                   .data = raw},
                                  {.left = 0,
                                   .top = 0,
                                   .right = 63,
                                   .bottom = 63,
                                   .width = 64,
                                   .height = 64,
                                   .depth = 32,
                                   .compressed = true,
                                   .data = packed}};
    ASSERT_TRUE(ends.server.updates()->bitmaps(rects, ends.to_client).has_value());
    ends.server.updates()->hide_pointer(ends.to_client);
    ends.pump();
    ASSERT_EQ(ends.broken, "");
    std::vector<BitmapPiece> pieces;
    for (auto* update : ends.told<BitmapUpdate>())
      pieces.insert(pieces.end(), update->pieces.begin(), update->pieces.end());
    ASSERT_EQ(pieces.size(), 2u) << fast_path;
    EXPECT_EQ(pieces[0].left, 10);
    EXPECT_EQ(pieces[0].bottom, 79);
    EXPECT_EQ(pieces[0].width, 64);
    EXPECT_EQ(pieces[0].depth, 32);
    EXPECT_FALSE(pieces[0].compressed);
    EXPECT_EQ(pieces[0].data, raw);
    EXPECT_TRUE(pieces[1].compressed);
    EXPECT_EQ(pieces[1].data, packed);
  }
}

TEST(ConnectorWithAcceptor, FragmentsArePutTogether) {
  BothEnds ends;
  ends.connect();
  Bytes packed = patterned(60'000);
  BitmapRect rect{
      .right = 63, .bottom = 63, .width = 64, .height = 64, .depth = 32, .compressed = true, .data = packed};
  ASSERT_TRUE(ends.server.updates()->bitmaps({&rect, 1}, ends.to_client).has_value());
  EXPECT_GT(ends.to_client.size(), packed.size() + 2 * 0x10);
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  EXPECT_EQ(ends.told<BitmapUpdate>().at(0)->pieces.at(0).data, packed);
}

TEST(ConnectorWithAcceptor, PalettesPointersAndLightsDoNotDisturb) {
  BothEnds ends({.depth = 8});
  ends.connect();
  std::array<PaletteEntry, 256> colors;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    auto value = static_cast<std::uint8_t>(i);
    colors[i] = {value, static_cast<std::uint8_t>(255 - value), 7};
  }
  ends.server.updates()->palette(colors, ends.to_client);
  ends.server.updates()->default_pointer(ends.to_client);
  ends.server.updates()->move_pointer(5, 6, ends.to_client);
  ends.server.keyboard_indicators(2, ends.to_client);
  ends.server.deny_shutdown(ends.to_client);
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  auto* palette = ends.told<PaletteUpdate>().at(0);
  EXPECT_EQ(palette->colors[3].red, 3);
  EXPECT_EQ(palette->colors[3].green, 252);
  EXPECT_EQ(palette->colors[255].blue, 7);
}

TEST(ConnectorWithAcceptor, LogonIsTold) {
  BothEnds ends;
  ends.connect();
  ends.server.logged_on(17, "alice", "HOST", ends.to_client);
  ends.server.logon_error(LogonErrorType::kNoPermission, LogonErrorData::kOther, ends.to_client);
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  auto* logged_on = ends.told<LoggedOn>().at(0);
  EXPECT_EQ(logged_on->session_id, 17u);
  EXPECT_EQ(logged_on->user, "alice");
  EXPECT_EQ(logged_on->domain, "HOST");
  EXPECT_EQ(ends.told<LogonError>().at(0)->type, 0xFFFFFFFAu);
  EXPECT_EQ(ends.told<LogonError>().at(0)->data, 2u);
}

TEST(ConnectorWithAcceptor, FollowsReactivations) {
  BothEnds ends;
  ends.connect();
  for (std::uint16_t size : {640, 1280}) {
    std::size_t gone = ends.told<DesktopGone>().size();
    ASSERT_TRUE(ends.server.reactivate(size, 480, ends.to_client));
    ends.pump();
    ASSERT_EQ(ends.broken, "");
    EXPECT_EQ(ends.told<DesktopGone>().size(), gone + 1);
    EXPECT_EQ(ends.told<DesktopReady>().back()->width, size);
    EXPECT_TRUE(ends.told<DesktopReady>().back()->again);
    EXPECT_TRUE(ends.server.active() && ends.client.active());
  }
}

TEST(ConnectorWithAcceptor, IsToldWhyItEnds) {
  BothEnds ends;
  ends.connect();
  ends.server.end(0xA, ends.to_client);
  ends.pump();
  ASSERT_EQ(ends.broken, "");
  EXPECT_EQ(ends.told<ErrorInfo>().at(0)->code, 0xAu);
  EXPECT_EQ(ends.told<ServerDisconnects>().at(0)->reason, 1);
  EXPECT_EQ(ends.client.state_name(), "ended");
  Bytes nothing;
  ends.client.leave(nothing);
  EXPECT_TRUE(nothing.empty());
}

TEST(ConnectorWithAcceptor, LogoffIsTheUsersReason) {
  BothEnds ends;
  ends.connect();
  ends.server.end(0xC, ends.to_client);
  ends.pump();
  EXPECT_EQ(ends.told<ServerDisconnects>().at(0)->reason, 3);
}

TEST(Connector, TextsThatCannotBeSentAreRefusedBeforehand) {
  for (auto& [user, password] : {std::pair{std::string(256, 'x'), std::string("p")},
                                 {std::string("a"), std::string(256, 'y')},
                                 {std::string("a\0b", 3), std::string("p")}}) {
    BothEnds ends;
    ends.stop_before_logon = true;
    ends.connect();
    ClientInfo info;
    info.user = user;
    info.password = Secret(std::string(password));
    auto done = ends.client.log_on(std::move(info), ends.to_server);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::kUsage);
    EXPECT_TRUE(ends.to_server.empty());
    EXPECT_EQ(done.error().message.find(std::string(10, 'y')), std::string::npos);
  }
  BothEnds longest;
  longest.stop_before_logon = true;
  longest.connect();
  ClientInfo info;
  info.user = std::string(255, 'x');
  info.password = Secret(std::string(255, 'y'));
  ASSERT_TRUE(longest.client.log_on(std::move(info), longest.to_server).has_value());
  longest.pump();
  EXPECT_EQ(longest.broken, "");
  EXPECT_EQ(longest.heard<ClientInfo>().at(0)->user.size(), 255u);
}

TEST(Connector, CookiesAreOneLineOfText) {
  EXPECT_TRUE(check_cookie("alice").has_value());
  EXPECT_TRUE(check_cookie(std::string(200, 'x')).has_value());
  EXPECT_FALSE(check_cookie(std::string(201, 'x')).has_value());
  EXPECT_FALSE(check_cookie("a\rb").has_value());
  EXPECT_FALSE(check_cookie("a\nb").has_value());
  EXPECT_FALSE(check_cookie(std::string("a\0b", 3)).has_value());
}

}  // namespace
}  // namespace ts::rdp
