// The messages of a session and what the person does with them, without a screen. The newest is in front; the
// ones behind it come back when it is answered. Pure: no X, no drawing, no clock.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/session/message_box.h"
#include "lib/ui/scene.h"

namespace ts::ui {

/// The buttons of a box from the left, and the bar at the side of a long text.
enum class Widget : int { kNone, kFirst, kSecond, kThird, kScrollBar };

}  // namespace ts::ui

namespace ts::message {

using namespace ui;  // boxes are drawn in its words

struct Message {
  std::uint32_t request = 0;
  session::BoxButtons buttons = session::BoxButtons::kOk;
  std::string title, sender, text;   // fit to be shown
  std::int64_t sent = 0, until = 0;  // Unix seconds
  session::BoxSentence sentence = session::BoxSentence::kText;
};
/// What somebody sent is anything at all: it is made fit to be shown.
Message message_from(const session::ShowBox& box);

enum class Key { kNext, kPrevious, kPress, kEscape, kUp, kDown, kPageUp, kPageDown };

class Model {
 public:
  using Answer = std::function<void(std::uint32_t request, session::BoxReply)>;
  explicit Model(Answer answer) : answer_(std::move(answer)) {}

  void add(Message message);
  void remove(std::uint32_t request);

  void key(Key key);
  /// The button goes down on a widget, and up somewhere.
  void press(Widget widget) { pressed_ = widget; }
  void release(Widget widget);
  /// By lines of text.
  void scroll(int lines);
  /// What the layout has made of it: pixels of text that are out of sight, of a line, and of the sight.
  void fit_text(int most_scrolled, int line, int page);
  /// Keys come here, or go to what is beneath.
  void set_keyboard(bool here) { keyboard_ = here; }

  bool empty() const { return messages_.empty(); }
  const Message& front() const { return messages_.back(); }
  std::size_t behind() const { return messages_.size() - 1; }
  /// kNone while keys go elsewhere.
  Widget focus() const { return keyboard_ ? focus_ : Widget::kNone; }
  Widget pressed() const { return pressed_; }
  int scrolled() const { return scrolled_; }

 private:
  void bring_forward();
  void answer(Widget widget);

  Answer answer_;
  std::vector<Message> messages_;  // the last is in front
  Widget focus_ = Widget::kFirst, pressed_ = Widget::kNone;
  bool keyboard_ = false;
  int scrolled_ = 0, most_scrolled_ = 0, line_ = 1, page_ = 1;
};

}  // namespace ts::message
