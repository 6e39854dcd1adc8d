#include "cmd/tslogon/keyboard.h"

#include <xkbcommon/xkbcommon-x11.h>

#include "cmd/tslogon/widgets.h"
#include "lib/base/log.h"
#include "lib/display/xcb_xkb.h"

namespace ts::logon {
namespace {

using display::XReply;
using Action = Key::Action;

constexpr std::uint16_t kCoreKeyboard = XCB_XKB_ID_USE_CORE_KBD;
// The fullest of the tables; nearly all locales name it.
constexpr const char* kComposeLocale = "en_US.UTF-8";

bool starts_composing(xkb_keysym_t keysym) {
  return keysym == XKB_KEY_Multi_key ||
         (keysym >= XKB_KEY_dead_grave && keysym <= XKB_KEY_dead_longsolidusoverlay);
}

std::optional<Action> action_of(xkb_keysym_t keysym, bool shift) {
  switch (keysym) {
    case XKB_KEY_Tab:
    case XKB_KEY_KP_Tab:
      return shift ? Action::kPrevious : Action::kNext;
    case XKB_KEY_ISO_Left_Tab:
      return Action::kPrevious;
    case XKB_KEY_Return:
    case XKB_KEY_KP_Enter:
    case XKB_KEY_ISO_Enter:
      return Action::kEnter;
    case XKB_KEY_Escape:
      return Action::kEscape;
    case XKB_KEY_Up:
    case XKB_KEY_KP_Up:
      return Action::kUp;
    case XKB_KEY_Down:
    case XKB_KEY_KP_Down:
      return Action::kDown;
    case XKB_KEY_Prior:
    case XKB_KEY_KP_Prior:
      return Action::kPageUp;
    case XKB_KEY_Next:
    case XKB_KEY_KP_Next:
      return Action::kPageDown;
    case XKB_KEY_Left:
    case XKB_KEY_KP_Left:
      return Action::kLeft;
    case XKB_KEY_Right:
    case XKB_KEY_KP_Right:
      return Action::kRight;
    case XKB_KEY_Home:
    case XKB_KEY_KP_Home:
      return Action::kHome;
    case XKB_KEY_End:
    case XKB_KEY_KP_End:
      return Action::kEnd;
    case XKB_KEY_BackSpace:
      return Action::kBackspace;
    case XKB_KEY_Delete:
    case XKB_KEY_KP_Delete:
      return Action::kDelete;
    default:
      return std::nullopt;
  }
}

std::optional<Action> control_action(xkb_keysym_t keysym) {
  switch (keysym) {
    case XKB_KEY_a:
    case XKB_KEY_A:
      return Action::kHome;
    case XKB_KEY_e:
    case XKB_KEY_E:
      return Action::kEnd;
    case XKB_KEY_u:
    case XKB_KEY_U:
      return Action::kClear;
    case XKB_KEY_h:
    case XKB_KEY_H:
      return Action::kBackspace;
    default:
      return std::nullopt;
  }
}

std::string text_of(xkb_keysym_t keysym) {
  char text[8] = {};
  return xkb_keysym_to_utf8(keysym, text, sizeof text) > 1 ? text : "";
}

}  // namespace

Keyboard::Keyboard(display::X11Connection& connection, std::function<void(bool)> on_caps_lock)
    : connection_(connection), on_caps_lock_(std::move(on_caps_lock)) {
  xcb_connection_t* xcb = connection_.xcb();
  constexpr std::uint16_t kLocks = XCB_XKB_STATE_PART_MODIFIER_LOCK;
  constexpr std::uint16_t kMap = XCB_XKB_MAP_PART_KEY_TYPES | XCB_XKB_MAP_PART_KEY_SYMS |
                                 XCB_XKB_MAP_PART_MODIFIER_MAP | XCB_XKB_MAP_PART_VIRTUAL_MODS |
                                 XCB_XKB_MAP_PART_VIRTUAL_MOD_MAP;
  constexpr std::uint16_t kKeyboard = XCB_XKB_NKN_DETAIL_KEYCODES;
  xcb_xkb_select_events_details_t details{};
  details.affectNewKeyboard = kKeyboard;
  details.newKeyboardDetails = kKeyboard;
  details.affectState = kLocks;
  details.stateDetails = kLocks;
  xcb_xkb_select_events_aux(xcb, kCoreKeyboard,
                            XCB_XKB_EVENT_TYPE_NEW_KEYBOARD_NOTIFY | XCB_XKB_EVENT_TYPE_MAP_NOTIFY |
                                XCB_XKB_EVENT_TYPE_STATE_NOTIFY,
                            0, 0, kMap, kMap, &details);
  XReply<xcb_xkb_get_state_reply_t> now(
      xcb_xkb_get_state_reply(xcb, xcb_xkb_get_state(xcb, kCoreKeyboard), nullptr));
  caps_lock_ = now && (now->lockedMods & XCB_MOD_MASK_LOCK) != 0;
}

void Keyboard::set_caps_lock(bool on) {
  if (std::exchange(caps_lock_, on) != on) on_caps_lock_(on);
}

bool Keyboard::handle_event(const xcb_generic_event_t& event) {
  if ((event.response_type & 0x7f) != connection_.xkb_event()) return false;
  switch (event.pad0) {  // where all XKB events have their type
    case XCB_XKB_NEW_KEYBOARD_NOTIFY:
    case XCB_XKB_MAP_NOTIFY:
      keymap_.reset();
      break;
    case XCB_XKB_STATE_NOTIFY:
      set_caps_lock(reinterpret_cast<const xcb_xkb_state_notify_event_t&>(event).lockedMods &
                    XCB_MOD_MASK_LOCK);
      break;
  }
  return true;
}

bool Keyboard::load() {
  if (keymap_) return true;
  if (!context_) context_.reset(xkb_context_new(XKB_CONTEXT_NO_FLAGS));
  if (!context_) return false;
  xcb_connection_t* xcb = connection_.xcb();
  keymap_.reset(xkb_x11_keymap_new_from_device(context_.get(), xcb, xkb_x11_get_core_keyboard_device_id(xcb),
                                               XKB_KEYMAP_COMPILE_NO_FLAGS));
  if (!keymap_) return false;
  state_.reset(xkb_state_new(keymap_.get()));
  return state_ != nullptr;
}

Keyboard::Composed Keyboard::compose(xkb_keysym_t keysym, std::string& text) {
  if (!composing_ && !compose_tried_ && starts_composing(keysym)) {
    compose_tried_ = true;
    xkb_compose_table* table =
        xkb_compose_table_new_from_locale(context_.get(), kComposeLocale, XKB_COMPOSE_COMPILE_NO_FLAGS);
    if (table == nullptr) {
      log::warning("Ignoring dead keys: there is no compose table; install the package libx11-data");
    } else {
      composing_.reset(xkb_compose_state_new(table, XKB_COMPOSE_STATE_NO_FLAGS));
      xkb_compose_table_unref(table);
    }
  }
  if (!composing_ || xkb_compose_state_feed(composing_.get(), keysym) == XKB_COMPOSE_FEED_IGNORED) {
    return Composed::kItself;
  }
  switch (xkb_compose_state_get_status(composing_.get())) {
    case XKB_COMPOSE_COMPOSING:
    case XKB_COMPOSE_CANCELLED:
      return Composed::kNothing;
    case XKB_COMPOSE_COMPOSED: {
      char utf8[64] = {};
      if (xkb_compose_state_get_utf8(composing_.get(), utf8, sizeof utf8) > 0) text = utf8;
      xkb_compose_state_reset(composing_.get());
      return Composed::kText;
    }
    case XKB_COMPOSE_NOTHING:
      break;
  }
  return Composed::kItself;
}

std::optional<Key> Keyboard::press(const xcb_key_press_event_t& event) {
  if (!load()) return std::nullopt;
  // The event says what was down and locked when it happened; the group is in bits 13 and 14.
  xkb_state_update_mask(state_.get(), event.state & 0xff, 0, 0, 0, 0, (event.state >> 13) & 3);
  const xkb_keysym_t keysym = xkb_state_key_get_one_sym(state_.get(), event.detail);
  std::string text;
  const Composed composed = compose(keysym, text);
  if (composed == Composed::kNothing) return std::nullopt;
  if (composed == Composed::kText) {
    if (text.empty()) return std::nullopt;
    return Key{Action::kText, std::move(text)};
  }
  // AltGr may come as Control and Alt together: then it is a character all the same.
  const bool level3 = (event.state & XCB_MOD_MASK_5) != 0;
  const bool control = (event.state & XCB_MOD_MASK_CONTROL) != 0 && !level3;
  const bool alt = (event.state & XCB_MOD_MASK_1) != 0 && !level3;
  if (auto action = action_of(keysym, (event.state & XCB_MOD_MASK_SHIFT) != 0)) return Key{*action, {}};
  if (control && !alt) {
    if (auto action = control_action(keysym)) return Key{*action, {}};
  }
  if (control || alt) return std::nullopt;
  text = text_of(keysym);
  if (text.empty()) return std::nullopt;
  return Key{Action::kText, std::move(text)};
}

}  // namespace ts::logon
