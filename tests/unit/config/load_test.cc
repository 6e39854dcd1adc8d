// What a configuration says, and every way in which it can be wrong.
#include "lib/config/load.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "lib/config/defaults.h"
#include "lib/config/keys.h"

namespace ts::config {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LoadTest : public testing::Test {
 protected:
  LoadTest() {
    char name[] = "/tmp/ts-config-test-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~LoadTest() override { std::filesystem::remove_all(folder_); }

  Sources with_file(const std::string& text) {
    std::ofstream(file()) << text;
    Sources sources;
    sources.file = file();
    sources.file_required = true;
    return sources;
  }
  std::filesystem::path file() const { return folder_ / "ts.yaml"; }

  /// The errors, with the file's folder cut off.
  std::vector<std::string> errors(const Sources& sources) {
    auto loaded = load(sources);
    if (loaded) return {};
    auto lines = loaded.error().lines;
    for (auto& line : lines) {
      if (line.starts_with(folder_.string() + "/")) line = line.substr(folder_.string().size() + 1);
    }
    return lines;
  }
  std::vector<std::string> errors_in(const std::string& text) { return errors(with_file(text)); }
  std::vector<std::string> errors_of(const std::string& setting) {
    Sources sources;
    sources.set = {setting};
    return errors(sources);
  }

  std::filesystem::path folder_;
};

TEST_F(LoadTest, NoFileIsAWorkingConfiguration) {
  Sources sources;
  sources.file = folder_ / "none.yaml";
  auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_THAT(config->listener.address, ElementsAre("0.0.0.0:3389"));
  EXPECT_EQ(config->sessions.idle, 2u);
}

TEST_F(LoadTest, EmptyFilesAndSectionsAreDefaults) {
  for (const char* text :
       {"", "# nothing\n", "---\n", "sessions:\n", "sessions:\n  # idle: 3\nlistener: {}\n"}) {
    EXPECT_THAT(errors_in(text), IsEmpty()) << text;
  }
}

TEST_F(LoadTest, EveryKindOfValueIsRead) {
  auto config = load(with_file(
      "state: /s\nruntime: /r\n"
      "listener:\n  address: [\"127.0.0.1:0\", \"[::1]:3390\"]\n  security: [tls]\n"
      "  handshake_timeout: 2m\n"
      "sessions: {max_size: 1920x1080, initial_program: false, auto_reconnect: false, shell: 'exec xterm',\n"
      "           end_timeout: 7, display_uids: 70000-71000}\n"
      "accounts: {backend: file}\nevents: {max_size: 250k, keep: 9}\nlog: {level: debug}\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->layout.state, "/s");
  EXPECT_EQ(config->layout.runtime, "/r");
  EXPECT_THAT(config->listener.address, ElementsAre("127.0.0.1:0", "[::1]:3390"));
  EXPECT_EQ(config->listener.handshake_timeout, seconds(120));
  EXPECT_EQ(config->sessions.max_size.width, 1920);
  EXPECT_EQ(config->sessions.max_size.height, 1080);
  EXPECT_FALSE(config->sessions.initial_program);
  EXPECT_FALSE(config->sessions.auto_reconnect);
  EXPECT_EQ(config->sessions.shell, "exec xterm");
  EXPECT_EQ(config->sessions.end_timeout, seconds(7));
  EXPECT_EQ(config->sessions.display_uids.first, 70000u);
  EXPECT_EQ(config->sessions.display_uids.last, 71000u);
  EXPECT_EQ(config->accounts.backend, AccountBackend::kFile);
  EXPECT_EQ(config->events.max_size, 250'000u);
  EXPECT_EQ(config->events.keep, 9u);
  EXPECT_EQ(config->log_level, log::Level::kDebug);
}

TEST_F(LoadTest, AMistypedKeyNamesTheNearestOne) {
  EXPECT_THAT(errors_in("sessions:\n  idel: 2\n"),
              ElementsAre("ts.yaml:2: unknown key 'idel', did you mean 'idle'?"));
  EXPECT_THAT(errors_in("sesions: {}\n"),
              ElementsAre("ts.yaml:1: unknown key 'sesions', did you mean 'sessions'?"));
  EXPECT_THAT(errors_in("idle: 2\n"),
              ElementsAre("ts.yaml:1: unknown key 'idle', did you mean 'sessions.idle'?"));
  EXPECT_THAT(errors_in("banana: 2\n"),
              ElementsAre("ts.yaml:1: unknown key 'banana'; ts.yaml(5) lists the keys"));
  EXPECT_THAT(errors_in("sessions.idle: 2\n"), ElementsAre(HasSubstr("unknown key 'sessions.idle'")));
}

TEST_F(LoadTest, AllErrorsAreListedInTheFilesOrder) {
  EXPECT_THAT(
      errors_in(
          "log: {level: loud}\nsessions:\n  idle: two\n  idel: 1\nlistener:\n  security: [nla, tls, rdp]\n"),
      ElementsAre("ts.yaml:1: log.level: 'loud' is not 'debug', 'info', 'warning' or 'error'",
                  "ts.yaml:3: sessions.idle: 'two' is not a whole number from 0 to 1000",
                  "ts.yaml:4: unknown key 'idel', did you mean 'idle'?",
                  "ts.yaml:6: listener.security: 'nla' is not 'tls'",
                  "ts.yaml:6: listener.security: 'rdp' is not 'tls'"));
}

TEST_F(LoadTest, WrongKindsOfNodeAreNamed) {
  EXPECT_THAT(errors_in("sessions: 5\n"),
              ElementsAre(HasSubstr("ts.yaml:1: sessions has to be a map of keys")));
  EXPECT_THAT(errors_in("- a\n- b\n"),
              ElementsAre(HasSubstr("ts.yaml:1: the configuration has to be a map")));
  EXPECT_THAT(errors_in("sessions:\n  idle: [1]\n"),
              ElementsAre(HasSubstr("ts.yaml:2: sessions.idle: a list is not")));
  EXPECT_THAT(errors_in("sessions:\n  max: 3\n  idle:\n"),
              ElementsAre(HasSubstr("ts.yaml:3: sessions.idle: has no value")));
  EXPECT_THAT(errors_in("listener: {address: 0.0.0.0:1}\n"),
              ElementsAre(HasSubstr("is not a list; write [\"0.0.0.0:1\"]")));
  // Brackets alone would not make it right.
  EXPECT_THAT(errors_in("listener: {address: 3389}\n"),
              ElementsAre(HasSubstr("'3389' is not a list, and what it lists has to be HOST:PORT")));
  EXPECT_THAT(errors_in("listener: {address: []}\n"), ElementsAre(HasSubstr("the list is empty")));
  EXPECT_THAT(errors_in("? [a]\n: b\n"), ElementsAre("ts.yaml:1: a key has to be a word"));
}

TEST_F(LoadTest, AKeyMayBeGivenOnce) {
  EXPECT_THAT(errors_in("sessions: {idle: 1}\nsessions: {idle: 2}\n"),
              ElementsAre("ts.yaml:2: sessions is there a second time"));
  EXPECT_THAT(errors_in("sessions:\n  idle: 1\n  idle: 2\n"),
              ElementsAre("ts.yaml:3: sessions.idle is there a second time"));
}

TEST_F(LoadTest, SyntaxErrorsHaveTheirLine) {
  EXPECT_THAT(errors_in("sessions:\n  idle: 1\n bad: [\n"),
              ElementsAre(HasSubstr("ts.yaml:3: not valid YAML: ")));
  EXPECT_THAT(errors_in("a: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("more than one YAML document")));
  // The parser takes a comma for a document without coming any further.
  EXPECT_THAT(errors_in(", a: 1\n"), ElementsAre(HasSubstr("more than one YAML document")));
  EXPECT_THAT(errors_of("sessions.idle=,"), ElementsAre(HasSubstr("more than one YAML document")));
  EXPECT_THAT(errors_in("a: *nowhere\n"), ElementsAre(HasSubstr("ts.yaml:1: not valid YAML")));
}

TEST_F(LoadTest, AFileThatCannotBeReadIsAnError) {
  Sources sources;
  sources.file = folder_ / "none.yaml";
  sources.file_required = true;
  EXPECT_THAT(errors(sources), ElementsAre("none.yaml: cannot be read: No such file or directory"));
  sources.file = folder_;
  EXPECT_THAT(errors(sources), ElementsAre(HasSubstr("cannot be read: Is a directory")));
  sources.file = "/dev/zero";
  EXPECT_THAT(errors(sources), ElementsAre(HasSubstr("is larger than 262144 bytes")));
}

TEST_F(LoadTest, HostileYamlStaysSmall) {
  // Each level names the one below nine times: 9^9 nodes if anybody copied them.
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += (j ? ", " : "") + alias;
    bomb += "]\n";
  }
  EXPECT_EQ(errors_in(bomb + "listener: {address: *a8}\n").size(), 9u + 9u);
  EXPECT_THAT(errors_in(std::string(20000, '[')), ElementsAre(HasSubstr("not valid YAML")));
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "zzz" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(errors_in(many).size(), 100u);
}

TEST_F(LoadTest, SettingsComeAfterTheFileAndListsReplace) {
  auto sources = with_file("sessions: {idle: 1}\nlistener: {address: [\"1.1.1.1:1\", \"2.2.2.2:2\"]}\n");
  sources.set = {"sessions.idle=3", "listener.address=[\"127.0.0.1:0\"]", "sessions.idle=4",
                 "sessions={max: 9}"};
  auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sessions.idle, 4u);
  EXPECT_EQ(config->sessions.max, 9u);
  EXPECT_THAT(config->listener.address, ElementsAre("127.0.0.1:0"));
}

TEST_F(LoadTest, ErrorsOfSettingsSayWhichOne) {
  EXPECT_THAT(errors_of("sessions.idle=x"),
              ElementsAre("--set sessions.idle=x: sessions.idle: 'x' is not a whole number from 0 to 1000"));
  EXPECT_THAT(errors_of("sessions.idel=1"),
              ElementsAre("--set sessions.idel=1: unknown key 'idel', did you mean 'idle'?"));
  EXPECT_THAT(errors_of("sesions.idle=1"),
              ElementsAre("--set sesions.idle=1: unknown key 'sesions', did you mean 'sessions'?"));
  EXPECT_THAT(errors_of("sessions.idle"), ElementsAre(HasSubstr("has to be KEY.PATH=VALUE")));
  EXPECT_THAT(errors_of("=1"), ElementsAre(HasSubstr("has to be KEY.PATH=VALUE")));
  EXPECT_THAT(errors_of("sessions.idle=["), ElementsAre(HasSubstr("not valid YAML")));
  EXPECT_THAT(errors_of("sessions.idle="), ElementsAre(HasSubstr("has no value")));
}

TEST_F(LoadTest, ValuesHaveBounds) {
  for (const char* good :
       {"sessions.idle=0", "sessions.idle=200", "listener.handshake_timeout=1h", "sessions.max_size=200x8192",
        "sessions.display_uids=1-4294967294", "listener.address=[\"255.255.255.255:65535\"]",
        "sessions.shell=''", "logon.language=ja", "logon.banner=\"two\\nlines\"",
        "logon.keyboards=[\"0x407\", \"de(nodeadkeys)\", jp]", "events.max_size=1000", "events.max_size=1k",
        "events.max_size=1000G", "events.keep=0"}) {
    EXPECT_THAT(errors_of(good), IsEmpty()) << good;
  }
  for (const char* bad : {"sessions.idle=1001",
                          "sessions.idle=-1",
                          "sessions.idle=1.5",
                          "sessions.idle=0x2",
                          "sessions.idle=99999999999999",
                          "listener.handshake_timeout=0",
                          "listener.handshake_timeout=61m",
                          "listener.handshake_timeout=m",
                          "listener.handshake_timeout=5d",
                          "listener.handshake_timeout=99999999999999999999h",
                          "sessions.max_size=199x300",
                          "sessions.max_size=300",
                          "sessions.max_size=8193x300",
                          "sessions.max_size=300x300x300",
                          "sessions.display_uids=0-5000",
                          "sessions.display_uids=9-8",
                          "sessions.display_uids=5",
                          "sessions.display_uids=1-4294967295",
                          "listener.address=[\"localhost:3389\"]",
                          "listener.address=[\"1.2.3.4\"]",
                          "listener.address=[\"1.2.3.4:65536\"]",
                          "listener.address=[\"::1:3389\"]",
                          "listener.address=[\":3389\"]",
                          "listener.security=[rdp]",
                          "state=relative",
                          "sessions.initial_program=yes",
                          "logon.language=it",
                          "logon.logo=logo.png",
                          "logon.keyboards=[]",
                          "logon.keyboards=[\"de;x\"]",
                          "logon.keyboards=[\"de(\"]",
                          "logon.keyboards=[\"0x123456789\"]",
                          "accounts.backend=ldap",
                          "events.max_size=999",
                          "events.max_size=1001G",
                          "events.max_size=99999999999999999999G",
                          "events.max_size=10m",
                          "events.max_size=M",
                          "events.max_size=-1k",
                          "events.keep=101"}) {
    EXPECT_EQ(errors_of(bad).size(), 1u) << bad;
  }
}

TEST_F(LoadTest, ValuesHaveToGoTogether) {
  EXPECT_THAT(errors_in("listener:\n  certificate: /c.pem\n"),
              ElementsAre(HasSubstr("ts.yaml:2: listener.certificate: the certificate needs its key")));
  EXPECT_THAT(errors_of("listener.private_key=/k.pem"), ElementsAre(HasSubstr("needs its certificate")));
  EXPECT_THAT(errors_in("sessions:\n  max: 5\n  idle: 6\n"),
              ElementsAre(HasSubstr("ts.yaml:3: sessions.idle: 6 idle")));
  EXPECT_THAT(errors_of("sessions.max=1"),
              ElementsAre(HasSubstr("--set sessions.max=1: sessions.max: 2 idle")));
  EXPECT_THAT(errors_of("sessions.display_uids=70000-70199"), ElementsAre(HasSubstr("201 are needed")));
}

TEST_F(LoadTest, FoldersOnTheCommandLineWinAndBecomeAbsolute) {
  auto sources = with_file("state: /s\nruntime: /r\n");
  sources.state = "here";
  sources.runtime = "/elsewhere";
  auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->layout.state, std::filesystem::current_path() / "here");
  EXPECT_EQ(config->layout.runtime, "/elsewhere");
  sources.runtime = "";
  EXPECT_FALSE(load(with_file("runtime: \"\"\n")));
}

TEST_F(LoadTest, WhatIsDumpedLoadsAsTheSame) {
  Sources sources;
  sources.set = {"sessions.shell=\"a \\\"b\\\" \\\\ \\t é\"",
                 "sessions.end_timeout=90",
                 "listener.address=[\"[::]:1\"]",
                 "sessions.display_uids=70000-71000",
                 "sessions.max_size=640x480",
                 "logon.banner=\"one\\ntwo\"",
                 "logon.keyboards=[\"0x407\", \"fr(bepo)\"]",
                 "events.max_size=123456",
                 "log.level=error"};
  auto config = load(sources);
  ASSERT_TRUE(config);
  auto again = load(with_file(dump(*config)));
  ASSERT_TRUE(again) << again.error().lines[0];
  EXPECT_EQ(dump(*again), dump(*config));
  EXPECT_EQ(again->sessions.shell, "a \"b\" \\ \t é");
}

TEST(Defaults, DependOnWhoAsks) {
  auto nothing = [](const char*) { return std::string(); };
  EXPECT_EQ(defaults_for(0, nothing).layout.runtime, "/run/ts");
  EXPECT_EQ(defaults_for(0, nothing).accounts.backend, AccountBackend::kPam);
  EXPECT_EQ(defaults_for(998, nothing).layout.state, "/var/lib/ts");
  auto home = [](const char* name) {
    return std::string(std::string_view(name) == "HOME" ? "/home/ann" : "");
  };
  EXPECT_EQ(defaults_for(1234567, home).layout.state, "/home/ann/.local/state/ts");
  EXPECT_EQ(defaults_for(1234567, home).layout.runtime, "/tmp/ts-1234567");
  EXPECT_EQ(defaults_for(1234567, home).accounts.backend, AccountBackend::kFile);
  auto xdg = [](const char* name) {
    return std::string(std::string_view(name) == "XDG_RUNTIME_DIR"  ? "/run/user/7"
                       : std::string_view(name) == "XDG_STATE_HOME" ? "relative"
                                                                    : "/home/ann");
  };
  EXPECT_EQ(defaults_for(1234567, xdg).layout.runtime, "/run/user/7/ts");
  EXPECT_EQ(defaults_for(1234567, xdg).layout.state, "/home/ann/.local/state/ts");
}

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(TS_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Keys, AreInThePageAndTheSampleWithTheirDefaults) {
  auto page = text_of("man/ts.yaml.5");
  auto sample = text_of("cmd/tsctl/ts.yaml");
  Config config;
  config.layout = system_layout();
  for (const auto& key : keys()) {
    EXPECT_THAT(page, HasSubstr(".It Ic " + key.path + " ")) << "the page lacks " << key.path;
    auto word = split_key(key.path).second;
    EXPECT_THAT(sample, HasSubstr("#" + word + ": " + key.print(config) + "\n"))
        << "the sample lacks " << key.path;
  }
}

TEST(Keys, ThePageHasNoOthers) {
  auto page = text_of("man/ts.yaml.5");
  for (std::size_t at = page.find(".It Ic "); at != std::string::npos; at = page.find(".It Ic ", at + 1)) {
    auto start = at + std::string_view(".It Ic ").size();
    auto path = page.substr(start, page.find(' ', start) - start);
    EXPECT_TRUE(std::any_of(keys().begin(), keys().end(), [&](const Key& key) { return key.path == path; }))
        << path;
  }
}

}  // namespace
}  // namespace ts::config
