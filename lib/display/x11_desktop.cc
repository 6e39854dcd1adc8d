#include "lib/display/x11_desktop.h"

#include <algorithm>

namespace ts::display {

Result<std::unique_ptr<X11Desktop>> X11Desktop::open(X11Connection& connection, int framebuffer) {
  std::unique_ptr<X11Desktop> out(new X11Desktop(connection, framebuffer));
  TS_TRY(out->set_up());
  return out;
}

Result<> X11Desktop::set_up() {
  TS_TRY_ASSIGN(layout_, framebuffer_layout(framebuffer_));
  xcb_connection_t* xcb = connection_.xcb();
  const xcb_window_t root = connection_.root();
  damage_ = xcb_generate_id(xcb);
  parts_ = xcb_generate_id(xcb);
  xcb_damage_create(xcb, damage_, root, XCB_DAMAGE_REPORT_LEVEL_NON_EMPTY);
  xcb_xfixes_create_region(xcb, parts_, 0, nullptr);
  // The pointer is drawn by the client; here it would be painted into the framebuffer.
  xcb_xfixes_hide_cursor(xcb, root);
  xcb_xfixes_select_cursor_input(xcb, root, XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
  xcb_randr_select_input(xcb, root, XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE);
  touched_ = layout_.max_size;
  size_ = read_size();
  if (size_.width == 0) return fail(ErrorCode::kUnavailable, "the display server does not tell its size");
  read_cursor();
  take_damage();
  return {};
}

Size X11Desktop::read_size() {
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_get_geometry_reply_t> reply(
      xcb_get_geometry_reply(xcb, xcb_get_geometry(xcb, connection_.root()), nullptr));
  if (!reply) return {};
  // Readers go by the file: what does not fit into it is not there.
  return {std::min(reply->width, layout_.max_size.width), std::min(reply->height, layout_.max_size.height)};
}

bool X11Desktop::handle_event(const xcb_generic_event_t& event) {
  const std::uint8_t type = event.response_type & 0x7f;
  if (type == connection_.damage_event() + XCB_DAMAGE_NOTIFY) {
    damaged_ = true;
    return true;
  }
  if (type == connection_.xfixes_event() + XCB_XFIXES_CURSOR_NOTIFY) {
    const auto& notify = reinterpret_cast<const xcb_xfixes_cursor_notify_event_t&>(event);
    if (notify.cursor_serial != cursor_.serial) read_cursor();
    return true;
  }
  if (type == connection_.randr_event() + XCB_RANDR_SCREEN_CHANGE_NOTIFY) {
    const auto& notify = reinterpret_cast<const xcb_randr_screen_change_notify_event_t&>(event);
    size_ = read_size();
    touch({notify.width, notify.height});  // it may have another one again already
    touch(size_);
    return true;
  }
  return false;
}

void X11Desktop::touch(Size size) {
  touched_ = {std::max(touched_.width, size.width), std::max(touched_.height, size.height)};
}

Region X11Desktop::take_damage() {
  xcb_connection_t* xcb = connection_.xcb();
  damaged_ = false;
  xcb_damage_subtract(xcb, damage_, XCB_NONE, parts_);
  auto fetch = xcb_xfixes_fetch_region(xcb, parts_);
  auto query = xcb_query_pointer(xcb, connection_.root());  // in the same round trip: has a program moved it?
  Region out;
  XReply<xcb_xfixes_fetch_region_reply_t> region(xcb_xfixes_fetch_region_reply(xcb, fetch, nullptr));
  XReply<xcb_query_pointer_reply_t> pointer(xcb_query_pointer_reply(xcb, query, nullptr));
  if (pointer) pointer_ = {pointer->root_x, pointer->root_y};
  if (!region) return out;
  const xcb_rectangle_t* rects = xcb_xfixes_fetch_region_rectangles(region.get());
  const int count = xcb_xfixes_fetch_region_rectangles_length(region.get());
  for (int i = 0; i < count; ++i) {
    const int left = std::max<int>(0, rects[i].x), top = std::max<int>(0, rects[i].y);
    const int right = std::min<int>(size_.width, rects[i].x + rects[i].width);
    const int bottom = std::min<int>(size_.height, rects[i].y + rects[i].height);
    if (left >= right || top >= bottom) continue;
    out.add(Rect{static_cast<std::uint16_t>(left), static_cast<std::uint16_t>(top),
                 static_cast<std::uint16_t>(right - left), static_cast<std::uint16_t>(bottom - top)});
  }
  return out;
}

Result<Snapshot> X11Desktop::take_picture() {
  xcb_connection_t* xcb = connection_.xcb();
  xcb_grab_server(xcb);
  const Size size = read_size();  // answered, the server is ours
  auto taken = take_snapshot(framebuffer_, layout_, size);
  xcb_ungrab_server(xcb);
  connection_.flush();
  return taken;
}

void X11Desktop::read_cursor() {
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_xfixes_get_cursor_image_reply_t> image(
      xcb_xfixes_get_cursor_image_reply(xcb, xcb_xfixes_get_cursor_image(xcb), nullptr));
  if (!image) return;
  const std::uint32_t* pixels = xcb_xfixes_get_cursor_image_cursor_image(image.get());
  const std::size_t count =
      static_cast<std::size_t>(xcb_xfixes_get_cursor_image_cursor_image_length(image.get()));
  cursor_ = Cursor{.serial = image->cursor_serial};
  constexpr std::uint32_t kAlpha = 0xff000000;
  if (count < std::size_t{image->width} * image->height ||
      std::none_of(pixels, pixels + count, [](std::uint32_t pixel) { return (pixel & kAlpha) != 0; })) {
    return;  // hidden: programs do that with an empty shape
  }
  // Larger than any client can show: its corner, which has the point that matters more often than not.
  constexpr std::uint16_t kMax = kMaxCursorSize;
  cursor_.width = std::min(image->width, kMax);
  cursor_.height = std::min(image->height, kMax);
  cursor_.hot_x = std::min<std::uint16_t>(image->xhot, cursor_.width - 1);
  cursor_.hot_y = std::min<std::uint16_t>(image->yhot, cursor_.height - 1);
  cursor_.pixels.reserve(std::size_t{cursor_.width} * cursor_.height);
  for (std::size_t y = 0; y < cursor_.height; ++y) {
    const std::uint32_t* row = pixels + y * image->width;
    cursor_.pixels.insert(cursor_.pixels.end(), row, row + cursor_.width);
  }
}

}  // namespace ts::display
