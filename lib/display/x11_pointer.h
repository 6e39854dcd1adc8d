// Mouse input into an X server through XTest. Several stacks may hold the same button: it goes up when the
// last one lets go.
#pragma once

#include <array>

#include "lib/display/x11_connection.h"
#include "lib/display/x11_desktop.h"

namespace ts::display {

class X11Pointer {
 public:
  /// Buttons that a former tsdisplay left pressed are released.
  explicit X11Pointer(X11Connection& connection);

  static constexpr std::uint8_t kButtons = 9;  // X numbers them from 1; 4...7 are the wheels

  void move(Point to);
  void press(std::uint8_t button);
  void release(std::uint8_t button);
  /// `notches` up and right positive.
  void turn_wheel(int vertical_notches, int horizontal_notches);

 private:
  void send(std::uint8_t type, std::uint8_t detail, Point at = {});
  void click(std::uint8_t button, int times);

  X11Connection& connection_;
  std::array<int, kButtons + 1> holders_{};
};

}  // namespace ts::display
