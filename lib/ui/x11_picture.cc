#include "lib/ui/x11_picture.h"

#include <algorithm>
#include <cstddef>

namespace ts::ui {

void put_picture(display::X11Connection& connection, xcb_window_t window, xcb_gcontext_t context,
                 std::uint8_t depth, cairo_surface_t* picture, int x, int y) {
  xcb_connection_t* xcb = connection.xcb();
  const int width = cairo_image_surface_get_width(picture), height = cairo_image_surface_get_height(picture);
  const int stride = cairo_image_surface_get_stride(picture);
  // In units of 4 bytes, of which the request itself takes 7 at most.
  constexpr std::uint32_t kRequest = 7;
  const std::uint32_t most = (xcb_get_maximum_request_length(xcb) - kRequest) * 4;
  const int rows = std::max(1, static_cast<int>(most / static_cast<std::uint32_t>(stride)));
  for (int row = 0; row < height; row += rows) {
    const int count = std::min(rows, height - row);
    xcb_put_image(xcb, XCB_IMAGE_FORMAT_Z_PIXMAP, window, context, static_cast<std::uint16_t>(width),
                  static_cast<std::uint16_t>(count), static_cast<std::int16_t>(x),
                  static_cast<std::int16_t>(y + row), 0, depth, static_cast<std::uint32_t>(count * stride),
                  cairo_image_surface_get_data(picture) + std::ptrdiff_t{row} * stride);
  }
}

void set_left_pointer(display::X11Connection& connection, xcb_window_t window) {
  constexpr std::uint16_t kLeftPointer = 68;  // in the core protocol's cursor font
  xcb_connection_t* xcb = connection.xcb();
  const xcb_font_t font = xcb_generate_id(xcb);
  constexpr std::string_view kName = "cursor";
  xcb_open_font(xcb, font, kName.size(), kName.data());
  const xcb_cursor_t cursor = xcb_generate_id(xcb);
  constexpr std::uint16_t kBlack = 0, kWhite = 0xffff;
  xcb_create_glyph_cursor(xcb, cursor, font, font, kLeftPointer, kLeftPointer + 1, kBlack, kBlack, kBlack,
                          kWhite, kWhite, kWhite);
  xcb_change_window_attributes(xcb, window, XCB_CW_CURSOR, &cursor);
  xcb_free_cursor(xcb, cursor);
  xcb_close_font(xcb, font);
}

xcb_atom_t atom(display::X11Connection& connection, std::string_view name) {
  xcb_connection_t* xcb = connection.xcb();
  display::XReply<xcb_intern_atom_reply_t> reply(xcb_intern_atom_reply(
      xcb, xcb_intern_atom(xcb, 0, static_cast<std::uint16_t>(name.size()), name.data()), nullptr));
  return reply ? reply->atom : static_cast<xcb_atom_t>(XCB_NONE);
}

void settle(display::X11Connection& connection, const std::function<bool()>& read,
            const std::function<void()>& refresh) {
  read();
  // Asking and telling the server something can bring events along that no descriptor tells of: until there
  // are none.
  do {
    refresh();
    connection.flush();
  } while (read());
}

}  // namespace ts::ui
