// limits.accounts: what it reads, prints and refuses.
#include "lib/config/limit_rules.h"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

namespace ts::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

std::vector<std::string> errors_in(const std::string& text) {
  std::vector<LimitRule> rules;
  std::vector<std::string> out;
  for (const auto& complaint : read_limit_rules(YAML::Load(text), rules))
    out.push_back(std::to_string(complaint.line) + ": " + complaint.text);
  EXPECT_EQ(out.empty(), !rules.empty()) << "all of it is taken, or nothing";
  return out;
}

TEST(LimitRules, AreReadAndPrintedAsTheyWere) {
  std::vector<LimitRule> rules;
  auto complaints = read_limit_rules(YAML::Load("- {for: [bob, '@staff'], idle: 1h, action: logoff}\n"
                                                "- for: [\"@students\"]\n"
                                                "  active: 90\n"
                                                "  disconnected: 5m\n"
                                                "  per_user: 0\n"
                                                "  memory: 1500M\n"
                                                "  cpu_weight: 50\n"
                                                "  tasks: 0\n"),
                                     rules);
  EXPECT_TRUE(complaints.empty());
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_THAT(rules[0].names, ElementsAre("bob", "@staff"));
  EXPECT_EQ(rules[0].idle, seconds(hours(1)));
  EXPECT_EQ(rules[0].action, LimitAction::kLogOff);
  EXPECT_FALSE(rules[0].active || rules[0].disconnected || rules[0].per_user);
  EXPECT_EQ(rules[1].active, seconds(90));
  EXPECT_EQ(rules[1].disconnected, seconds(minutes(5)));
  EXPECT_EQ(rules[1].per_user, 0u);
  EXPECT_EQ(rules[1].memory, 1'500'000'000u);
  EXPECT_EQ(rules[1].cpu_weight, 50u);
  EXPECT_EQ(rules[1].tasks, 0u) << "none is a value, too";
  EXPECT_FALSE(rules[0].memory || rules[0].cpu_weight || rules[0].tasks);
  auto text = print_limit_rules(rules);
  std::vector<LimitRule> again;
  EXPECT_TRUE(read_limit_rules(YAML::Load(text), again).empty()) << text;
  EXPECT_EQ(print_limit_rules(again), text);
  EXPECT_EQ(print_limit_rules({}), "[]");
}

TEST(LimitRules, SayWhatIsWrongWithThem) {
  EXPECT_THAT(errors_in("7"), ElementsAre("1: has to be a list of maps"));
  EXPECT_THAT(errors_in("{for: [a]}"), ElementsAre("1: has to be a list of maps"));
  EXPECT_THAT(errors_in("[a]"), ElementsAre("1: has to be a map such as {for: [\"@staff\"], idle: 1h}"));
  EXPECT_THAT(errors_in("- {idle: 1h}"), ElementsAre("1: has no 'for', which says whom it is for"));
  EXPECT_THAT(errors_in("- for: [a]\n  idel: 1h\n"),
              ElementsAre("2: 'idel' is not one of for, idle, active, disconnected, action, per_user, "
                          "memory, cpu_weight, tasks"));
  EXPECT_THAT(errors_in("- for: [a]\n  idle: soon\n"),
              ElementsAre("2: idle: 'soon' is not a duration from 0s to 8760h, such as 30s, 2m or 1h"));
  EXPECT_THAT(errors_in("- for: [a]\n  action: shout\n"),
              ElementsAre("2: action: 'shout' is not 'disconnect' or 'logoff'"));
  EXPECT_THAT(errors_in("- for: [a]\n  ? [x]\n  : 1\n"),
              ElementsAre("2: '' is not one of for, idle, active, disconnected, action, per_user, "
                          "memory, cpu_weight, tasks"));
  EXPECT_THAT(
      errors_in("- {for: [a], memory: 1k}"),
      ElementsAre("1: memory: '1k' is not 0 or a size from 50M to 1000G, in bytes or with k, M or G"));
  EXPECT_THAT(errors_in("- {for: [a], cpu_weight: 10001}"),
              ElementsAre("1: cpu_weight: '10001' is not a whole number from 0 to 10000"));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "- {for: [a]}\n";
  EXPECT_THAT(errors_in(many), ElementsAre("1: has more than 100 rules"));
}

}  // namespace
}  // namespace ts::config
