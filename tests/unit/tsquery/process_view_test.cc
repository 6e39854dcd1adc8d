// Processes as they are shown.
#include "cmd/tsquery/process_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace ts::tsquery {
namespace {

SessionProcesses one_session() {
  SessionProcesses out;
  out.session.id = 3;
  out.session.name = "rdp-tcp#3";
  out.session.user = "ann";
  ProcessRow shell{.pid = 100, .uid = 1000, .user = "ann", .name = "sh", .command = "sh -c 'a\x1b[2J'"};
  shell.cpu_seconds = 61.257;
  shell.memory = ProcessMemory{3 << 20, 1 << 20, 2 << 20, 512 << 10};
  ProcessRow other{.pid = 101, .uid = 0, .user = "root", .name = "kid\n", .command = ""};
  out.processes = {shell, other};
  return out;
}

TEST(ProcessTable, ShowsWhatIsSharedAndWhatIsNot) {
  EXPECT_EQ(
      process_table({one_session()}),
      " USERNAME      SESSIONNAME       ID      PID       CPU   PRIVATE    SHARED       PSS  COMMAND\n"
      " ann           rdp-tcp#3          3      100   1:01.26      512K      2.0M      1.0M  sh -c 'a?[2J'\n"
      " root          rdp-tcp#3          3      101   0:00.00         -         -         -  [kid?]\n");
}

TEST(ProcessJson, HasBytesAndSeconds) {
  auto document = process_json({one_session()});
  EXPECT_EQ(document.at("complete"), true);
  const auto& shell = document.at("processes").at(0);
  EXPECT_EQ(shell.at("session_user"), "ann");
  EXPECT_EQ(shell.at("memory").at("private_bytes"), 512 << 10);
  EXPECT_EQ(shell.at("memory").at("shared_bytes"), 2 << 20);
  EXPECT_EQ(shell.at("memory").at("proportional_bytes"), 1 << 20);
  EXPECT_DOUBLE_EQ(shell.at("cpu_seconds"), 61.257);
  EXPECT_TRUE(document.at("processes").at(1).at("memory").is_null());
  auto cut = one_session();
  cut.complete = false;
  EXPECT_EQ(process_json({one_session(), cut}).at("complete"), false);
}

TEST(Texts, OfSizesAndTimes) {
  EXPECT_EQ(size_text(0), "0K");
  EXPECT_EQ(size_text(1023 * 1024), "1023K");
  EXPECT_EQ(size_text(1024 * 1024), "1.0M");
  EXPECT_EQ(size_text((std::uint64_t{1} << 30) - 1), "1.0G");
  EXPECT_EQ(size_text(std::uint64_t{5} << 50), "5120.0T");
  EXPECT_EQ(cpu_text(0), "0:00.00");
  EXPECT_EQ(cpu_text(59.999), "1:00.00");
  EXPECT_EQ(cpu_text(3599.99), "59:59.99");
  EXPECT_EQ(cpu_text(3723), "1:02:03");
  EXPECT_EQ(cpu_text(-1), "0:00.00");
}

}  // namespace
}  // namespace ts::tsquery
