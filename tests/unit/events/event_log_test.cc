// Writing: one line each, files that are turned over, and nothing that goes wrong is anybody else's trouble.
#include "lib/events/event_log.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/events/folder.h"

namespace ts::events {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// What is logged meanwhile.
class Stderr {
 public:
  Stderr() {
    testing::internal::CaptureStderr();
    log::open("test_events");
  }
  std::string text() { return testing::internal::GetCapturedStderr(); }
};
int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST_F(LogsTest, EachEventIsAppendedAsALine) {
  auto before = time_text(std::chrono::system_clock::now());
  auto first = log();
  first.write(event("ann"));
  auto second = log();
  second.write(event("bob"));
  auto text = text_of(file());
  EXPECT_EQ(count(text, "\n"), 2);
  auto record = parse_line(text.substr(0, text.find('\n')));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->text("user"), "ann");
  EXPECT_EQ(record->role, "tssession");
  EXPECT_GE(record->time, before);
  EXPECT_LE(record->time, time_text(std::chrono::system_clock::now()));
  EXPECT_THAT(text, HasSubstr("\"bob\""));
}

TEST_F(LogsTest, TheGroupMayReadWhateverTheUmask) {
  auto old = ::umask(0077);
  log().write(event("ann"));
  ::umask(old);
  struct stat info {};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(LogsTest, AFullFileIsTurnedOverAndTheOldestGoes) {
  std::uint64_t line = line_of(event("u0"), "tssession", {}).size();
  auto full = log({line * 2, 2});
  for (int i = 0; i < 9; ++i) full.write(event(fmt::format("u{}", i)));
  EXPECT_EQ(count(text_of(file(0)), "\n"), 1);
  EXPECT_THAT(text_of(file(0)), HasSubstr("u8"));
  EXPECT_THAT(text_of(file(1)), testing::AllOf(HasSubstr("u6"), HasSubstr("u7")));
  EXPECT_THAT(text_of(file(2)), testing::AllOf(HasSubstr("u4"), HasSubstr("u5")));
  EXPECT_FALSE(fs::exists(file(3)));
  // Fewer are kept from now on; also one line that is larger than a file is written.
  auto fewer = log({1, 1});
  fewer.write(event("v0"));
  EXPECT_THAT(text_of(file(0)), HasSubstr("v0"));
  EXPECT_THAT(text_of(file(1)), HasSubstr("u8"));
  EXPECT_FALSE(fs::exists(file(2)));
  auto none = log({1, 0});
  none.write(event("v1"));
  none.write(event("v2"));
  EXPECT_EQ(count(text_of(file(0)), "\n"), 1);
  EXPECT_THAT(text_of(file(0)), HasSubstr("v2"));
  EXPECT_FALSE(fs::exists(file(1)));
}

TEST_F(LogsTest, AMissingFolderIsOneWarningAndWhenItIsThereEventsAreWritten) {
  fs::remove(role("tssession"));
  auto events = log();
  Stderr said;
  for (int i = 0; i < 5; ++i) events.write(event("ann"));
  fs::create_directory(role("tssession"));
  events.write(event("bob"));
  events.write(event("carol"));
  auto text = said.text();
  EXPECT_EQ(count(text, "Events are lost until they can be written folder=" + role("tssession").native()), 1);
  EXPECT_EQ(count(text, "No such file or directory"), 1);
  EXPECT_EQ(count(text, "Events are written again"), 1);
  EXPECT_EQ(count(text_of(file()), "\n"), 2);
}

TEST_F(LogsTest, AFullDiskIsOneWarning) {
  auto events = log();
  events.write(event("ann"));
  auto before = text_of(file());
  Stderr said;
  // As large as the file is already, to the byte: as on a full disk nothing more goes in.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{}, limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  limit = {before.size() + 10, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  for (int i = 0; i < 3; ++i) events.write(event("bob"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_EQ(text_of(file()), before);  // no half line
  events.write(event("carol"));
  auto text = said.text();
  EXPECT_EQ(count(text, "Events are lost"), 1);
  EXPECT_EQ(count(text, "Events are written again"), 1);
  EXPECT_EQ(count(text_of(file()), "\n"), 2);
}

TEST_F(LogsTest, AFileThatIsRemovedIsMadeAnew) {
  auto events = log();
  events.write(event("ann"));
  fs::remove(file());
  events.write(event("bob"));
  EXPECT_THAT(text_of(file()), HasSubstr("bob"));
}

TEST_F(LogsTest, ATornLineIsEndedBeforeTheNext) {
  log().write(event("ann"));
  append(file(), "{\"time\":\"2026-11");
  log().write(event("bob"));
  auto text = text_of(file());
  EXPECT_EQ(count(text, "\n"), 3);
  EXPECT_THAT(text, HasSubstr("{\"time\":\"2026-11\n{"));
}

TEST_F(LogsTest, LinksPipesAndFoldersAreNotWrittenTo) {
  append(top_ / "victim", "x");
  fs::create_symlink(top_ / "victim", file());
  Stderr said;
  log().write(event("ann"));
  EXPECT_EQ(text_of(top_ / "victim"), "x");
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  log().write(event("ann"));  // and does not wait for a reader
  fs::remove(file());
  fs::create_directory(file());
  log().write(event("ann"));
  EXPECT_EQ(count(said.text(), "Events are lost"), 3);
}

TEST_F(LogsTest, WhatStrangersCauseIsWrittenAtOurPace) {
  auto events = log();
  log::Limited gate(3, std::chrono::seconds(3600));
  Event refused{.kind = Kind::kRefused};
  for (int i = 0; i < 10; ++i) events.write(refused, gate);
  EXPECT_EQ(count(text_of(file()), "\"skipped\":0"), 3);
  log::Limited open(1, std::chrono::seconds(0));
  unsigned kept = 0;
  (void)open.admit({}, kept);
  events.write(refused, open);
  EXPECT_EQ(count(text_of(file()), "\n"), 4);
}

TEST_F(LogsTest, SkippedEventsAreCountedInTheNext) {
  auto events = log();
  log::Limited gate(1, std::chrono::seconds(1));
  Event refused{.kind = Kind::kRefused};
  events.write(refused, gate);
  events.write(refused, gate);
  events.write(refused, gate);
  auto until = log::Limited::Clock::now() + std::chrono::seconds(10);
  while (count(text_of(file()), "\n") < 2 && log::Limited::Clock::now() < until) events.write(refused, gate);
  auto text = text_of(file());
  auto second = parse_line(text.substr(text.find('\n') + 1, text.rfind('\n') - text.find('\n') - 1));
  ASSERT_TRUE(second);
  EXPECT_THAT(second->line, testing::Not(HasSubstr("\"skipped\":0")));
}

}  // namespace
}  // namespace ts::events
