#include "lib/display/scancodes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ts::display {
namespace {

constexpr std::uint8_t kEvdevOffset = 8;  // an X key code is evdev's plus this
constexpr std::uint8_t kLeftControl = 0x1d, kNumLock = 0x45;
constexpr std::uint8_t kEvdevPause = 119, kEvdevPrint = 99;

using Pair = std::pair<std::uint8_t, std::uint8_t>;  // scan code, evdev

// 0x01...0x53 and 0x56...0x58 are the same in both.
constexpr std::array kPlain{
    Pair{0x54, kEvdevPrint},  // Alt with Print: SysRq
    Pair{0x59, 117},          // keypad =
    Pair{0x64, 183},         Pair{0x65, 184}, Pair{0x66, 185}, Pair{0x67, 186}, Pair{0x68, 187},  // F13...
    Pair{0x69, 188},         Pair{0x6a, 189}, Pair{0x6b, 190}, Pair{0x6c, 191}, Pair{0x6d, 192},
    Pair{0x6e, 193},         Pair{0x76, 194},  // ... F24
    Pair{0x70, 93},                            // Hiragana/Katakana
    Pair{0x71, 123},                           // Hanja
    Pair{0x72, 122},                           // Hangul
    Pair{0x73, 89},                            // ABNT C1, Japanese Ro
    Pair{0x77, 91},                            // Hiragana
    Pair{0x78, 90},                            // Katakana
    Pair{0x79, 92},                            // Henkan
    Pair{0x7b, 94},                            // Muhenkan
    Pair{0x7d, 124},                           // Yen
    Pair{0x7e, 121},                           // ABNT C2, keypad comma
    Pair{0xf1, 123},         Pair{0xf2, 122},
};

constexpr std::array kExtended{
    Pair{0x10, 165}, Pair{0x19, 163},                           // previous, next track
    Pair{0x1c, 96},  Pair{0x1d, 97},                            // keypad Enter, right Ctrl
    Pair{0x20, 113}, Pair{0x21, 140},         Pair{0x22, 164},  // mute, calculator, play
    Pair{0x24, 166}, Pair{0x2e, 114},         Pair{0x30, 115},  // stop, volume down, up
    Pair{0x32, 172},                                            // home page
    Pair{0x35, 98},  Pair{0x37, kEvdevPrint},                   // keypad /, Print
    Pair{0x38, 100}, Pair{0x46, kEvdevPause},                   // AltGr, Ctrl with Pause: Break
    Pair{0x45, 69},                                             // NumLock, which some send as extended
    Pair{0x47, 102}, Pair{0x48, 103},         Pair{0x49, 104},  // Home, Up, Page Up
    Pair{0x4b, 105}, Pair{0x4d, 106},         Pair{0x4f, 107},  // Left, Right, End
    Pair{0x50, 108}, Pair{0x51, 109},         Pair{0x52, 110},  // Down, Page Down, Insert
    Pair{0x53, 111},                                            // Delete
    Pair{0x5b, 125}, Pair{0x5c, 126},         Pair{0x5d, 127},  // Super, Super, Menu
    Pair{0x5e, 116}, Pair{0x5f, 142},         Pair{0x63, 143},  // power, sleep, wake
    Pair{0x65, 217}, Pair{0x66, 156},         Pair{0x67, 173},  // search, favourites, refresh
    Pair{0x68, 128}, Pair{0x69, 159},         Pair{0x6a, 158},  // stop, forward, back
    Pair{0x6b, 157}, Pair{0x6c, 155},         Pair{0x6d, 226},  // computer, mail, media
};

template <std::size_t N>
std::optional<Keycode> find(const std::array<Pair, N>& table, std::uint8_t code) {
  auto found = std::find_if(table.begin(), table.end(), [&](const Pair& pair) { return pair.first == code; });
  if (found == table.end()) return std::nullopt;
  return static_cast<Keycode>(found->second + kEvdevOffset);
}

}  // namespace

std::optional<Keycode> ScancodeReader::keycode(std::uint8_t code, std::uint8_t extended) {
  constexpr std::uint8_t kE0 = 0xe0, kE1 = 0xe1;
  const bool pause = std::exchange(after_e1_, false) && code == kNumLock;
  if (pause || (extended == kE1 && code == kNumLock)) return static_cast<Keycode>(kEvdevPause + kEvdevOffset);
  if (extended == kE1) {
    after_e1_ = code == kLeftControl;
    return std::nullopt;
  }
  if (extended == kE0) return find(kExtended, code);
  if ((code >= 0x01 && code <= 0x53) || (code >= 0x56 && code <= 0x58)) {
    return static_cast<Keycode>(code + kEvdevOffset);
  }
  return find(kPlain, code);
}

bool has_no_release(std::uint8_t code, std::uint8_t extended) {
  constexpr std::uint8_t kHanja = 0xf1, kHangul = 0xf2;
  return extended == 0 && (code == kHanja || code == kHangul);
}

bool is_modifier(Keycode keycode) {
  // Ctrl, Shift, Alt, Caps Lock, Num Lock, Scroll Lock, right Ctrl, AltGr, Super left and right.
  constexpr std::array<Keycode, 11> kModifiers{37, 50, 62, 64, 66, 77, kScrollLockKey, 105, 108, 133, 134};
  return std::find(kModifiers.begin(), kModifiers.end(), keycode) != kModifiers.end();
}

}  // namespace ts::display
