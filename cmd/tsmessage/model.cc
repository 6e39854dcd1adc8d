#include "cmd/tsmessage/model.h"

#include <algorithm>
#include <utility>

#include "lib/ui/safe_text.h"

namespace ts::message {
namespace {

using session::BoxReply;

std::size_t index_of(Widget button) {
  return static_cast<std::size_t>(button) - static_cast<std::size_t>(Widget::kFirst);
}
Widget button_at(std::size_t index) {
  return static_cast<Widget>(static_cast<std::size_t>(Widget::kFirst) + index);
}

}  // namespace

Message message_from(const session::ShowBox& box) {
  constexpr std::size_t kMostSender = 64;  // characters
  Message out;
  out.request = box.request;
  out.buttons = box.buttons;
  out.sent = box.sent;
  out.until = box.until;
  out.sentence = box.sentence;
  out.sender = safe_text(box.sender.view(), kMostSender);
  out.title = safe_text(box.title.view(), session::kMostBoxTitle);
  out.text = safe_text(box.text.view(), session::kMostBoxText, Lines::kSeveral);
  return out;
}

void Model::add(Message message) {
  if (messages_.size() >= session::kMostBoxes || session::replies_of(message.buttons).empty()) return;
  messages_.push_back(std::move(message));
  bring_forward();
}

void Model::remove(std::uint32_t request) {
  const bool was_front = !messages_.empty() && front().request == request;
  std::erase_if(messages_, [request](const Message& message) { return message.request == request; });
  if (was_front) bring_forward();
}

void Model::bring_forward() {
  focus_ = Widget::kFirst;
  pressed_ = Widget::kNone;
  scrolled_ = 0;
}

void Model::release(Widget widget) {
  const Widget pressed = std::exchange(pressed_, Widget::kNone);
  if (widget == pressed) answer(widget);
}

void Model::answer(Widget widget) {
  if (messages_.empty()) return;
  const auto replies = session::replies_of(front().buttons);
  const std::size_t index = index_of(widget);
  if (widget < Widget::kFirst || index >= replies.size()) return;
  const std::uint32_t request = front().request;
  messages_.pop_back();
  bring_forward();
  answer_(request, replies[index]);
}

void Model::key(Key key) {
  if (messages_.empty()) return;
  const auto replies = session::replies_of(front().buttons);
  const std::size_t count = replies.size(), at = index_of(focus_);
  switch (key) {
    case Key::kNext:
      focus_ = button_at((at + 1) % count);
      return;
    case Key::kPrevious:
      focus_ = button_at((at + count - 1) % count);
      return;
    case Key::kPress:
      return answer(focus_);
    case Key::kEscape: {
      // What says no to nothing: Cancel, or the only button there is.
      const auto cancel = std::ranges::find(replies, BoxReply::kCancel);
      if (cancel != replies.end())
        return answer(button_at(static_cast<std::size_t>(cancel - replies.begin())));
      if (count == 1) answer(Widget::kFirst);
      return;
    }
    case Key::kUp:
      return scroll(-1);
    case Key::kDown:
      return scroll(1);
    case Key::kPageUp:
      return scroll(-page_ / line_);
    case Key::kPageDown:
      return scroll(page_ / line_);
  }
}

void Model::scroll(int lines) {
  scrolled_ = std::clamp(scrolled_ + lines * line_, 0, most_scrolled_);
}

void Model::fit_text(int most_scrolled, int line, int page) {
  most_scrolled_ = std::max(most_scrolled, 0);
  line_ = std::max(line, 1);
  page_ = std::max(page, line_);
  scrolled_ = std::clamp(scrolled_, 0, most_scrolled_);
}

}  // namespace ts::message
