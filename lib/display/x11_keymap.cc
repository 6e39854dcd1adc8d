#include "lib/display/x11_keymap.h"

#include <xkbcommon/xkbcommon-x11.h>

#include <algorithm>

namespace ts::display {
namespace {

constexpr xkb_keycode_t kFirstKeycode = 8, kLastKeycode = 255;

// Lock bits in RDP's order and the indicators that show them.
constexpr std::array<const char*, 4> kIndicators{XKB_LED_NAME_SCROLL, XKB_LED_NAME_NUM, XKB_LED_NAME_CAPS,
                                                 "Kana"};

}  // namespace

bool X11Keymap::load() {
  if (keymap_) return true;
  if (!context_) {
    context_.reset(xkb_context_new(
        static_cast<xkb_context_flags>(XKB_CONTEXT_NO_DEFAULT_INCLUDES | XKB_CONTEXT_NO_ENVIRONMENT_NAMES)));
  }
  xcb_connection_t* xcb = connection_.xcb();
  const std::int32_t device = xkb_x11_get_core_keyboard_device_id(xcb);
  keymap_.reset(xkb_x11_keymap_new_from_device(context_.get(), xcb, device, XKB_KEYMAP_COMPILE_NO_FLAGS));
  if (!keymap_) return false;
  state_.reset(xkb_state_new(keymap_.get()));
  lock_modifiers_ = {};
  for (std::uint32_t modifier = 1; modifier < 256; modifier <<= 1) {
    xkb_state_update_mask(state_.get(), 0, 0, modifier, 0, 0, 0);
    for (std::size_t i = 0; i < kIndicators.size(); ++i) {
      if (xkb_state_led_name_is_active(state_.get(), kIndicators[i]) > 0) lock_modifiers_[i] |= modifier;
    }
  }
  find_spare_keys();
  return true;
}

std::uint32_t X11Keymap::modifiers_of_locks(std::uint32_t locks) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; load() && i < lock_modifiers_.size(); ++i) {
    if (locks & (1U << i)) out |= lock_modifiers_[i];
  }
  return out;
}

std::uint32_t X11Keymap::locks_of_modifiers(std::uint32_t modifiers) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; load() && i < lock_modifiers_.size(); ++i) {
    if (lock_modifiers_[i] & modifiers) out |= 1U << i;
  }
  return out;
}

std::optional<Keycode> X11Keymap::first_key_with(xkb_keysym_t keysym) {
  for (xkb_keycode_t key = kFirstKeycode; load() && key <= kLastKeycode; ++key) {
    const xkb_keysym_t* syms = nullptr;
    if (xkb_keymap_key_get_syms_by_level(keymap_.get(), key, 0, 0, &syms) == 1 && syms[0] == keysym) {
      return static_cast<Keycode>(key);
    }
  }
  return std::nullopt;
}

Keycode X11Keymap::shift_key() {
  return first_key_with(XKB_KEY_Shift_L).value_or(0);
}
Keycode X11Keymap::level3_key() {
  return first_key_with(XKB_KEY_ISO_Level3_Shift).value_or(0);
}
std::uint32_t X11Keymap::level3_mask() {
  Keycode key = level3_key();
  return key == 0 ? 0 : modifiers_of_key(key);
}

std::uint32_t X11Keymap::modifiers_of_key(Keycode keycode) {
  if (!load()) return 0;
  std::unique_ptr<xkb_state, XkbFree> fresh(xkb_state_new(keymap_.get()));
  xkb_state_update_key(fresh.get(), keycode, XKB_KEY_DOWN);
  return xkb_state_serialize_mods(fresh.get(), XKB_STATE_MODS_DEPRESSED) & 0xff;
}

std::optional<Keycode> X11Keymap::find_key(xkb_keysym_t keysym, const ModifierState& with) {
  xkb_state_update_mask(state_.get(), with.base, 0, with.locked, 0, 0, with.group);
  for (xkb_keycode_t key = kFirstKeycode; key <= kLastKeycode; ++key) {
    if (xkb_state_key_get_one_sym(state_.get(), key) != keysym) continue;
    auto is_key = [&](const Lent& lent) { return lent.keycode == key; };
    if (std::none_of(lent_.begin(), lent_.end(), is_key)) return static_cast<Keycode>(key);
  }
  return std::nullopt;
}

std::optional<X11Keymap::Typing> X11Keymap::find(xkb_keysym_t keysym, const ModifierState& now) {
  if (!load()) return std::nullopt;
  const std::uint32_t shift = shift_mask(), level3 = level3_mask();
  const bool shift_down = (now.base & shift) != 0, level3_down = (now.base & level3) != 0;
  // As it is now, else with one of them changed, else both.
  for (int change = 0; change < 4; ++change) {
    Typing typing{.shift = shift_down != ((change & 1) != 0), .level3 = level3_down != ((change & 2) != 0)};
    if (typing.level3 && level3 == 0) continue;
    ModifierState with = now;
    with.base = (now.base & ~(shift | level3)) | (typing.shift ? shift : 0) | (typing.level3 ? level3 : 0);
    if (auto key = find_key(keysym, with)) {
      typing.keycode = *key;
      return typing;
    }
  }
  auto lent = std::find_if(lent_.begin(), lent_.end(), [&](const Lent& key) { return key.keysym == keysym; });
  if (lent == lent_.end()) return std::nullopt;
  lent->used = net::Clock::now();
  std::rotate(lent, lent + 1, lent_.end());
  return Typing{.keycode = lent_.back().keycode, .any_modifiers = true};
}

}  // namespace ts::display
