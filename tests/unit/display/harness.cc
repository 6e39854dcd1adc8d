#include "tests/unit/display/harness.h"

#include <poll.h>
#include <unistd.h>
#include <xcb/xfixes.h>
#include <xkbcommon/xkbcommon-x11.h>

#include <cstdlib>

namespace ts::display::test {

std::optional<os::Identity> display_identity() {
  if (::geteuid() != 0) return std::nullopt;
  constexpr uid_t kUid = 60610;
  return os::Identity{kUid, kUid, {}};
}

bool Waiter::until(const std::function<bool()>& done, std::chrono::milliseconds deadline) {
  expired_ = false;
  timer_.start(deadline);
  while (!done() && !expired_) loop.run();
  timer_.stop();
  return done();
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "ts-display-XXXXXX").string();
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  path = name;
}

Folder::~Folder() {
  std::filesystem::remove_all(path);
}

TestStack::TestStack(Waiter& waiter, UniqueFd socket) : waiter_(waiter) {
  socket_ = std::make_unique<net::PacketSocket>(
      waiter.loop, std::move(socket),
      net::PacketSocket::Handlers{.on_packet =
                                      [this](ByteView packet, std::vector<UniqueFd>) {
                                        packets.emplace_back(packet.begin(), packet.end());
                                        waiter_.loop.stop();
                                      },
                                  .on_close =
                                      [this](const std::string&) {
                                        closed = true;
                                        waiter_.loop.stop();
                                      }});
}

TestProgram::TestProgram(int display, const Cookie& cookie) {
  auto opened = X11Connection::open(display, cookie);
  EXPECT_TRUE(opened) << opened.error().message;
  connection_ = std::move(*opened);
}

xcb_window_t TestProgram::open_window(Rect where) {
  const xcb_window_t window = xcb_generate_id(xcb());
  const std::uint32_t values[] = {0x203040, 1,
                                  XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_KEY_RELEASE |
                                      XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_BUTTON_RELEASE |
                                      XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_FOCUS_CHANGE};
  xcb_create_window(xcb(), XCB_COPY_FROM_PARENT, window, root(), static_cast<std::int16_t>(where.x),
                    static_cast<std::int16_t>(where.y), where.width, where.height, 0,
                    XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  xcb_map_window(xcb(), window);
  EXPECT_TRUE(next_event(XCB_EXPOSE));
  xcb_set_input_focus(xcb(), XCB_INPUT_FOCUS_POINTER_ROOT, window, XCB_CURRENT_TIME);
  EXPECT_TRUE(next_event(XCB_FOCUS_IN));
  return window;
}

void TestProgram::fill(xcb_drawable_t on, Rect rect, std::uint32_t colour) {
  const xcb_gcontext_t context = xcb_generate_id(xcb());
  const std::uint32_t values[] = {colour, XCB_SUBWINDOW_MODE_INCLUDE_INFERIORS};
  xcb_create_gc(xcb(), context, on, XCB_GC_FOREGROUND | XCB_GC_SUBWINDOW_MODE, values);
  const xcb_rectangle_t area{static_cast<std::int16_t>(rect.x), static_cast<std::int16_t>(rect.y), rect.width,
                             rect.height};
  xcb_poly_fill_rectangle(xcb(), on, context, 1, &area);
  xcb_free_gc(xcb(), context);
  sync();
}

void TestProgram::sync() {
  XReply<void> reply(xcb_get_input_focus_reply(xcb(), xcb_get_input_focus(xcb()), nullptr));
  EXPECT_TRUE(reply);
}

XReply<xcb_generic_event_t> TestProgram::next_event(std::uint8_t type) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  xcb_flush(xcb());
  for (;;) {
    while (auto event = connection_->next_event()) {
      if ((event->response_type & 0x7f) == type) return event;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{connection_->fd(), POLLIN, 0};
    if (left.count() <= 0 || connection_->broken() || ::poll(&ready, 1, static_cast<int>(left.count())) < 1) {
      return nullptr;
    }
  }
}

std::string TestProgram::next_key() {
  auto event = next_event(XCB_KEY_PRESS);
  if (!event) return "nothing";
  const auto& press = reinterpret_cast<const xcb_key_press_event_t&>(*event);
  // As a toolkit does after a mapping notification: reads the keymap again.
  std::unique_ptr<xkb_context, XkbFree> context(xkb_context_new(XKB_CONTEXT_NO_FLAGS));
  std::unique_ptr<xkb_keymap, XkbFree> keymap(xkb_x11_keymap_new_from_device(
      context.get(), xcb(), xkb_x11_get_core_keyboard_device_id(xcb()), XKB_KEYMAP_COMPILE_NO_FLAGS));
  std::unique_ptr<xkb_state, XkbFree> state(xkb_state_new(keymap.get()));
  xkb_state_update_mask(state.get(), press.state & 0xff, 0, 0, 0, 0, (press.state >> 13) & 3);
  char name[64] = {};
  xkb_keysym_get_name(xkb_state_key_get_one_sym(state.get(), press.detail), name, sizeof name);
  return name;
}

std::vector<std::string> TestProgram::keys_until_f12() {
  std::vector<std::string> out;
  for (std::string key = next_key(); key != "F12"; key = next_key()) {
    out.push_back(key);
    if (key == "nothing") break;
  }
  return out;
}

SessionDisplay::SessionDisplay(Size max_size, Size first_size) : size(first_size) {
  auto started =
      start_xvfb(waiter.loop, {.identity = display_identity(), .max_size = max_size, .folder = folder.path},
                 {.on_ready =
                      [this](const ServerReady& now) {
                        ready = now;
                        waiter.loop.stop();
                      },
                  .on_exit =
                      [this](const std::string& reason) {
                        server_end = reason;
                        waiter.loop.stop();
                      }});
  EXPECT_TRUE(started) << started.error().message;
  if (!started) std::abort();
  server = std::move(*started);
  EXPECT_TRUE(waiter.until([&] { return ready.display >= 0 || !server_end.empty(); }));
  EXPECT_EQ(server_end, "");
  start_process();
}

SessionDisplay::~SessionDisplay() {
  process.reset();
  server.reset();
}

/// TS_TSDISPLAY names another copy, for an account that cannot look into the build folder.
static std::filesystem::path tsdisplay_program() {
  const char* copy = std::getenv("TS_TSDISPLAY");
  return copy ? copy : TS_BUILD_DIR "/libexec/tsdisplay";
}

void SessionDisplay::start_process() {
  bool up = false;
  process_end.clear();
  auto started = start_display_process(waiter.loop,
                                       {.identity = display_identity(),
                                        .display = ready.display,
                                        .cookie = ready.cookie,
                                        .framebuffer = server->framebuffer(),
                                        .size = size,
                                        .program = tsdisplay_program()},
                                       {.on_ready =
                                            [&] {
                                              up = true;
                                              waiter.loop.stop();
                                            },
                                        .on_exit =
                                            [this](const std::string& reason) {
                                              process_end = reason;
                                              waiter.loop.stop();
                                            },
                                        .on_picture =
                                            [this](std::uint32_t request, Result<Snapshot> picture) {
                                              pictures.emplace(request, std::move(picture));
                                              waiter.loop.stop();
                                            }});
  EXPECT_TRUE(started) << started.error().message;
  if (!started) std::abort();
  process = std::move(*started);
  EXPECT_TRUE(waiter.until([&] { return up || !process_end.empty(); }));
  EXPECT_EQ(process_end, "");
}

std::unique_ptr<TestStack> SessionDisplay::attach() {
  auto socket = process->attach();
  EXPECT_TRUE(socket) << socket.error().message;
  auto stack = std::make_unique<TestStack>(waiter, std::move(*socket));
  stack->size = size;
  return stack;
}

Result<Snapshot> SessionDisplay::take_picture(std::uint32_t request) {
  pictures.clear();
  TS_TRY(process->take_picture(request));
  if (!waiter.until([&] { return pictures.contains(request); }))
    return fail(ErrorCode::kTimedOut, "no picture came");
  return std::move(pictures.at(request));
}

FramebufferView SessionDisplay::view() {
  UniqueFd file(::dup(server->framebuffer_readonly()));
  auto view = FramebufferView::map(file);
  EXPECT_TRUE(view) << view.error().message;
  return std::move(*view);
}

}  // namespace ts::display::test
