// How people name sessions.
#include "lib/cli/session_client.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace ts::cli {
namespace {

std::vector<SessionRow> some_sessions() {
  std::vector<SessionRow> rows(4);
  rows[0].name = "console";
  rows[1].id = 3;
  rows[1].name = "rdp-tcp#2";
  rows[2].id = 4;  // disconnected: no name
  rows[3].id = 65536;
  rows[3].name = "rdp-tcp";
  return rows;
}

TEST(FindSession, ByIdOrName) {
  auto rows = some_sessions();
  EXPECT_EQ(find_session(rows, "3")->id, 3u);
  EXPECT_EQ(find_session(rows, "0")->id, 0u);
  EXPECT_EQ(find_session(rows, "rdp-tcp#2")->id, 3u);
  EXPECT_EQ(find_session(rows, "RDP-Tcp#2")->id, 3u);
  EXPECT_EQ(find_session(rows, "CONSOLE")->id, 0u);
  EXPECT_EQ(find_session(rows, "rdp-tcp")->id, 65536u);
}

TEST(FindSession, WhatIsNotThereIsNotFound) {
  auto rows = some_sessions();
  for (const char* named : {"17", "rdp-tcp#17", "", "-1", "3x", "99999999999"}) {
    auto found = find_session(rows, named);
    ASSERT_FALSE(found) << named;
    EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(found.error().message, testing::HasSubstr("see 'tsquery session'"));
  }
  EXPECT_EQ(find_session(rows, "17").error().message, "no session 17; see 'tsquery session'");
}

TEST(FindSession, AUserIsSentToTheirSessions) {
  auto rows = some_sessions();
  rows[2].user = "ann";
  auto found = find_session(rows, "ann");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "'ann' is no session but a user; 'tsquery session ann' lists theirs");
}

TEST(FindSession, TheListenerIsNoSessionToActOn) {
  EXPECT_TRUE(check_no_listener(0));
  EXPECT_TRUE(check_no_listener(3));
  auto checked = check_no_listener(65536);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(checked.error().message, "65536 is the listener and no session; see 'tsquery session'");
}

TEST(OwnSession, IsTheEnvironments) {
  ::setenv("TS_SESSION_ID", "12", 1);
  EXPECT_EQ(own_session(), 12u);
  ::setenv("TS_SESSION_ID", "12; rm", 1);
  EXPECT_EQ(own_session(), std::nullopt);
  ::unsetenv("TS_SESSION_ID");
  EXPECT_EQ(own_session(), std::nullopt);
}

TEST(SessionClient, SaysWhatToDoWhenNobodyIsThere) {
  Context context;
  context.config.layout = {"/nonexistent/s", "/nonexistent/r"};
  auto client = SessionClient::connect(context);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(client.error().message, testing::HasSubstr("/nonexistent/r/tssession.sock"));
  EXPECT_THAT(client.error().message, testing::HasSubstr("tsctl up"));
}

}  // namespace
}  // namespace ts::cli
