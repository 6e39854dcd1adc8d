#include "lib/display/stack_input.h"

#include <algorithm>

#include "lib/base/log.h"

namespace ts::display {

Result<> StackInput::take(const Event& event) {
  constexpr std::size_t kMostWaiting = 16384;
  if (waiting_.size() >= kMostWaiting) {
    return fail(ErrorCode::kMalformed, "{} input events wait to be typed, more are not taken",
                waiting_.size());
  }
  waiting_.push_back(event);
  return waiting_.size() == 1 ? go_on() : Result<>();
}

Result<> StackInput::go_on() {
  while (!waiting_.empty()) {
    TS_TRY_ASSIGN(bool done,
                  std::visit([this](const auto& event) { return handle(event); }, waiting_.front()));
    if (!done) break;
    waiting_.pop_front();
  }
  return {};
}

/// The characters that wait, as far as it makes sense to think ahead.
std::vector<char32_t> StackInput::upcoming() const {
  constexpr std::size_t kMost = 64;
  std::vector<char32_t> out;
  for (const Event& event : waiting_) {
    const auto* character = std::get_if<UnicodeEvent>(&event);
    if (character != nullptr && character->down != 0) out.push_back(character->code_point);
    if (out.size() == kMost) break;
  }
  return out;
}

Result<bool> StackInput::handle(const Keyboard& keyboard) {
  const KeyboardChoice choice =
      choose_keyboard({.layout = keyboard.layout, .type = keyboard.type, .subtype = keyboard.subtype});
  if (!choice.known && keyboard.layout != 0) {
    log::warning("No such keyboard layout is known, using the nearest layout={:#x} using={} variant={}",
                 keyboard.layout, choice.layout.layout, choice.layout.variant);
  }
  if (auto set = keyboard_.set_layout(choice.layout); !set) {
    log::warning("Keeping the keyboard layout layout={:#x}: {}", keyboard.layout, set.error().message);
  }
  return true;
}

Result<bool> StackInput::handle(const KeyEvent& key) {
  if (key.down > 1 || (key.extended != 0 && key.extended != 0xe0 && key.extended != 0xe1)) {
    return fail(ErrorCode::kMalformed, "key event with down {} and prefix {:#x}", key.down, key.extended);
  }
  forget_lifted_keys();
  const auto keycode = scancodes_.keycode(key.code, key.extended);
  if (!keycode) return true;
  if (key.down == 0) {
    if (keys_[*keycode]) keyboard_.release(*keycode);
    keys_[*keycode] = false;
    return true;
  }
  if (keys_[*keycode]) {
    keyboard_.repeat(*keycode);
    return true;
  }
  keyboard_.press(*keycode);
  if (has_no_release(key.code, key.extended)) {
    keyboard_.release(*keycode);
    return true;
  }
  keys_[*keycode] = true;
  constexpr std::uint32_t kScroll = 1;
  if (*keycode == kScrollLockKey) client_locks_ ^= kScroll;
  return true;
}

Result<bool> StackInput::handle(const UnicodeEvent& character) {
  const std::uint32_t point = character.code_point;
  if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || character.down > 1) {
    return fail(ErrorCode::kMalformed, "character {:#x} does not exist", point);
  }
  if (character.down == 0) return true;  // typed whole when it goes down
  auto typed = keyboard_.type(point, upcoming());
  if (typed == X11Keyboard::Typed::kNever) log::debug("No key for character {:#x}", point);
  return typed != X11Keyboard::Typed::kLater;
}

Result<bool> StackInput::handle(const SynchronizeEvent& synchronize) {
  forget_lifted_keys();
  for (int key = 0; key < 256; ++key) {
    if (keys_[static_cast<std::size_t>(key)]) keyboard_.release(static_cast<Keycode>(key));
  }
  keys_.reset();
  client_locks_ = synchronize.locks & 0xf;
  keyboard_.set_locks(client_locks_);
  return true;
}

Result<bool> StackInput::handle(const MouseEvent& mouse) {
  constexpr std::uint8_t kFirstWheelButton = 4, kLastWheelButton = 7;
  if (mouse.button > X11Pointer::kButtons || mouse.down > 1 || mouse.move > 1 ||
      (mouse.button >= kFirstWheelButton && mouse.button <= kLastWheelButton)) {
    return fail(ErrorCode::kMalformed, "mouse event with button {}", mouse.button);
  }
  if (mouse.move != 0) {
    // A client that has not yet heard of a smaller desktop may well point outside.
    const Size size = desktop_.size();
    const Point to{static_cast<std::int16_t>(std::min<int>(mouse.x, size.width - 1)),
                   static_cast<std::int16_t>(std::min<int>(mouse.y, size.height - 1))};
    pointer_.move(to);
    desktop_.set_pointer(to);
  }
  const bool down = mouse.down != 0;
  if (mouse.button != 0 && buttons_[mouse.button] != down) {
    buttons_[mouse.button] = down;
    down ? pointer_.press(mouse.button) : pointer_.release(mouse.button);
  }
  if (mouse.wheel_vertical != 0 || mouse.wheel_horizontal != 0) {
    pointer_.turn_wheel(notches(wheel_vertical_, mouse.wheel_vertical),
                        notches(wheel_horizontal_, mouse.wheel_horizontal));
  }
  return true;
}

int StackInput::notches(int& rest, int units) {
  constexpr int kNotch = 120;
  if ((rest < 0) != (units < 0)) rest = 0;  // turned back: what was left over counts no more
  rest += units;
  const int whole = rest / kNotch;
  rest -= whole * kNotch;
  return whole;
}

std::uint32_t StackInput::locks() {
  const std::uint32_t known = keyboard_.known_locks();
  return (keyboard_.locks() & known) | (client_locks_ & ~known);
}

void StackInput::forget_lifted_keys() {
  if (times_lifted_ == keyboard_.times_lifted()) return;
  times_lifted_ = keyboard_.times_lifted();
  keys_.reset();
}

void StackInput::release_all() {
  forget_lifted_keys();
  for (int key = 0; key < 256; ++key) {
    if (keys_[static_cast<std::size_t>(key)]) keyboard_.release(static_cast<Keycode>(key));
  }
  for (std::uint8_t button = 1; button <= X11Pointer::kButtons; ++button) {
    if (buttons_[button]) pointer_.release(button);
  }
}

}  // namespace ts::display
