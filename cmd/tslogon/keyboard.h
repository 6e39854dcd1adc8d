// Key events of the X server to keys as the model knows them: the server's keymap by xkbcommon, dead keys and
// the Compose key by its tables. The keymap is read again when it has changed, at the next key; the compose
// table, which is large, when the first key needs it.
#pragma once

#include <xkbcommon/xkbcommon-compose.h>

#include <functional>
#include <memory>
#include <optional>

#include "cmd/tslogon/key.h"
#include "lib/display/x11_keymap.h"

namespace ts::logon {

class Keyboard {
 public:
  /// `connection` stays the caller's. `on_caps_lock`: it has changed.
  Keyboard(display::X11Connection& connection, std::function<void(bool on)> on_caps_lock);

  /// True if the event was XKB's.
  bool handle_event(const xcb_generic_event_t& event);
  /// Nothing for keys that mean nothing here, and in the middle of a compose sequence.
  std::optional<Key> press(const xcb_key_press_event_t& event);
  bool caps_lock() const { return caps_lock_; }

 private:
  struct ComposeFree {
    void operator()(xkb_compose_table* table) const { xkb_compose_table_unref(table); }
    void operator()(xkb_compose_state* state) const { xkb_compose_state_unref(state); }
  };
  bool load();
  void set_caps_lock(bool on);
  /// What a keysym has become: nothing yet, a text, or itself.
  enum class Composed { kNothing, kText, kItself };
  Composed compose(xkb_keysym_t keysym, std::string& text);

  display::X11Connection& connection_;
  std::function<void(bool)> on_caps_lock_;
  std::unique_ptr<xkb_context, display::XkbFree> context_;
  std::unique_ptr<xkb_keymap, display::XkbFree> keymap_;
  std::unique_ptr<xkb_state, display::XkbFree> state_;
  std::unique_ptr<xkb_compose_state, ComposeFree> composing_;
  bool compose_tried_ = false, caps_lock_ = false;
};

}  // namespace ts::logon
