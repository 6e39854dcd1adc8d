// PC set 1 scan codes, as RDP clients send them, to X key codes (evdev's plus 8). Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace ts::display {

using Keycode = std::uint8_t;

/// Follows one client's keys: Pause comes as a sequence (E1 1D, 45), so it has to remember.
class ScancodeReader {
 public:
  /// Nothing for a code that is no key, or is only the first part of one.
  std::optional<Keycode> keycode(std::uint8_t code, std::uint8_t extended);

 private:
  bool after_e1_ = false;
};

/// Korean keyboards tell only when their Hangul and Hanja keys go down.
bool has_no_release(std::uint8_t code, std::uint8_t extended);

/// Keys whose repetition means nothing: modifiers and locks.
bool is_modifier(Keycode keycode);

inline constexpr Keycode kScrollLockKey = 78;

}  // namespace ts::display
