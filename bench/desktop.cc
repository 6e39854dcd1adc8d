// What a benchmark session shows: one colour all over the screen, and a square in the middle that changes its
// colour at each key pressed. Tells who measures where it runs: FOLDER/USER gets a line "PID DISPLAY
// XAUTHORITY".
//
//   bench_desktop RRGGBB FOLDER
//
// Runs until it is killed, which ends the session.
#include <unistd.h>

#include <string>

#include "bench/screen.h"

int main(int argc, char** argv) {
  using namespace ts::bench;
  if (argc != 3) fail("usage: bench_desktop RRGGBB FOLDER");
  const auto colour = static_cast<std::uint32_t>(std::stoul(argv[1], nullptr, 16));
  Screen screen;
  // Larger than any screen, so that no change of size has to be followed.
  const xcb_window_t window = screen.window({0, 0, 8192, 8192}, colour, XCB_EVENT_MASK_KEY_PRESS);
  const xcb_gcontext_t gc = screen.gc(window, 0);
  xcb_set_input_focus(screen.connection(), XCB_INPUT_FOCUS_POINTER_ROOT, window, XCB_CURRENT_TIME);
  screen.sync();

  const char* user = std::getenv("USER");
  const char* display = std::getenv("DISPLAY");
  const char* authority = std::getenv("XAUTHORITY");
  const std::string path = std::string(argv[2]) + "/" + (user ? user : "nobody");
  const std::string unfinished = path + ".new";
  std::FILE* file = std::fopen(unfinished.c_str(), "w");
  if (!file) fail("cannot write " + unfinished);
  std::fprintf(file, "%d %s %s\n", static_cast<int>(getpid()), display ? display : "",
               authority ? authority : "");
  std::fclose(file);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) fail("cannot write " + path);

  bool pressed = false;
  while (Reply<xcb_generic_event_t> event{xcb_wait_for_event(screen.connection())}) {
    if ((event->response_type & 0x7f) != XCB_KEY_PRESS) continue;
    pressed = !pressed;
    screen.fill(window, gc, {620, 340, 40, 40}, pressed ? 0xff8800 : 0x0088ff);
    xcb_flush(screen.connection());
  }
}
