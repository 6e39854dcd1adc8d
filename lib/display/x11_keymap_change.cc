// X11Keymap's changes of the server's keymap: another layout, and keys lent to characters. xcb cannot write
// these two requests for us: XkbGetKbdByName's strings are not in its description, and XkbSetMap is all
// optional parts.
#include <xcb/xcbext.h>
#include <algorithm>

#include <array>

#include "lib/base/message.h"
#include "lib/display/x11_keymap.h"
#include "lib/display/xcb_xkb.h"

namespace ts::display {
namespace {

constexpr std::size_t kMostLent = 48;
// A program that is slow to read its keys has this long, and is not made to read the keymap more often than
// that.
constexpr std::chrono::milliseconds kRest{300}, kBetweenChanges{20};
constexpr std::uint16_t kCoreKeyboard = XCB_XKB_ID_USE_CORE_KBD;

/// XkbGetKbdByName after its header; six counted strings follow.
struct GetKbdByNameBody {
  std::uint16_t device = kCoreKeyboard;
  std::uint16_t need = 0, want = 0;
  std::uint8_t load = 1;
  std::uint8_t reserved = 0;
};

/// XkbSetMap with the symbols of a single key.
struct SetMapOfOneKey {
  xcb_xkb_set_map_request_t request{};
  xcb_xkb_key_sym_map_t key{};
  std::array<std::uint32_t, 2> symbols{};
};
static_assert(sizeof(SetMapOfOneKey) == 36 + 8 + 8);

/// Sends an XKB request given as all that follows its 4-byte header; xcb fills that in.
unsigned send_request(xcb_connection_t* xcb, std::uint8_t opcode, bool has_reply, Bytes body) {
  while (body.size() % 4 != 0) body.push_back(std::byte{0});
  std::uint32_t header = 0;
  // xcb wants two entries before the first for itself.
  iovec parts[4] = {{}, {}, {&header, sizeof header}, {body.data(), body.size()}};
  const xcb_protocol_request_t request{2, &xcb_xkb_id, opcode, static_cast<std::uint8_t>(has_reply ? 0 : 1)};
  return xcb_send_request(xcb, has_reply ? XCB_REQUEST_CHECKED : 0, parts + 2, &request);
}

/// The value of _XKB_RULES_NAMES: rules, model, layouts, variants, options, each ended by NUL.
std::string rules_names(const KeyboardLayout& layout) {
  std::string group2 = layout.needs_latin ? ",us" : "";
  std::string variant2 = layout.needs_latin ? "," : "";
  std::string out;
  for (std::string text :
       {std::string("evdev"), std::string(layout.model), std::string(layout.layout) + group2,
        std::string(layout.variant) + variant2, std::string()}) {
    out += text;
    out.push_back('\0');
  }
  return out;
}

}  // namespace

Result<> X11Keymap::apply(const KeyboardLayout& layout) {
  const KeymapComponents names = keymap_components(layout);
  GetKbdByNameBody fixed;
  fixed.need = XCB_XKB_GBN_DETAIL_TYPES | XCB_XKB_GBN_DETAIL_COMPAT_MAP | XCB_XKB_GBN_DETAIL_CLIENT_SYMBOLS |
               XCB_XKB_GBN_DETAIL_SERVER_SYMBOLS | XCB_XKB_GBN_DETAIL_KEY_NAMES;
  fixed.want =
      XCB_XKB_GBN_DETAIL_INDICATOR_MAPS | XCB_XKB_GBN_DETAIL_OTHER_NAMES | XCB_XKB_GBN_DETAIL_GEOMETRY;
  Bytes body;
  ByteWriter writer(body);
  writer.bytes(message_bytes(fixed));
  for (std::string_view name :
       {std::string_view(), std::string_view(names.keycodes), std::string_view(names.types),
        std::string_view(names.compat), std::string_view(names.symbols), std::string_view(names.geometry)}) {
    writer.u8(static_cast<std::uint8_t>(name.size()));
    writer.text(name);
  }
  xcb_connection_t* xcb = connection_.xcb();
  const unsigned sequence = send_request(xcb, XCB_XKB_GET_KBD_BY_NAME, true, std::move(body));
  xcb_generic_error_t* error = nullptr;
  XReply<xcb_xkb_get_kbd_by_name_reply_t> reply(
      static_cast<xcb_xkb_get_kbd_by_name_reply_t*>(xcb_wait_for_reply(xcb, sequence, &error)));
  XReply<xcb_generic_error_t> owned(error);
  forget();
  if (!reply || !reply->loaded) {
    return fail(ErrorCode::kUnavailable, "the display server did not load the keymap '{}'", names.symbols);
  }
  write_name(layout);
  return {};
}

xcb_atom_t X11Keymap::name_atom() {
  constexpr std::string_view kName = "_XKB_RULES_NAMES";
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_intern_atom_reply_t> reply(
      xcb_intern_atom_reply(xcb, xcb_intern_atom(xcb, 0, kName.size(), kName.data()), nullptr));
  return reply ? reply->atom : static_cast<xcb_atom_t>(XCB_NONE);
}

void X11Keymap::write_name(const KeyboardLayout& layout) {
  const std::string names = rules_names(layout);
  xcb_change_property(connection_.xcb(), XCB_PROP_MODE_REPLACE, connection_.root(), name_atom(),
                      XCB_ATOM_STRING, 8, static_cast<std::uint32_t>(names.size()), names.data());
}

bool X11Keymap::named(const KeyboardLayout& layout) {
  constexpr std::uint32_t kMostWords = 256;
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_get_property_reply_t> reply(xcb_get_property_reply(
      xcb, xcb_get_property(xcb, 0, connection_.root(), name_atom(), XCB_ATOM_STRING, 0, kMostWords),
      nullptr));
  if (!reply) return false;
  std::string_view value(static_cast<const char*>(xcb_get_property_value(reply.get())),
                         static_cast<std::size_t>(xcb_get_property_value_length(reply.get())));
  return value == rules_names(layout);
}

void X11Keymap::find_spare_keys() {
  std::vector<Lent> kept;
  auto sole_symbol = [&](xkb_keycode_t key) -> xkb_keysym_t {
    const xkb_keysym_t* syms = nullptr;
    return xkb_keymap_key_get_syms_by_level(keymap_.get(), key, 0, 0, &syms) == 1 ? syms[0]
                                                                                  : XKB_KEY_NoSymbol;
  };
  for (const Lent& lent : lent_) {
    const xkb_keysym_t now = sole_symbol(lent.keycode);
    // Somebody else took it, or the whole keymap is new: what it means now counts, if it means anything.
    if (now == lent.keysym) kept.push_back(lent);
  }
  for (xkb_keycode_t key = 255; key >= 8 && kept.size() < kMostLent; --key) {
    auto same = [&](const Lent& lent) { return lent.keycode == key; };
    if (xkb_keymap_num_layouts_for_key(keymap_.get(), key) == 0 &&
        std::none_of(kept.begin(), kept.end(), same)) {
      kept.insert(kept.begin(), Lent{static_cast<Keycode>(key), XKB_KEY_NoSymbol, {}});
    }
  }
  lent_ = std::move(kept);
}

X11Keymap::Lending X11Keymap::lend(std::span<const xkb_keysym_t> keysyms, net::TimePoint now) {
  if (!load() || lent_.empty()) return Lending::kNever;
  if (now - lent_at_ < kBetweenChanges) return Lending::kLater;
  bool any = false;
  for (xkb_keysym_t keysym : keysyms) {
    auto has = [&](const Lent& lent) { return lent.keysym == keysym; };
    if (std::any_of(lent_.begin(), lent_.end(), has)) continue;
    Lent& oldest = lent_.front();
    if (now - oldest.used < kRest) break;
    oldest = {oldest.keycode, keysym, now};
    write_symbol(oldest.keycode, keysym);
    std::rotate(lent_.begin(), lent_.begin() + 1, lent_.end());
    any = true;
  }
  if (!any) return Lending::kLater;
  lent_at_ = now;
  return Lending::kDone;
}

void X11Keymap::write_symbol(Keycode key, xkb_keysym_t keysym) {
  // Alphabetic with both levels the same, so that neither Shift nor Caps Lock changes it.
  constexpr std::uint8_t kAlphabetic = 2;
  SetMapOfOneKey change;
  change.request.deviceSpec = kCoreKeyboard;
  change.request.present = XCB_XKB_MAP_PART_KEY_SYMS;
  change.request.minKeyCode = 8;
  change.request.maxKeyCode = 255;
  change.request.firstKeySym = key;
  change.request.nKeySyms = 1;
  change.request.totalSyms = static_cast<std::uint16_t>(change.symbols.size());
  change.key.kt_index[0] = kAlphabetic;
  change.key.groupInfo = 1;  // groups
  change.key.width = static_cast<std::uint8_t>(change.symbols.size());
  change.key.nSyms = static_cast<std::uint16_t>(change.symbols.size());
  change.symbols = {keysym, keysym};
  ByteView bytes = message_bytes(change).subspan(sizeof(std::uint32_t));  // the header is not ours to write
  send_request(connection_.xcb(), XCB_XKB_SET_MAP, false, Bytes(bytes.begin(), bytes.end()));
}

}  // namespace ts::display
