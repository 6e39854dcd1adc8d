// What windows that show painted pictures have in common: the picture itself, the pointer over them, atoms,
// and when to show what.
#pragma once

#include <cairo.h>

#include <functional>
#include <string_view>

#include "lib/display/x11_connection.h"

namespace ts::ui {

/// Shows a picture of the kind the painter makes with its top left corner there. `depth`: the window's.
void put_picture(display::X11Connection& connection, xcb_window_t window, xcb_gcontext_t context,
                 std::uint8_t depth, cairo_surface_t* picture, int x, int y);

/// The arrow.
void set_left_pointer(display::X11Connection& connection, xcb_window_t window);

/// XCB_NONE when the server does not answer.
xcb_atom_t atom(display::X11Connection& connection, std::string_view name);

/// Deals with the server's events by `read` (whether there were any) and shows what has changed by `refresh`,
/// until neither has brought anything more.
void settle(display::X11Connection& connection, const std::function<bool()>& read,
            const std::function<void()>& refresh);

}  // namespace ts::ui
