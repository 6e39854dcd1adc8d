// What tsquery events is asked for, and what it shows of names that strangers choose.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "cmd/tsquery/event_filter.h"
#include "cmd/tsquery/event_output.h"
#include "lib/base/unique_fd.h"

namespace ts::tsquery {
namespace {

using events::Event;
using events::Kind;
using testing::HasSubstr;

// 2026-11-21T01:02:03Z
constexpr events::Time kTime{std::chrono::seconds(1795222923)};

events::Record record_of(const Event& event, events::Time time = kTime) {
  return *events::parse_line(events::line_of(event, "tssession", time));
}

Event logon() {
  Event event{.kind = Kind::kLogon};
  event.session = 3;
  event.user = "ann";
  event.client = "PC1";
  event.address = "192.0.2.7:50412";
  return event;
}

bool admits(const EventOptions& options, const Event& event, events::Time time = kTime) {
  auto filter = EventFilter::from(options, kTime);
  EXPECT_TRUE(filter) << filter.error().message;
  return filter->admits(record_of(event, time));
}

TEST(Filter, AdmitsWhatAllOptionsAdmit) {
  EXPECT_TRUE(admits({}, logon()));
  EXPECT_TRUE(admits({.user = "ann"}, logon()));
  EXPECT_FALSE(admits({.user = "Ann"}, logon()));
  EXPECT_TRUE(admits({.session = "3"}, logon()));
  EXPECT_FALSE(admits({.session = "4"}, logon()));
  EXPECT_FALSE(admits({.session = "0"}, {.kind = Kind::kRefused}));
  EXPECT_TRUE(admits({.events = "logoff,logon"}, logon()));
  EXPECT_FALSE(admits({.events = "logoff"}, logon()));
  EXPECT_FALSE(admits({.user = "ann", .session = "4"}, logon()));
}

TEST(Filter, TimesAreFromAndBefore) {
  EXPECT_TRUE(admits({.since = "2026-11-21T01:02:03Z"}, logon()));
  EXPECT_FALSE(admits({.since = "2026-11-21T01:02:03.000001Z"}, logon()));
  EXPECT_FALSE(admits({.until = "2026-11-21T01:02:03Z"}, logon()));
  EXPECT_TRUE(admits({.until = "2026-11-21T01:02:04Z"}, logon()));
  EXPECT_TRUE(admits({.since = "10m"}, logon(), kTime - std::chrono::seconds(600)));
  EXPECT_FALSE(admits({.since = "10m"}, logon(), kTime - std::chrono::seconds(601)));
}

TEST(Filter, SaysWhatIsWrong) {
  auto complaint = [](const EventOptions& options) {
    auto filter = EventFilter::from(options, kTime);
    EXPECT_FALSE(filter);
    EXPECT_EQ(filter.error().code, ErrorCode::kUsage);
    return filter.error().message;
  };
  EXPECT_THAT(complaint({.since = "soon"}), HasSubstr("--since: 'soon' is neither a time"));
  EXPECT_THAT(complaint({.until = "-1"}), HasSubstr("--until: '-1'"));
  EXPECT_THAT(complaint({.since = "10s", .until = "1h"}), HasSubstr("nothing can be in between"));
  EXPECT_THAT(complaint({.since = "2026-11-21", .until = "2026-11-21"}), HasSubstr("is not after --since"));
  EXPECT_THAT(complaint({.session = "x"}), HasSubstr("--session: 'x' is no SessionID"));
  EXPECT_THAT(complaint({.events = "logon,reconect"}),
              HasSubstr("no event 'reconect', did you mean 'reconnect'?"));
  EXPECT_THAT(complaint({.events = "logon,"}), HasSubstr("no event ''"));
}

TEST(Row, HasTheColumnsUnderTheTitles) {
  EXPECT_EQ(
      event_titles(),
      "TIME (UTC)               EVENT              ID  USER              ADDRESS                DETAILS");
  EXPECT_EQ(
      event_row(record_of(logon())),
      "2026-11-21 01:02:03.000  logon               3  ann               192.0.2.7:50412        client PC1");
}

TEST(Row, SaysWhatNoColumnHas) {
  auto event = logon();
  event.kind = Kind::kTakeover;
  event.domain = "LAB";
  event.replaced_client = "PC0";
  event.replaced_address = "192.0.2.6:1";
  EXPECT_THAT(event_row(record_of(event)), HasSubstr("LAB\\ann"));
  EXPECT_THAT(event_row(record_of(event)), HasSubstr("client PC1, instead of PC0, at 192.0.2.6:1"));
  Event restarted{.kind = Kind::kRoleRestarted, .reason = "signal 9 (Killed)", .daemon = "tsd"};
  EXPECT_THAT(event_row(record_of(restarted)), HasSubstr("tsd, signal 9 (Killed)"));
  EXPECT_THAT(event_row(record_of({.kind = Kind::kRoleStarted})), HasSubstr("  tssession"));
}

TEST(Row, NamesDoNotSteerATerminal) {
  std::string every;
  for (int byte = 1; byte < 256; ++byte) every += static_cast<char>(byte);
  auto event = logon();
  event.user = every;
  event.client = "\x1b]0;owned\x07\r\n2026-11-21 01:02:03.000  logoff";
  event.address =
      "\xc2\x9b"
      "2J\xe2\x80\xae"
      "abc\xe2\x81\xa6";
  auto row = event_row(record_of(event));
  for (std::size_t i = 0; i < row.size(); ++i) {
    auto c = static_cast<unsigned char>(row[i]);
    EXPECT_TRUE(c >= 0x20 && c != 0x7f) << i;
    EXPECT_FALSE(c == 0xc2 && static_cast<unsigned char>(row[i + 1]) < 0xa0) << i;
  }
  EXPECT_THAT(row, HasSubstr("?]0;owned???2026"));
  EXPECT_THAT(row, HasSubstr("?2J?abc?"));
  event.user = "Jürgen";
  EXPECT_THAT(event_row(record_of(event)), HasSubstr("  Jürgen            "));
}

TEST(Output, WritesWholeLinesAndNoticesThatNobodyReads) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  LineOutput output(write_end.get());
  ASSERT_TRUE(output.add("one"));
  ASSERT_TRUE(output.add("two"));
  ASSERT_TRUE(output.flush());
  char text[16] = {};
  EXPECT_EQ(::read(read_end.get(), text, sizeof text), 8);
  EXPECT_STREQ(text, "one\ntwo\n");
  read_end.reset();
  ASSERT_TRUE(output.add("three"));
  auto flushed = output.flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace ts::tsquery
