// What windows that show painted pictures have in common: the picture itself, the pointer over them, atoms.
#pragma once

#include <cairo.h>

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

}  // namespace ts::ui
