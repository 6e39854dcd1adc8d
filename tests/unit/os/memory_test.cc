// What the system says of its memory, and what is made of it.
#include "lib/os/memory.h"

#include <gtest/gtest.h>

namespace ts::os {
namespace {

TEST(Memory, AvailableIsReadFromItsLine) {
  EXPECT_EQ(
      memory_available_in("MemTotal:       24589512 kB\nMemFree:          100 kB\nMemAvailable:   2048 kB\n"),
      2048u * 1024);
  EXPECT_EQ(memory_available_in("NotMemAvailable: 5 kB\n"), std::nullopt);
  EXPECT_EQ(memory_available_in("MemAvailable: much\n"), std::nullopt);
  EXPECT_EQ(memory_available_in("MemAvailable:"), std::nullopt);
  EXPECT_EQ(memory_available_in(""), std::nullopt);
}

TEST(Memory, AGroupHasLeftWhatItsLimitAllowsAndWhatCanBeTakenBack) {
  EXPECT_EQ(memory_left_in_group("1000\n", "900\n", "anon 700\ninactive_file 150\n"), 250u);
  EXPECT_EQ(memory_left_in_group("1000\n", "900\n", ""), 100u);
  EXPECT_EQ(memory_left_in_group("1000\n", "1200\n", ""), 0u);
  EXPECT_EQ(memory_left_in_group("1000\n", "100\n", "inactive_file 500\n"), 1000u);
  EXPECT_EQ(memory_left_in_group("max\n", "900\n", ""), std::nullopt);
  EXPECT_EQ(memory_left_in_group("", "", ""), std::nullopt) << "there is no such controller";
}

TEST(Memory, ThisMachineHasSome) {
  auto available = available_memory();
  ASSERT_TRUE(available);
  EXPECT_GT(*available, 1024u * 1024);
}

}  // namespace
}  // namespace ts::os
