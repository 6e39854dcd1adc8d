// Lines: what an event looks like, what a hostile name cannot do to one, and that ts-events(7) says the same.
#include "lib/events/event.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "lib/events/moment.h"

namespace ts::events {
namespace {

using nlohmann::ordered_json;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// 2026-11-21T01:02:03Z
constexpr Time kTime{seconds(1795222923)};

TEST(Line, HasTimeNameRoleAndTheFieldsOfItsKind) {
  Event event{.kind = Kind::kLogonFailed};
  event.session = 3;
  event.user = "ann";
  event.reason = "wrong user name or password";
  EXPECT_EQ(line_of(event, "tssession", kTime + microseconds(45)),
            R"({"time":"2026-11-21T01:02:03.000045Z","event":"logon-failed","role":"tssession","session":3,)"
            R"("user":"ann","domain":"","client":"","address":"","reason":"wrong user name or password"})"
            "\n");
}

TEST(Line, EveryKindHasExactlyItsFields) {
  std::set<Kind> kinds;
  for (const auto& schema : schema()) {
    EXPECT_TRUE(kinds.insert(schema.kind).second) << schema.name;
    Event event{.kind = schema.kind};
    auto object = ordered_json::parse(line_of(event, "tsd", kTime));
    std::vector<std::string_view> wanted(std::begin(kCommonFields), std::end(kCommonFields));
    wanted.insert(wanted.end(), schema.fields.begin(), schema.fields.end());
    std::vector<std::string> found;
    for (const auto& [name, value] : object.items()) found.push_back(name);
    EXPECT_TRUE(std::equal(found.begin(), found.end(), wanted.begin(), wanted.end())) << schema.name;
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(Kind::kShutdown) + 1);
}

TEST(Line, HostileTextIsOneLineOfPrintableAscii) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  // A second line that looks like an event, a title for the terminal, the second set of control characters.
  for (const std::string& text :
       {every, std::string("a\"}\n{\"time\":\"2026-11-21T01:02:03.000000Z\",\"event\":\"logon\"}"),
        std::string("\x1b]0;owned\x07\x1b[2J"),
        std::string("\xc2\x9b"
                    "2J\xe2\x80\xae"),
        std::string("\r\n\\\"")}) {
    Event event{.kind = Kind::kLogon};
    event.user = event.client = text;
    auto line = line_of(event, "tssession", kTime);
    EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }))
        << line;
    EXPECT_EQ(line.back(), '\n');
    auto record = parse_line(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(record) << line;
    EXPECT_EQ(record->event, "logon");
    EXPECT_EQ(record->line + '\n', line);
  }
}

TEST(Line, ValidTextComesBackAsItWas) {
  Event event{.kind = Kind::kLogon};
  event.user = "Jürgen \"the\\one\"\n漢字\t\x7f";
  event.session = 0;
  auto record = parse_line(line_of(event, "tssession", kTime));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->text("user"), event.user);
  EXPECT_EQ(record->session, 0u);
  EXPECT_EQ(record->text("nothing"), "");
}

TEST(Line, IsBounded) {
  Event event{.kind = Kind::kTakeover};
  event.user = event.domain = event.client = event.address = event.replaced_client = event.replaced_address =
      std::string(100'000, '\xff');
  EXPECT_LT(line_of(event, "tssession", kTime).size(), 32u * 1024);
}

TEST(Parse, WhatIsNoEventIsNothing) {
  const std::string time = R"("time":"2026-11-21T01:02:03.000000Z")";
  EXPECT_TRUE(parse_line("{" + time + R"(,"event":"tomorrow","weight":1.5,"session":-4})"));
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[]"), std::string("7"), std::string("null"),
        "{" + time + "}", std::string(R"({"event":"logon"})"), "{" + time + R"(,"event":7})",
        "{" + time + R"(,"event":""})", "{" + time + R"(,"event":"logon","more":{}})",
        "{" + time + R"(,"event":"logon"} x)",
        std::string(R"({"time":"2026-11-21T01:02:03Z","event":"logon"})"),
        std::string(R"({"time":"2026-11-21T01:02:03.0000000","event":"logon"})"),
        "{" + time + R"(,"event":"logon","more":)" + std::string(30'000, '[') + std::string(30'000, ']') +
            "}"}) {
    EXPECT_FALSE(parse_line(bad)) << bad.substr(0, 100);
  }
}

TEST(Moment, IsATimeOrASpanBeforeNow) {
  auto at = [](std::string_view text) {
    auto moment = parse_moment(text, kTime);
    return moment ? time_text(*moment) : moment.error().message;
  };
  EXPECT_EQ(at("10m"), time_text(kTime - minutes(10)));
  EXPECT_EQ(at("90s"), time_text(kTime - seconds(90)));
  EXPECT_EQ(at("2h"), time_text(kTime - hours(2)));
  EXPECT_EQ(at("3d"), time_text(kTime - hours(72)));
  EXPECT_EQ(at("0s"), time_text(kTime));
  EXPECT_EQ(at("2026-11-21"), "2026-11-21T00:00:00.000000Z");
  EXPECT_EQ(at("2024-02-29T10:30"), "2024-02-29T10:30:00.000000Z");
  EXPECT_EQ(at("2026-11-21 10:30:05"), "2026-11-21T10:30:05.000000Z");
  EXPECT_EQ(at("2026-11-21T10:30:05.25+01:30"), "2026-11-21T09:00:05.250000Z");
  EXPECT_EQ(at("2026-11-21T23:30:05.1234567-01:00"), "2026-11-22T00:30:05.123456Z");
  for (const char* bad : {"",
                          "m",
                          "90",
                          "2026",
                          "-5m",
                          "5w",
                          "1.5h",
                          "99999999999d",
                          "4000000000d",
                          "2026-13-01",
                          "2026-02-29",
                          "2026-1-1",
                          "2026-11-21T",
                          "2026-11-21T24:00",
                          "2026-11-21T10:60",
                          "2026-11-21T10:30:00.",
                          "2026-11-21T10:30+1",
                          "2026-11-21T10:30Zx",
                          "yesterday",
                          "2026-11-21T10:30:-1",
                          "1969-12-31",
                          "9999-12-31"}) {
    auto moment = parse_moment(bad, kTime);
    ASSERT_FALSE(moment) << bad;
    EXPECT_EQ(moment.error().code, ErrorCode::kUsage);
    EXPECT_THAT(moment.error().message, HasSubstr("'" + std::string(bad) + "' is neither a time"));
  }
}

/// Words of `.It Ic WORD` lines between two section titles of the page.
std::vector<std::string> words_of(const std::string& from, const std::string& to) {
  std::ifstream in(std::string(TS_SOURCE_DIR) + "/man/ts-events.7");
  std::vector<std::string> words;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == from) inside = true;
    if (line == to) inside = false;
    if (inside && line.starts_with(".It Ic ")) words.push_back(line.substr(7));
  }
  return words;
}

/// The field names that the page gives an event: its line `.Dl session user ...`.
std::string fields_in_page(std::string_view name) {
  std::ifstream in(std::string(TS_SOURCE_DIR) + "/man/ts-events.7");
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(".It Ic ")) inside = line.substr(7) == name;
    if (inside && line.starts_with(".Dl ")) return line.substr(4);
  }
  return "";
}

TEST(Page, HasEveryEventAndFieldAndNoOthers) {
  std::vector<std::string> events;
  std::set<std::string> fields(std::begin(kCommonFields), std::end(kCommonFields));
  for (const auto& schema : schema()) {
    events.emplace_back(schema.name);
    fields.insert(schema.fields.begin(), schema.fields.end());
    EXPECT_EQ(fields_in_page(schema.name), fmt::format("{}", fmt::join(schema.fields, " "))) << schema.name;
  }
  EXPECT_THAT(words_of(".Sh EVENTS", ".Sh FIELDS"), testing::UnorderedElementsAreArray(events));
  EXPECT_THAT(words_of(".Sh FIELDS", ".Sh FILES"), testing::UnorderedElementsAreArray(fields));
}

}  // namespace
}  // namespace ts::events
