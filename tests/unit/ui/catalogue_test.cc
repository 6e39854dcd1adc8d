// The catalogues: read right, whole, and never out of step with the sentences in the programs.
#include "lib/ui/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <set>

namespace ts::ui {
namespace {

constexpr std::array kLanguages{"de", "es", "fr", "ja"};
constexpr std::array kPrograms{"tslogon", "tsmessage"};

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), got);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return out;
}

/// The sentences of a .po file or template, in their order, without the header.
std::vector<std::string> sentences(const std::string& po) {
  std::vector<std::string> out;
  bool open = false;
  std::size_t at = 0;
  while (at < po.size()) {
    const auto end = std::min(po.find('\n', at), po.size());
    const std::string line = po.substr(at, end - at);
    at = end + 1;
    const bool starts = line.starts_with("msgid ");
    if (starts) out.emplace_back();
    open = starts || (open && line.starts_with("\""));
    if (!open) continue;
    const auto first = line.find('"');
    out.back() += line.substr(first + 1, line.rfind('"') - first - 1);
  }
  std::erase(out, "");
  return out;
}

std::string po_file(const std::string& program, const std::string& language) {
  return std::string(TS_SOURCE_DIR "/cmd/") + program + "/po/" + language + ".po";
}

Catalogue load(const std::string& program, const std::string& language) {
  auto loaded = Catalogue::load(TS_BUILD_DIR "/share/locale/" + language + "/LC_MESSAGES/" + program + ".mo");
  EXPECT_TRUE(loaded) << loaded.error().message;
  return loaded ? std::move(*loaded) : Catalogue();
}

std::vector<std::string> program_sentences(const std::string& program) {
  return sentences(output_of(
      "xgettext --c++ --keyword=TS_SENTENCE --from-code=UTF-8 --no-wrap -o - " TS_SOURCE_DIR "/cmd/" +
      program + "/*.cc"));
}

class Programs : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, Programs, testing::ValuesIn(kPrograms));

TEST_P(Programs, HaveEverySentenceInEveryLanguageAndNoOther) {
  const std::string program = GetParam();
  const auto wanted = program_sentences(program);
  ASSERT_GE(wanted.size(), 10u);
  const std::set<std::string> all(wanted.begin(), wanted.end());
  for (const std::string language : kLanguages) {
    const auto file = po_file(program, language);
    const auto there = sentences(output_of("msgcat --no-wrap " + file));
    EXPECT_EQ(std::set<std::string>(there.begin(), there.end()), all) << language;
    EXPECT_EQ(output_of("msgattrib --untranslated " + file), "") << language;
    EXPECT_EQ(output_of("msgattrib --only-fuzzy " + file), "") << language;
    EXPECT_EQ(load(program, language).size(), all.size()) << language;
  }
}

TEST_P(Programs, HaveTheSamePlacesInTranslations) {
  const std::string program = GetParam();
  for (const std::string language : kLanguages) {
    const Catalogue tr = load(program, language);
    for (const std::string& sentence : program_sentences(program)) {
      const std::string_view translated = tr(sentence);
      for (const char* place : {"{0}", "{1}", "{2}"}) {
        EXPECT_EQ(sentence.find(place) == std::string::npos, translated.find(place) == std::string_view::npos)
            << language << ": " << sentence;
      }
    }
  }
}

TEST(Catalogue, SpeaksAndFallsBackToEnglish) {
  const Catalogue german = load("tslogon", "de");
  EXPECT_EQ(german("Password"), "Kennwort");
  EXPECT_EQ(german("no such sentence"), "no such sentence");
  EXPECT_EQ(german(""), "");
  EXPECT_EQ(Catalogue()("Password"), "Password");
  EXPECT_EQ(Catalogue::load("/nonexistent.mo").error().code, ErrorCode::kSystem);
}

TEST(Catalogue, ABrokenFileIsRefusedWhereverItIsBroken) {
  std::ifstream in(TS_BUILD_DIR "/share/locale/ja/LC_MESSAGES/tslogon.mo", std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  ASSERT_TRUE(Catalogue::parse(good));
  // Whatever is cut off is missed; only the NUL after the last text is nobody's.
  for (std::size_t length = 0; length + 1 < good.size(); ++length) {
    EXPECT_FALSE(Catalogue::parse(good.substr(0, length))) << length;
  }
  for (std::size_t at = 0; at < 28; ++at) {
    for (char value : {'\x00', '\x7f', '\xff'}) {
      std::string bad = good;
      bad[at] = value;
      static_cast<void>(Catalogue::parse(bad));  // no crash, no read outside
    }
  }
}

TEST(Language, IsTheConfiguredElseTheKeyboardsElseTheEnvironments) {
  EXPECT_EQ(choose_language("fr", 0x407, "ja_JP.UTF-8"), "fr");
  EXPECT_EQ(choose_language("auto", 0x407, "ja_JP.UTF-8"), "de");
  EXPECT_EQ(choose_language("auto", 0x807, ""), "de");         // Switzerland
  EXPECT_EQ(choose_language("auto", 0xe0010411, ""), "ja");    // an input method
  EXPECT_EQ(choose_language("auto", 0x20409, "de_DE"), "en");  // us, international
  EXPECT_EQ(choose_language("auto", 0x415, "fr_FR.UTF-8"), "fr");
  EXPECT_EQ(choose_language("auto", 0, "es_ES.UTF-8"), "es");
  EXPECT_EQ(choose_language("auto", 0x415, "C.UTF-8"), "en");
  EXPECT_EQ(choose_language("auto", 0, ""), "en");
}

}  // namespace
}  // namespace ts::ui
