#include "cmd/tsmessage/layout.h"

#include <algorithm>
#include <cmath>

#include "lib/ui/safe_text.h"
#include "lib/ui/time_text.h"

namespace ts::message {
namespace {

using session::BoxReply;

// In pixels at scale 1.
constexpr double kWidth = 440, kWideWidth = 720, kFrame = 2, kPadding = 22, kMargin = 10;
constexpr double kButtonHeight = 36, kButtonWidth = 92, kButtonPadding = 16, kBetweenButtons = 8,
                 kScrollBar = 6;
constexpr double kSmallestScale = 0.4;
/// A text that makes a narrow box higher than this part of the screen has a wide one.
constexpr double kHigh = 0.5;
constexpr int kAllLines = 1'000'000;

const char* label_of(BoxReply reply) {
  switch (reply) {
    case BoxReply::kOk:
      return TS_SENTENCE("OK");
    case BoxReply::kCancel:
      return TS_SENTENCE("Cancel");
    case BoxReply::kAbort:
      return TS_SENTENCE("Abort");
    case BoxReply::kRetry:
      return TS_SENTENCE("Retry");
    case BoxReply::kIgnore:
      return TS_SENTENCE("Ignore");
    case BoxReply::kYes:
      return TS_SENTENCE("Yes");
    case BoxReply::kNo:
      return TS_SENTENCE("No");
  }
  return "";
}

/// What the server itself says instead of a text.
const char* sentence_of(session::BoxSentence sentence) {
  switch (sentence) {
    case session::BoxSentence::kIdleDisconnect:
      return TS_SENTENCE(
          "Nobody is using this session. It is disconnected at {0}; its programs go on. Press a key or move "
          "the mouse to stay.");
    case session::BoxSentence::kIdleLogOff:
      return TS_SENTENCE(
          "Nobody is using this session. It is logged off at {0}, and what is not saved is lost. Press a key "
          "or move the mouse to stay.");
    case session::BoxSentence::kActiveDisconnect:
      return TS_SENTENCE(
          "This session has been connected for as long as it may be. It is disconnected at {0}; its programs "
          "go on.");
    case session::BoxSentence::kActiveLogOff:
      return TS_SENTENCE(
          "This session has been connected for as long as it may be. It is logged off at {0}, and what is "
          "not saved is lost: save your work.");
    case session::BoxSentence::kText:
      break;
  }
  return nullptr;
}

/// One try at a scale and a width. `fits` is false when it would be larger than the screen.
class Builder {
 public:
  Builder(const Model& model, const Screen& screen, const Catalogue& tr, const TextMeasure& text,
          double scale, double width)
      : model_(model), screen_(screen), tr_(tr), text_(text) {
    scene_.scale = scale;
    scene_.width = std::min(pixels(width), screen.width - 2 * pixels(kMargin));
    y_ = edge();
    card();
    head();
    body();
    buttons();
    scene_.height = y_ + edge();
    scene_.items.front().box.height = scene_.height - 2 * frame();
  }

  bool fits() const { return fits_ && scene_.width > 0 && scene_.height <= most_height(); }
  int height() const { return scene_.height; }
  BoxScene take() {
    out_.scene = std::move(scene_);
    return std::move(out_);
  }

 private:
  int pixels(double length) const { return static_cast<int>(std::lround(length * scene_.scale)); }
  int frame() const { return std::max(pixels(kFrame), 1); }
  int edge() const { return frame() + pixels(kPadding); }
  int width() const { return scene_.width - 2 * edge(); }
  int most_height() const { return screen_.height - 2 * pixels(kMargin); }

  void card() {
    const Box box{frame(), frame(), scene_.width - 2 * frame(), 0};
    scene_.items.push_back({.kind = Item::Kind::kCard, .box = box, .colour = Colour::kCard});
  }

  void line(std::string words, Font font, Colour colour, int lines) {
    const int high = text_.measure(words, font, scene_.scale, width(), lines).height;
    scene_.items.push_back({.box = {edge(), y_, width(), high},
                            .text = std::move(words),
                            .font = font,
                            .colour = colour,
                            .lines = lines});
    y_ += high;
  }

  void head() {
    const Message& shown = model_.front();
    line(shown.title.empty() ? std::string(tr_(TS_SENTENCE("Message"))) : shown.title, Font::kTitle,
         Colour::kText, 2);
    line(shown.sender.empty()
             ? time_text(shown.sent)
             : fill_in(tr_(TS_SENTENCE("From {0}, {1}")), {shown.sender, time_text(shown.sent)}),
         Font::kSubtitle, Colour::kQuiet, 1);
    if (model_.behind() > 0)
      line(fill_in(tr_(TS_SENTENCE("Messages behind this one: {0}")), {std::to_string(model_.behind())}),
           Font::kLabel, Colour::kQuiet, 1);
    y_ += pixels(14);
  }

  void body() {
    const Message& shown = model_.front();
    const char* sentence = sentence_of(shown.sentence);
    const std::string words =
        sentence == nullptr ? shown.text : fill_in(tr_(sentence), {clock_text(shown.until)});
    const int below = pixels(18) + pixels(kButtonHeight) + edge();
    const int room = most_height() - y_ - below;
    out_.line = std::max(text_.measure("Xg", Font::kBody, scene_.scale, 0, 1).height, 1);
    int wide = width();
    int high = text_.measure(words, Font::kBody, scene_.scale, wide, kAllLines).height;
    const bool scrolls = high > room;
    if (scrolls) {
      wide -= pixels(kScrollBar) + pixels(8);
      high = text_.measure(words, Font::kBody, scene_.scale, wide, kAllLines).height;
    }
    // Whole lines: half of one looks like the end.
    out_.page = scrolls ? room / out_.line * out_.line : high;
    out_.most_scrolled = high - out_.page;
    constexpr int kFewestLines = 3;
    fits_ = wide > 0 && (!scrolls || out_.page >= kFewestLines * out_.line);
    const int scrolled = std::clamp(model_.scrolled(), 0, std::max(out_.most_scrolled, 0));
    scene_.items.push_back({.box = {edge(), y_, wide, out_.page},
                            .text = words,
                            .font = Font::kBody,
                            .lines = kAllLines,
                            .scrolled = scrolled});
    if (scrolls && high > 0)
      scene_.items.push_back(
          {.kind = Item::Kind::kScrollBar,
           .box = {edge() + width() - pixels(kScrollBar), y_, pixels(kScrollBar), out_.page},
           .widget = Widget::kScrollBar,
           .part_from = static_cast<double>(scrolled) / high,
           .part_to = static_cast<double>(scrolled + out_.page) / high});
    y_ += out_.page + pixels(18);
  }

  void buttons() {
    std::vector<std::string> labels;
    std::vector<int> widths;
    int all = 0;
    for (BoxReply reply : session::replies_of(model_.front().buttons)) {
      labels.emplace_back(tr_(label_of(reply)));
      const int words = text_.measure(labels.back(), Font::kStrong, scene_.scale, 0, 1).width;
      widths.push_back(std::max(pixels(kButtonWidth), words + 2 * pixels(kButtonPadding)));
      all += widths.back() + (widths.size() > 1 ? pixels(kBetweenButtons) : 0);
    }
    fits_ = fits_ && all <= width();
    int x = edge() + width() - all;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto widget = static_cast<Widget>(static_cast<int>(Widget::kFirst) + static_cast<int>(i));
      scene_.items.push_back({.kind = i == 0 ? Item::Kind::kButton : Item::Kind::kQuietButton,
                              .box = {x, y_, widths[i], pixels(kButtonHeight)},
                              .widget = widget,
                              .text = labels[i],
                              .font = Font::kStrong,
                              .focused = model_.focus() == widget,
                              .active = model_.pressed() == widget});
      x += widths[i] + pixels(kBetweenButtons);
    }
    y_ += pixels(kButtonHeight);
  }

  const Model& model_;
  const Screen& screen_;
  const Catalogue& tr_;
  const TextMeasure& text_;
  Scene scene_;
  BoxScene out_;
  int y_ = 0;
  bool fits_ = true;
};

}  // namespace

BoxScene lay_out(const Model& model, const Screen& screen, const Catalogue& tr, const TextMeasure& text) {
  for (double scale = screen.wanted_scale;; scale = std::max(scale - 0.05, kSmallestScale)) {
    Builder narrow(model, screen, tr, text, scale, kWidth);
    if (narrow.fits() && narrow.height() <= screen.height * kHigh) return narrow.take();
    Builder wide(model, screen, tr, text, scale, kWideWidth);
    if (wide.fits() || scale <= kSmallestScale) return wide.take();
  }
}

}  // namespace ts::message
