// Command lines: what they mean, what is said about wrong ones, and that help fits a terminal.
#include "lib/cli/program.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <sstream>

#include "lib/cli/help.h"

namespace ts::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Outcome {
  int code = -1;
  std::string out, err;
};

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() { ::unsetenv("TS_CONFIG"); }

  Program make() {
    Program program{.name = "prog", .summary = "Does things.", .page = "prog(1)"};
    Command act{.name = "act", .summary = "Act."};
    act.options = {{"--json", "", "as JSON", &json}, {"--count,-c", "N", "how many", &count}};
    act.positionals = {{"WHO", "", "whom", &who}};
    act.run = [this](const Context& context) {
      ran = "act";
      seen = context;
      return kDone;
    };
    Command deep{.name = "deep", .summary = "Deep."};
    deep.run = [this](const Context&) {
      ran = "deep";
      return kNoSuchObject;
    };
    Command nest{.name = "nest", .summary = "Nested.", .commands = {deep}};
    Command must{.name = "must", .summary = "Wants one."};
    must.positionals = {{"THING", "", "a thing", &who, true}};
    must.surplus = "quote it";
    must.run = [this](const Context&) {
      ran = "must";
      return kDone;
    };
    program.root = {.commands = {act, nest, must}, .foreign = {{"perform", "act"}, {"ask", "query thing"}}};
    return program;
  }

  Outcome run(std::vector<std::string> words) {
    ran.clear();
    words.insert(words.begin(), "prog");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    auto program = make();
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.code = run_program(program, static_cast<int>(words.size()), argv.data());
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
  }

  bool json = false;
  int count = 0;
  std::string who, ran;
  Context seen;
};

TEST_F(ProgramTest, CommonOptionsStandBeforeOrAfterTheCommand) {
  for (auto words : std::vector<std::vector<std::string>>{
           {"--set", "sessions.idle=9", "--runtime", "/r", "act", "--json", "bob"},
           {"act", "bob", "--json", "--runtime=/r", "--set", "sessions.idle=9"},
           {"--runtime", "/r", "act", "--set=sessions.idle=9", "--json", "bob"}}) {
    json = false;
    EXPECT_EQ(run(words).code, kDone);
    EXPECT_EQ(ran, "act");
    EXPECT_TRUE(json);
    EXPECT_EQ(who, "bob");
    EXPECT_EQ(seen.config.sessions.idle, 9u);
    EXPECT_EQ(seen.config.layout.runtime, "/r");
  }
}

TEST_F(ProgramTest, ListsTakeOneValueEachTimeAndTheLastOfOthersCounts) {
  EXPECT_EQ(run({"--set", "sessions.idle=1", "--set", "sessions.idle=2", "act", "-c", "3", "-c", "4"}).code,
            kDone);
  EXPECT_EQ(seen.config.sessions.idle, 2u);
  EXPECT_EQ(count, 4);
}

TEST_F(ProgramTest, AWordThatIsAlsoACommandIsAnArgumentAfterOne) {
  EXPECT_EQ(run({"act", "nest"}).code, kDone);
  EXPECT_EQ(ran, "act");
  EXPECT_EQ(who, "nest");
}

TEST_F(ProgramTest, ChildrenGetTheSourcesSpeltOut) {
  EXPECT_EQ(run({"act", "--set", "sessions.idle=9", "--state", "rel", "--runtime", "/r"}).code, kDone);
  auto state = (std::filesystem::current_path() / "rel").string();
  EXPECT_THAT(seen.forwarded, ElementsAre("--set", "sessions.idle=9", "--state", state, "--runtime", "/r"));
}

TEST_F(ProgramTest, ExitCodesOfRunAreHandedOn) {
  EXPECT_EQ(run({"nest", "deep"}).code, kNoSuchObject);
  EXPECT_EQ(ran, "deep");
}

TEST_F(ProgramTest, UsageErrorsSayWhatAndWhereHelpIs) {
  struct Case {
    std::vector<std::string> words;
    std::string message, hint;
  };
  for (const auto& c : std::vector<Case>{
           {{}, "prog: a command is missing: act, nest, must", "prog"},
           {{"nest"}, "prog: a command is missing: deep", "prog nest"},
           {{"atc"}, "prog: unknown command 'atc', did you mean 'act'?", "prog"},
           {{"xylophone"}, "prog: unknown command 'xylophone'", "prog"},
           {{"act", "--jsno"}, "prog: unknown option '--jsno', did you mean '--json'?", "prog act"},
           {{"act", "--rutime=/x"}, "prog: unknown option '--rutime', did you mean '--runtime'?", "prog act"},
           {{"act", "a", "b"}, "prog: unexpected argument 'b'", "prog act"},
           {{"act", "--set"}, "prog: option '--set' needs a value", "prog act"},
           {{"act", "--count", "x"}, "prog: a whole number is needed: --count = x", "prog act"},
           {{"must"}, "prog: THING is missing", "prog must"},
           {{"perform", "x"}, "prog: unknown command 'perform', did you mean 'act'?", "prog"},
           {{"ask"}, "prog: unknown command 'ask', did you mean 'query thing'?", "prog"},
           {{"nest", "ask"}, "prog: unknown command 'ask'", "prog nest"},
           {{"must", "a", "b"}, "prog: unexpected argument 'b'; quote it", "prog must"},
       }) {
    auto outcome = run(c.words);
    EXPECT_EQ(outcome.code, kUsage);
    EXPECT_EQ(outcome.err, c.message + "\nTry '" + c.hint + " --help'.\n");
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(ran, IsEmpty());
  }
}

TEST_F(ProgramTest, ABadConfigurationEndsWithThree) {
  auto outcome = run({"act", "--set", "sessions.idel=1"});
  EXPECT_EQ(outcome.code, kBadConfig);
  EXPECT_EQ(outcome.err, "--set sessions.idel=1: unknown key 'idel', did you mean 'idle'?\n");
  EXPECT_EQ(run({"act", "--config", "/nonexistent/ts.yaml"}).code, kBadConfig);
  ::setenv("TS_CONFIG", "/nonexistent/ts.yaml", 1);
  EXPECT_EQ(run({"act"}).code, kBadConfig);
}

TEST_F(ProgramTest, HelpAndVersionGoToStandardOutputWhateverElseIsThere) {
  EXPECT_EQ(run({"--version"}).out, std::string("prog ") + TS_VERSION + "\n");
  for (auto words :
       std::vector<std::vector<std::string>>{{"--help"}, {"-h"}, {"act", "--help"}, {"--help", "act"}}) {
    auto outcome = run(words);
    EXPECT_EQ(outcome.code, kDone);
    EXPECT_THAT(outcome.out, HasSubstr("Usage: prog"));
    EXPECT_THAT(outcome.out, HasSubstr("--runtime DIR"));
    EXPECT_THAT(outcome.err, IsEmpty());
  }
}

TEST_F(ProgramTest, HelpFitsATerminal) {
  auto program = make();
  std::istringstream lines(run({"--help"}).out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LT(line.size(), 80u) << line;
  EXPECT_LE(count, 24);
}

TEST(ExitCodes, FollowTheKindOfError) {
  EXPECT_EQ(exit_code_of({ErrorCode::kUnavailable, ""}), kUnreachable);
  EXPECT_EQ(exit_code_of({ErrorCode::kNotPermitted, ""}), kNotPermitted);
  EXPECT_EQ(exit_code_of({ErrorCode::kNotFound, ""}), kNoSuchObject);
  EXPECT_EQ(exit_code_of({ErrorCode::kTimedOut, ""}), kTimedOut);
  EXPECT_EQ(exit_code_of({ErrorCode::kConfig, ""}), kBadConfig);
  EXPECT_EQ(exit_code_of({ErrorCode::kUsage, ""}), kUsage);
  EXPECT_EQ(exit_code_of({ErrorCode::kRefused, ""}), kFailed);
  EXPECT_EQ(exit_code_of({ErrorCode::kSystem, "", EACCES}), kNotPermitted);
  EXPECT_EQ(exit_code_of({ErrorCode::kSystem, "", ENOSPC}), kFailed);
}

}  // namespace
}  // namespace ts::cli
