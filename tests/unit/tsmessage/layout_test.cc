// Boxes with letters of a fixed width, on screens of all sizes.
#include "cmd/tsmessage/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lib/ui/time_text.h"

namespace ts::message {
namespace {

class FixedWidth : public TextMeasure {
 public:
  Extent measure(std::string_view text, Font font, double scale, int width, int lines) const override {
    const double letter = (font == Font::kTitle ? 12 : 7) * scale,
                 line = (font == Font::kTitle ? 30 : 19) * scale;
    const double whole = letter * static_cast<double>(text.size());
    if (width <= 0) return {static_cast<int>(whole), static_cast<int>(line)};
    const auto breaks = static_cast<int>(std::ranges::count(text, '\n'));
    const int rows = std::clamp(static_cast<int>(whole / width) + 1 + breaks, 1, lines);
    return {std::min(static_cast<int>(whole), width), static_cast<int>(line * rows)};
  }
};

class BoxLayout : public testing::Test {
 protected:
  BoxScene at(int width, int height, std::uint32_t percent = 0) {
    return lay_out(model_, {width, height, natural_scale(width, height, percent)}, {}, FixedWidth());
  }
  void show(std::string text, session::BoxButtons buttons, std::string title = "") {
    Message message;
    message.request = ++requests_;
    message.buttons = buttons;
    message.title = std::move(title);
    message.sender = "root";
    message.text = std::move(text);
    model_.add(message);
  }
  static std::vector<Item> buttons(const Scene& scene) {
    std::vector<Item> out;
    std::ranges::copy_if(scene.items, std::back_inserter(out), [](const Item& item) {
      return item.kind == Item::Kind::kButton || item.kind == Item::Kind::kQuietButton;
    });
    return out;
  }
  static bool scrolls(const Scene& scene) {
    return std::ranges::any_of(scene.items, [](const Item& i) { return i.kind == Item::Kind::kScrollBar; });
  }

  std::uint32_t requests_ = 0;
  Model model_{[](std::uint32_t, session::BoxReply) {}};
};

constexpr std::pair<int, int> kScreens[] = {{3840, 2160}, {1920, 1080}, {1280, 720}, {1024, 768},
                                            {800, 600},   {640, 480},   {320, 240},  {240, 320}};

TEST_F(BoxLayout, NoBoxIsLargerThanItsScreenAndNothingIsOutsideOfTheBox) {
  const std::pair<std::string, std::string> texts[] = {
      {"short", ""}, {std::string(2000, 'x'), std::string(100, 'T')}, {std::string(2000, '\n'), "title"}};
  for (const auto& [text, title] : texts) {
    show(text, session::BoxButtons::kAbortRetryIgnore, title);
    for (auto [width, height] : kScreens) {
      for (std::uint32_t percent : {0u, 100u, 250u, 500u}) {
        SCOPED_TRACE(fmt::format("{}x{} at {}%, {} bytes", width, height, percent, text.size()));
        const BoxScene box = at(width, height, percent);
        EXPECT_LE(box.scene.width, width);
        EXPECT_LE(box.scene.height, height);
        ASSERT_EQ(buttons(box.scene).size(), 3u);
        const Box whole{0, 0, box.scene.width, box.scene.height};
        for (const Item& item : box.scene.items)
          EXPECT_EQ(item.box.intersected(whole), item.box) << item.text;
        const auto row = buttons(box.scene);
        EXPECT_LE(row[0].box.x + row[0].box.width, row[1].box.x);
        EXPECT_LE(row[1].box.x + row[1].box.width, row[2].box.x);
      }
    }
  }
}

TEST_F(BoxLayout, WhatDoesNotFitIsScrolledByWholeLines) {
  show("short", session::BoxButtons::kOk);
  EXPECT_FALSE(scrolls(at(640, 480).scene));
  EXPECT_EQ(at(640, 480).most_scrolled, 0);
  show(std::string(2000, '\n'), session::BoxButtons::kOk);
  const BoxScene box = at(640, 480);
  EXPECT_TRUE(scrolls(box.scene));
  EXPECT_GT(box.most_scrolled, 0);
  EXPECT_EQ(box.page % box.line, 0);
  EXPECT_GE(box.page, 3 * box.line);
}

TEST_F(BoxLayout, SaysWhoSentItAndHowManyAreBehind) {
  show("one", session::BoxButtons::kOk);
  const auto says = [](const Scene& scene, const std::string& words) {
    return std::ranges::any_of(scene.items,
                               [&](const Item& i) { return i.text.find(words) != std::string::npos; });
  };
  Scene first = at(1024, 768).scene;
  EXPECT_TRUE(says(first, "root"));
  EXPECT_TRUE(says(first, "Message"));
  EXPECT_FALSE(says(first, "Messages behind"));
  show("two", session::BoxButtons::kOk, "Title");
  Scene second = at(1024, 768).scene;
  EXPECT_TRUE(says(second, "Title"));
  EXPECT_TRUE(says(second,
                   "Messages behind this one: \u2068"
                   "1"));
}

TEST_F(BoxLayout, TheServersOwnSentencesSayWhenAndNameNobody) {
  for (auto sentence : {session::BoxSentence::kIdleDisconnect, session::BoxSentence::kIdleLogOff,
                        session::BoxSentence::kActiveDisconnect, session::BoxSentence::kActiveLogOff}) {
    Message message;
    message.sentence = sentence;
    message.until = 1'800'000'000;
    model_.add(message);
    auto scene = at(640, 480).scene;
    bool said = false;
    for (const auto& item : scene.items) {
      said = said || item.text.find(clock_text(message.until)) != std::string::npos;
      EXPECT_EQ(item.text.find("From"), std::string::npos);
    }
    EXPECT_TRUE(said) << static_cast<int>(sentence);
    model_.remove(0);
  }
}

TEST_F(BoxLayout, IsLargerOnScreensOfHighDensity) {
  show("text", session::BoxButtons::kOk);
  EXPECT_GE(at(3840, 2160).scene.width, 2 * at(1920, 1080).scene.width - 4);
  EXPECT_GE(at(1920, 1080, 200).scene.width, 2 * at(1920, 1080).scene.width - 4);
}

}  // namespace
}  // namespace ts::message
