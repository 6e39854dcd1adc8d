// The person's half of the model: keys, clicks, focus.
#include <algorithm>
#include <utility>

#include "cmd/tslogon/model.h"

namespace ts::logon {
namespace {

using Style = session::LogonPrompt::Style;
using Action = Key::Action;

}  // namespace

std::vector<Widget> Model::widgets() const {
  if (choosing_keyboard_) return {Widget::kList, Widget::kPrimary, Widget::kCancel};
  std::vector<Widget> out;
  if (std::holds_alternative<FormPage>(page_)) {
    out = {Widget::kUser, Widget::kPassword};
    if (has_domain_) out.push_back(Widget::kDomain);
    out.insert(out.end(), {Widget::kPrimary, Widget::kKeyboard, Widget::kCancel});
  } else if (const auto* prompt = std::get_if<PromptPage>(&page_)) {
    if (prompt->style == Style::kError || prompt->style == Style::kInfo) return {Widget::kPrimary};
    out = {Widget::kAnswer, Widget::kPrimary, Widget::kKeyboard, Widget::kCancel};
  } else if (const auto* working = std::get_if<WorkingPage>(&page_)) {
    if (!working->cancelled) out = {Widget::kCancel};
  } else if (std::holds_alternative<ChoicePage>(page_)) {
    if (list_.rows > 0) out = {Widget::kList, Widget::kPrimary};
    out.push_back(Widget::kCancel);
  }
  return out;
}

TextField* Model::field(Widget widget) {
  switch (widget) {
    case Widget::kUser:
      return &user_;
    case Widget::kPassword:
      return &password_;
    case Widget::kDomain:
      return &domain_;
    case Widget::kAnswer:
      return &answer_;
    default:
      return nullptr;
  }
}

const TextField* Model::field(Widget widget) const {
  return const_cast<Model*>(this)->field(widget);
}

void Model::move_focus(int by) {
  const auto order = widgets();
  if (order.empty()) return;
  const auto count = static_cast<int>(order.size());
  const auto found = std::find(order.begin(), order.end(), focus_);
  const int now = found == order.end() ? (by > 0 ? -1 : 0) : static_cast<int>(found - order.begin());
  focus_ = order[static_cast<std::size_t>((now + by + count) % count)];
  if (TextField* field = this->field(focus_)) field->move_to_end();
}

void Model::key(const Key& key) {
  if (key.action == Action::kEscape) return escape();
  if (key.action == Action::kEnter) return enter();
  if (key.action == Action::kNext) return move_focus(1);
  if (key.action == Action::kPrevious) return move_focus(-1);
  if (focus_ == Widget::kList && move_in_list(key)) return;
  if (key.action == Action::kDown) return move_focus(1);
  if (key.action == Action::kUp) return move_focus(-1);
  if (TextField* field = this->field(focus_)) return edit(*field, key);
  if (key.action == Action::kLeft) return move_focus(-1);
  if (key.action == Action::kRight) return move_focus(1);
  if (key.action == Action::kText && key.text == " ") activate(focus_);
}

bool Model::move_in_list(const Key& key) {
  const std::size_t now = list_.selected;
  switch (key.action) {
    case Action::kUp:
      list_.select(now > 0 ? now - 1 : 0);
      return true;
    case Action::kDown:
      list_.select(now + 1);
      return true;
    case Action::kPageUp:
      list_.select(now > list_.visible ? now - list_.visible : 0);
      return true;
    case Action::kPageDown:
      list_.select(now + list_.visible);
      return true;
    case Action::kHome:
      list_.select(0);
      return true;
    case Action::kEnd:
      list_.select(list_.rows);
      return true;
    default:
      return false;
  }
}

void Model::edit(TextField& field, const Key& key) {
  switch (key.action) {
    case Action::kText:
      field.insert(key.text);
      break;
    case Action::kLeft:
      field.move_left();
      break;
    case Action::kRight:
      field.move_right();
      break;
    case Action::kHome:
      field.move_to_start();
      break;
    case Action::kEnd:
      field.move_to_end();
      break;
    case Action::kBackspace:
      field.erase_before();
      break;
    case Action::kDelete:
      field.erase_after();
      break;
    case Action::kClear:
      field.clear();
      break;
    default:
      break;
  }
}

void Model::enter() {
  if (focus_ == Widget::kCancel || focus_ == Widget::kKeyboard) return activate(focus_);
  const bool on_form = !choosing_keyboard_ && std::holds_alternative<FormPage>(page_);
  // Enter after the name goes on to the password, as people do it; anywhere else it means the button.
  if (on_form && focus_ == Widget::kUser && !user_.empty() && password_.empty()) {
    focus_ = Widget::kPassword;
    return;
  }
  activate(Widget::kPrimary);
}

void Model::escape() {
  if (choosing_keyboard_) return close_keyboards();
  if (std::holds_alternative<FormPage>(page_)) {
    // Letting the client go takes the button: a key pressed once too often should not.
    password_.clear();
    focus_ = user_.empty() ? Widget::kUser : Widget::kPassword;
    return;
  }
  const auto possible = widgets();
  if (std::find(possible.begin(), possible.end(), Widget::kCancel) != possible.end()) {
    activate(Widget::kCancel);
  } else {
    activate(Widget::kPrimary);  // something that was only told
  }
}

void Model::activate(Widget widget) {
  const auto possible = widgets();
  if (std::find(possible.begin(), possible.end(), widget) == possible.end()) return;
  if (widget == Widget::kKeyboard) return open_keyboards();
  if (choosing_keyboard_) {
    if (widget == Widget::kCancel) return close_keyboards();
    if (widget != Widget::kPrimary && widget != Widget::kList) return;
    const std::size_t chosen = list_.selected;
    close_keyboards();
    return outlet_.use_keyboard(chosen);
  }
  if (widget == Widget::kCancel) return cancel(std::holds_alternative<FormPage>(page_));
  if (widget != Widget::kPrimary && widget != Widget::kList) return;
  if (std::holds_alternative<FormPage>(page_)) return submit_form();
  if (std::holds_alternative<PromptPage>(page_)) return submit_answer();
  if (std::holds_alternative<ChoicePage>(page_)) return submit_choice();
}

void Model::press(Widget widget, std::size_t row) {
  const auto possible = widgets();
  if (std::find(possible.begin(), possible.end(), widget) == possible.end()) return;
  if (widget == Widget::kList) {
    if (row < list_.rows) list_.select(row);
    focus_ = widget;
  } else if (field(widget) != nullptr) {
    focus_ = widget;
  } else {
    pressed_ = widget;
  }
}

void Model::release(Widget widget) {
  const Widget pressed = std::exchange(pressed_, Widget::kNone);
  if (pressed != Widget::kNone && pressed == widget) activate(pressed);
}

void Model::place_cursor(std::size_t byte) {
  if (TextField* field = this->field(focus_)) field->move_to(byte);
}

void Model::scroll(int rows) {
  list_.scroll(rows);
}

}  // namespace ts::logon
