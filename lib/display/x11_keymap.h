// The keymap of an X server: read, looked up, replaced by another layout, and lent single keys for characters
// that the layout does not have.
#pragma once

#include <xkbcommon/xkbcommon.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "lib/display/keyboard_layouts.h"
#include "lib/display/scancodes.h"
#include "lib/display/x11_connection.h"
#include "lib/net/loop.h"

namespace ts::display {

struct XkbFree {
  void operator()(xkb_context* context) const { xkb_context_unref(context); }
  void operator()(xkb_keymap* keymap) const { xkb_keymap_unref(keymap); }
  void operator()(xkb_state* state) const { xkb_state_unref(state); }
};

/// What is pressed and locked now, as real modifier masks.
struct ModifierState {
  std::uint32_t base = 0, locked = 0;
  std::uint32_t group = 0;
};

class X11Keymap {
 public:
  explicit X11Keymap(X11Connection& connection) : connection_(connection) {}

  /// Replaces the server's keymap and writes its name where programs look (_XKB_RULES_NAMES).
  Result<> apply(const KeyboardLayout& layout);
  /// The name there now.
  bool named(const KeyboardLayout& layout);
  /// The server's keymap has changed: it is read again when next needed.
  void forget() { keymap_.reset(); }

  /// Lock bits as RDP has them (1 scroll, 2 num, 4 caps, 8 kana) to and from real modifiers.
  std::uint32_t modifiers_of_locks(std::uint32_t locks);
  std::uint32_t locks_of_modifiers(std::uint32_t modifiers);

  /// How to type a keysym: with these of Shift and AltGr down and the others up.
  struct Typing {
    Keycode keycode = 0;
    bool any_modifiers = false;  // they do not matter
    bool shift = false, level3 = false;
  };
  /// A key of the layout, or one that is lent to it.
  std::optional<Typing> find(xkb_keysym_t keysym, const ModifierState& state);

  /// Lends keys to as many of these as can be now, in their order. Programs look a key up when they come to
  /// read of it: one that was typed a moment ago keeps its meaning, and what comes in a burst is lent in a
  /// few big changes.
  enum class Lending { kDone, kLater, kNever };
  Lending lend(std::span<const xkb_keysym_t> keysyms, net::TimePoint now);

  std::uint32_t shift_mask() const { return 1; }  // the core protocol's ShiftMask
  std::uint32_t level3_mask();
  Keycode shift_key();
  Keycode level3_key();
  /// The modifiers that a key gives while it is down.
  std::uint32_t modifiers_of_key(Keycode keycode);

 private:
  struct Lent {
    Keycode keycode = 0;
    xkb_keysym_t keysym = XKB_KEY_NoSymbol;
    net::TimePoint used{};
  };
  bool load();
  void find_spare_keys();
  std::optional<Keycode> find_key(xkb_keysym_t keysym, const ModifierState& state);
  std::optional<Keycode> first_key_with(xkb_keysym_t keysym);
  void write_symbol(Keycode key, xkb_keysym_t keysym);
  void write_name(const KeyboardLayout& layout);
  xcb_atom_t name_atom();

  X11Connection& connection_;
  std::unique_ptr<xkb_context, XkbFree> context_;
  std::unique_ptr<xkb_keymap, XkbFree> keymap_;
  std::unique_ptr<xkb_state, XkbFree> state_;  // for asking "what if"
  std::array<std::uint32_t, 4> lock_modifiers_{};
  std::vector<Lent> lent_;  // the one used longest ago first
  net::TimePoint lent_at_{};
};

}  // namespace ts::display
