// The layout with letters of a fixed width, at all sizes; and what has to be painted anew.
#include "cmd/tslogon/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/tslogon/sentences.h"

namespace ts::logon {
namespace {

class FixedWidth : public TextMeasure {
 public:
  Extent measure(std::string_view text, Font font, double scale, int width, int lines) const override {
    const double letter = (font == Font::kTitle ? 12 : 7) * scale,
                 line = (font == Font::kTitle ? 30 : 19) * scale;
    const double whole = letter * static_cast<double>(text.size());
    if (width <= 0) return {static_cast<int>(whole), static_cast<int>(line)};
    const int rows = std::clamp(static_cast<int>(whole / width) + 1, 1, lines);
    return {std::min(static_cast<int>(whole), width), static_cast<int>(line * rows)};
  }
};

class LayoutTest : public testing::Test {
 protected:
  Scene at(int width, int height, std::uint32_t percent = 0) {
    around_.width = width;
    around_.height = height;
    around_.wanted_scale = natural_scale(width, height, percent);
    Scene scene = lay_out(model_, around_, {}, measure_);
    if (scene.visible_rows != 0) model_.fit_list(scene.visible_rows);
    return scene;
  }
  static const Item* find(const Scene& scene, Widget widget) {
    for (const Item& item : scene.items) {
      if (item.widget == widget) return &item;
    }
    return nullptr;
  }

  Model model_{"EXAMPLE", {.send = [](ByteView) {}, .use_keyboard = [](std::size_t) {}}};
  Surroundings around_{.computer = "server", .banner = "Authorised users only."};
  FixedWidth measure_;
};

TEST_F(LayoutTest, EveryPageFitsEveryScreen) {
  session::LogonForm form;
  form.notice = session::Notice::kSessionFailed;
  form.detail.assign(std::string(500, 'x'));
  session::LogonPrompt prompt;
  prompt.text.assign(std::string(500, 'x'));
  session::LogonChoice choice;
  choice.count = choice.kMost;
  choice.may_start_new = 1;
  choice.notice = session::Notice::kTooManySessions;
  const std::vector<std::function<void()>> pages{[] {}, [&] { model_.show(form); },
                                                 [&] { model_.show(prompt); }, [&] { model_.show(choice); },
                                                 [&] { model_.show(session::LogonWorking{}); }};
  for (const auto& show : pages) {
    show();
    for (auto [width, height] : {std::pair{640, 480},
                                 {800, 600},
                                 {1280, 720},
                                 {1920, 1080},
                                 {3840, 2160},
                                 {480, 640},
                                 {320, 240},
                                 {8192, 300}}) {
      const Scene scene = at(width, height);
      const Box card = scene.items.front().box;
      EXPECT_EQ(card.intersected({0, 0, width, height}), card) << width << "x" << height;
      for (const Item& item : scene.items) {
        EXPECT_EQ(item.box.intersected(card), item.box) << item.text << " at " << width << "x" << height;
      }
    }
  }
}

TEST_F(LayoutTest, WhatIsClickedDoesNotOverlap) {
  model_.set_keyboards({"us"}, "us");
  const Scene scene = at(1280, 720);
  std::vector<Box> boxes;
  for (const Item& item : scene.items) {
    if (item.widget == Widget::kNone) continue;
    for (const Box& other : boxes) EXPECT_TRUE(other.intersected(item.box).empty());
    boxes.push_back(item.box);
    EXPECT_EQ(scene.at(item.box.x + item.box.width / 2, item.box.y + item.box.height / 2)->widget,
              item.widget);
  }
  EXPECT_EQ(boxes.size(), 6u);
  EXPECT_EQ(scene.at(0, 0), nullptr);
}

TEST_F(LayoutTest, TheScaleIsTheClientsElseTheSizes) {
  EXPECT_EQ(natural_scale(1280, 720, 0), 1.0);
  EXPECT_EQ(natural_scale(3840, 2160, 0), 2.0);
  EXPECT_EQ(natural_scale(2560, 1440, 0), 1.25);
  EXPECT_EQ(natural_scale(3840, 2160, 100), 1.0);
  EXPECT_EQ(natural_scale(1280, 720, 150), 1.5);
  EXPECT_EQ(natural_scale(1280, 720, 4000000000), 5.0);
  EXPECT_EQ(natural_scale(1280, 720, 1), 1.0);
  const int one = at(1920, 1080).items.front().box.width;
  EXPECT_EQ(at(3840, 2160).items.front().box.width, 2 * one);
}

TEST_F(LayoutTest, ASecretIsNotInThePicture) {
  model_.key({Key::Action::kNext, {}});
  for (char c : std::string("hunter2")) model_.key({Key::Action::kText, std::string(1, c)});
  const Scene scene = at(1280, 720);
  const Item* field = find(scene, Widget::kPassword);
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(field->dots, 7u);
  for (const Item& item : scene.items) {
    EXPECT_EQ(item.text.find("hunter2"), std::string::npos);
    EXPECT_EQ(item.detail.find("hunter2"), std::string::npos);
  }
}

TEST_F(LayoutTest, OneLetterChangesItsFieldAlone) {
  const Scene before = at(1280, 720);
  model_.key({Key::Action::kText, "a"});
  const Scene now = at(1280, 720);
  EXPECT_EQ(changes(before, now), std::vector<Box>{find(now, Widget::kUser)->box});
  EXPECT_THAT(changes(now, now), testing::IsEmpty());
  model_.key({Key::Action::kNext, {}});
  EXPECT_EQ(changes(now, at(1280, 720)).size(), 2u);
}

TEST_F(LayoutTest, CapsLockChangesAHintAndMovesNothing) {
  const Scene before = at(1280, 720);
  model_.set_caps_lock(true);
  const auto changed = changes(before, at(1280, 720));
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_LT(changed[0].height, 40);
}

TEST_F(LayoutTest, AnotherSizePaintsTheOldPlaceAndTheNew) {
  const Scene before = at(1280, 720), now = at(1000, 720);
  Box all;
  for (const Box& box : changes(before, now)) all = all.united(box);
  EXPECT_EQ(all, before.extent().united(now.extent()).intersected({0, 0, 1000, 720}));
}

TEST_F(LayoutTest, ALongListIsShownInPart) {
  session::LogonChoice choice;
  choice.count = choice.kMost;
  model_.show(choice);
  at(1280, 720);
  model_.key({Key::Action::kEnd, {}});
  const Scene scene = at(1280, 720);
  EXPECT_LT(scene.visible_rows, choice.kMost);
  std::vector<std::size_t> rows;
  for (const Item& item : scene.items) {
    if (item.kind == Item::Kind::kRow) rows.push_back(item.row);
  }
  EXPECT_EQ(rows.size(), scene.visible_rows);
  EXPECT_EQ(rows.back(), choice.kMost - 1);
}

TEST(Sentences, EveryNoticeHasOne) {
  for (std::uint32_t value = 1; value <= static_cast<std::uint32_t>(session::Notice::kSessionGone); ++value) {
    EXPECT_GT(notice_text({.notice = static_cast<session::Notice>(value)}, {}).size(), 20u) << value;
  }
  EXPECT_EQ(notice_text({}, {}), "");
  EXPECT_EQ(notice_text({.notice = static_cast<session::Notice>(999)}, {}),
            "Logging on did not work. Try again.");
  EXPECT_THAT(notice_text({session::Notice::kSessionFailed, "disk full"}, {}),
              testing::EndsWith("\ndisk full"));
}

TEST(Sentences, ASessionToChooseSaysWhatItIs) {
  session::LogonChoice::Entry entry;
  entry.id = 7;
  entry.width = 1280;
  entry.height = 720;
  entry.client.assign("LAPTOP\x1b");
  entry.disconnect_time = 1;
  entry.connect_time = std::int64_t{1} << 62;  // a time that no calendar has
  EXPECT_THAT(entry_title(entry, {}),
              testing::AllOf(testing::HasSubstr("7"), testing::HasSubstr("1280×720")));
  EXPECT_THAT(entry_detail(entry, {}),
              testing::AllOf(testing::StartsWith("Disconnected since"), testing::HasSubstr("LAPTOP\\x1b")));
  entry.disconnect_time = 0;
  EXPECT_THAT(entry_detail(entry, {}), testing::StartsWith("In use since"));
}

}  // namespace
}  // namespace ts::logon
