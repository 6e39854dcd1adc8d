// Which sessions are shown, and how.
#include "cmd/tsquery/session_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cmd/tsquery/session_follow.h"

namespace ts::tsquery {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

cli::SessionRow row(session::SessionId id, const char* name, const char* user, const char* state) {
  cli::SessionRow out;
  out.id = id;
  out.name = name;
  out.user = user;
  out.state = state;
  return out;
}

std::vector<cli::SessionRow> some_rows() {
  return {row(0, "console", "", "Conn"), row(3, "rdp-tcp#3", "ann", "Active"), row(4, "", "bob", "Disc"),
          row(5, "", "7", "Disc"), row(7, "", "", "Idle")};
}

std::vector<session::SessionId> ids(const Selection& selection) {
  std::vector<session::SessionId> out;
  auto rows = chosen(some_rows(), selection);
  EXPECT_TRUE(rows);
  for (const auto& one : *rows) out.push_back(one.id);
  return out;
}

Selection selection(const char* which, const char* id, const char* user, const char* states) {
  auto out = Selection::from(which, id, user, states);
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

TEST(SessionView, LimitsAreShownWithWhatIsNotInForce) {
  auto limited = row(3, "rdp-tcp#3", "ann", "Active");
  auto columns = columns_from("id,limits");
  ASSERT_TRUE(columns);
  EXPECT_THAT(cells_of(limited, *columns), ElementsAre("3", ""));
  EXPECT_TRUE(session_json(limited)["limits"].is_null());
  limited.limits = cli::LimitsRow{.memory_bytes = 2'000'000'000, .tasks = 300};
  EXPECT_THAT(cells_of(limited, *columns), ElementsAre("3", "memory=2000000000 tasks=300"));
  limited.limits->not_in_force = {"memory", "tasks"};
  EXPECT_THAT(cells_of(limited, *columns),
              ElementsAre("3", "memory=2000000000 tasks=300 (not in force: memory, tasks)"));
  EXPECT_EQ(session_json(limited)["limits"].dump(),
            R"({"memory_bytes":2000000000,"cpu_weight":null,"tasks":300,"not_in_force":["memory","tasks"]})");
}

TEST(Selection, ByIdNameUserAndState) {
  EXPECT_THAT(ids(selection("", "", "", "")), ElementsAre(0, 3, 4, 5, 7));
  EXPECT_THAT(ids(selection("3", "", "", "")), ElementsAre(3));
  EXPECT_THAT(ids(selection("RDP-tcp#3", "", "", "")), ElementsAre(3));
  EXPECT_THAT(ids(selection("bob", "", "", "")), ElementsAre(4));
  EXPECT_THAT(ids(selection("7", "", "", "")), ElementsAre(7)) << "a number is an id";
  EXPECT_THAT(ids(selection("", "", "7", "")), ElementsAre(5)) << "unless it is said to be a user";
  EXPECT_THAT(ids(selection("", "4", "", "")), ElementsAre(4));
  EXPECT_THAT(ids(selection("", "", "", "active,DISC")), ElementsAre(3, 4, 5));
  EXPECT_THAT(ids(selection("bob", "4", "bob", "Disc")), ElementsAre(4));
  EXPECT_THAT(ids(selection("", "", "bob", "Active")), ElementsAre()) << "known, only not so now";
}

TEST(Selection, WhatIsNamedAndNotThereIsNotFound) {
  for (auto [which, id, user] :
       {std::tuple{"17", "", ""}, {"", "17", ""}, {"", "", "eve"}, {"", "3", "bob"}}) {
    auto found = chosen(some_rows(), selection(which, id, user, ""));
    ASSERT_FALSE(found) << which << id << user;
    EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  }
  EXPECT_THAT(chosen(some_rows(), selection("", "", "e\nve", "")).error().message, HasSubstr("'e\\x0ave'"));
  EXPECT_THAT(chosen(some_rows(), selection("", "3", "bob", "")).error().message,
              HasSubstr("no session has the id 3 and the user 'bob'"));
}

TEST(Selection, RefusesWhatIsNoIdOrState) {
  EXPECT_EQ(Selection::from("", "x", "", "").error().code, ErrorCode::kUsage);
  auto bad = Selection::from("", "", "", "Active,disk");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
  EXPECT_THAT(bad.error().message, HasSubstr("Init, Idle, Conn, Active, Disc, Down, Listen"));
  EXPECT_FALSE(Selection::from("", "", "", "Active,"));
}

TEST(Selection, AStateGivenAsTheFolderIsNoticed) {
  EXPECT_TRUE(check_state_folder({}));
  EXPECT_TRUE(check_state_folder("/var/lib/ts"));
  EXPECT_TRUE(check_state_folder("./Active"));
  auto meant = check_state_folder("active,disc");
  ASSERT_FALSE(meant);
  EXPECT_EQ(meant.error().code, ErrorCode::kUsage);
  EXPECT_THAT(meant.error().message, HasSubstr("--states active,disc"));
}

TEST(Columns, AreChosenByKey) {
  auto columns = columns_from("ID,username");
  ASSERT_TRUE(columns);
  EXPECT_THAT(cells_of(some_rows()[1], *columns), ElementsAre("3", "ann"));
  auto defaults = columns_from("");
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->size(), 6u);
  auto every = columns_from(valid_columns());
  ASSERT_TRUE(every);
  cli::SessionRow full = some_rows()[1];
  full.client = cli::ClientRow{"pc", "10.0.0.1:5", 800, 600, 32};
  full.display = 12;
  full.logon_time = "2026-11-21T00:00:00Z";
  EXPECT_THAT(cells_of(full, *every), testing::Contains("800x600"));
  EXPECT_THAT(cells_of(full, *every), testing::Contains(":12"));
}

TEST(Columns, AnUnknownOneIsRefusedWithAllThereAre) {
  auto bad = columns_from("id,usernam");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
  EXPECT_THAT(bad.error().message, HasSubstr(valid_columns()));
  EXPECT_THAT(bad.error().message, HasSubstr("did you mean 'username'?"));
  EXPECT_FALSE(columns_from("id,"));
}

TEST(ChangeFilter, WhatComesIsNewAndWhatNoLongerFitsIsGone) {
  ChangeFilter filter(selection("", "", "", "Active"));
  EXPECT_EQ(filter.shown_as({"present", row(1, "", "a", "Active")}), "present");
  EXPECT_EQ(filter.shown_as({"present", row(2, "", "b", "Disc")}), std::nullopt);
  EXPECT_EQ(filter.shown_as({"changed", row(2, "", "b", "Active")}), "new");
  EXPECT_EQ(filter.shown_as({"changed", row(1, "", "a", "Active")}), "changed");
  EXPECT_EQ(filter.shown_as({"changed", row(1, "", "a", "Disc")}), "gone");
  EXPECT_EQ(filter.shown_as({"gone", row(1, "", "a", "Disc")}), std::nullopt);
  EXPECT_EQ(filter.shown_as({"gone", row(2, "", "b", "Active")}), "gone");
  EXPECT_EQ(filter.shown_as({"new", row(3, "", "c", "Idle")}), std::nullopt);
}

}  // namespace
}  // namespace ts::tsquery
