// Reading: all roles in the order of time, across files that are turned over while they are read, and past
// whatever is no event.
#include "lib/events/event_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/events/folder.h"

namespace ts::events {
namespace {

namespace fs = std::filesystem;
using From = RoleReader::From;
using testing::ElementsAre;
using testing::IsEmpty;

class ReaderTest : public LogsTest {
 protected:
  static std::string line(int second, const std::string& user) {
    return fmt::format(R"({{"time":"2026-11-21T01:02:{:02}.000000Z","event":"logon","user":"{}"}})", second,
                       user) +
           "\n";
  }
  EventReader reader(From from = From::kOldest) {
    auto opened = EventReader::open(top_, from);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  static std::vector<std::string> users(EventReader& reader) {
    std::vector<std::string> out;
    while (auto record = reader.next()) out.push_back(record->text("user"));
    return out;
  }
  static std::size_t broken(EventReader& reader, bool at_end = true) {
    std::size_t lines = 0;
    for (const auto& one : reader.take_broken(at_end)) lines += one.lines;
    return lines;
  }
};

TEST_F(ReaderTest, AllFilesOfAllRolesInTheOrderOfTime) {
  fs::create_directory(role("tsd"));
  fs::create_directory(role("empty"));
  append(top_ / "stray", "not a role");
  append(file(1), line(1, "a") + line(4, "d"));
  append(file(0), line(5, "e") + line(7, "g"));
  append(file_path(role("tsd"), 0), line(2, "b") + line(3, "c") + line(6, "f"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b", "c", "d", "e", "f", "g"));
  EXPECT_EQ(broken(all), 0u);
}

TEST_F(ReaderTest, OfOneTimeEachRoleKeepsItsOrder) {
  fs::create_directory(role("tsd"));
  append(file(), line(1, "b") + line(1, "c"));
  append(file_path(role("tsd"), 0), line(1, "a"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b", "c"));
}

TEST_F(ReaderTest, WhatIsNoEventIsSkippedAndCounted) {
  append(file(), line(1, "a") + "{\"time\":\"20\n" + line(2, "b") + std::string(3 * kMaxLine, 'x') + "\n" +
                     line(3, "c") + "\n" + line(4, "d") + "{\"time\":\"2026-11-2");
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(broken(all, false), 2u);
  EXPECT_EQ(broken(all, true), 1u);  // the last one has no end
  // It was only being written: then it is an event.
  append(file(), line(5, "e").substr(18));
  EXPECT_THAT(users(all), ElementsAre("e"));
  EXPECT_EQ(broken(all), 0u);
}

TEST_F(ReaderTest, ATornLineAtTheEndOfAnOldFileIsBroken) {
  append(file(1), line(1, "a") + "{\"ti");
  append(file(0), line(2, "b"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b"));
  EXPECT_EQ(broken(all), 1u);
}

TEST_F(ReaderTest, WhatComesLaterIsReadLater) {
  auto events = log();
  events.write(event("a"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a"));
  EXPECT_THAT(users(all), IsEmpty());
  events.write(event("b"));
  events.write(event("c"));
  EXPECT_THAT(users(all), ElementsAre("b", "c"));
}

TEST_F(ReaderTest, NothingIsLostOrReadTwiceWhenFilesAreTurnedOver) {
  auto size = line_of(event("u00"), "tssession", {}).size();
  auto events = log({size * 2, 5});
  auto all = reader();
  std::vector<std::string> wanted, found;
  // Between two looks: none, one, or several turns.
  for (int i = 0, batch = 1; i < 60; batch = batch % 9 + 1) {
    for (int j = 0; j < batch; ++j, ++i) {
      wanted.push_back(fmt::format("u{:02}", i));
      events.write(event(wanted.back()));
    }
    for (auto& user : users(all)) found.push_back(user);
  }
  EXPECT_EQ(found, wanted);
  EXPECT_EQ(broken(all), 0u);
}

TEST_F(ReaderTest, WhoComesTooLateReadsOnWithTheOldestThatIsLeft) {
  auto size = line_of(event("u0"), "tssession", {}).size();
  auto events = log({size, 1});
  auto all = reader();
  events.write(event("u0"));
  EXPECT_THAT(users(all), ElementsAre("u0"));
  for (int i = 1; i < 6; ++i) events.write(event(fmt::format("u{}", i)));
  EXPECT_THAT(users(all), ElementsAre("u4", "u5"));
}

TEST_F(ReaderTest, AGapThatACrashLeftBetweenFilesIsPassedOver) {
  append(file(2), line(1, "a"));
  append(file(0), line(2, "b"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b"));
}

TEST_F(ReaderTest, FromNowOnOnlyWhatIsNew) {
  append(file(1), line(1, "a"));
  append(file(0), line(2, "b") + "{\"torn");
  auto news = reader(From::kNow);
  EXPECT_THAT(users(news), IsEmpty());
  append(file(0), "\n" + line(3, "c"));
  EXPECT_THAT(users(news), ElementsAre("c"));
  EXPECT_EQ(broken(news), 0u);
}

TEST_F(ReaderTest, RolesThatBeginLaterAreFound) {
  auto news = reader(From::kNow);
  fs::create_directory(role("tsd"));
  append(file_path(role("tsd"), 0), line(1, "a"));
  EXPECT_THAT(users(news), IsEmpty());
  ASSERT_TRUE(news.look_for_roles());
  EXPECT_THAT(users(news), ElementsAre("a"));
  EXPECT_THAT(news.folders(), ElementsAre(role("tsd"), role("tssession")));
}

TEST_F(ReaderTest, AFileThatIsRemovedOrEmptiedIsReadAnew) {
  append(file(), line(1, "a") + line(2, "b"));
  auto all = reader();
  EXPECT_THAT(users(all), ElementsAre("a", "b"));
  ASSERT_EQ(::truncate(file().c_str(), 0), 0);
  append(file(), line(3, "c"));
  EXPECT_THAT(users(all), ElementsAre("c"));
  fs::remove(file());
  append(file(), line(4, "d"));
  EXPECT_THAT(users(all), ElementsAre("d"));
}

TEST_F(ReaderTest, LinksAndPipesAreNotOpened) {
  append(top_ / "elsewhere", line(1, "a"));
  fs::create_symlink(top_ / "elsewhere", file());
  ASSERT_EQ(::mkfifo(file(1).c_str(), 0600), 0);
  fs::create_directory_symlink(role("tssession"), role("linked"));
  auto all = reader();
  EXPECT_THAT(users(all), IsEmpty());
  EXPECT_THAT(all.folders(), ElementsAre(role("tssession")));
}

TEST_F(ReaderTest, SaysWhatIsMissing) {
  auto none = EventReader::open(top_ / "none", From::kOldest);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  append(file(), line(1, "a"));
  ::chmod(role("tssession").c_str(), 0);
  auto refused = EventReader::open(top_, From::kOldest);
  ::chmod(role("tssession").c_str(), 0700);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotPermitted);
}

}  // namespace
}  // namespace ts::events
