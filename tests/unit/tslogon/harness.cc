#include "tests/unit/tslogon/harness.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xcb/randr.h>
#include <xcb/xtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/display/x11_keymap.h"
#include "lib/net/sockets.h"
#include "lib/os/spawn.h"
#include "lib/ui/safe_text.h"

namespace ts::logon::test {
namespace {

using display::XReply;

std::optional<os::Identity> display_identity() {
  if (::geteuid() != 0) return std::nullopt;
  constexpr uid_t kUid = 60611;
  return os::Identity{kUid, kUid, {}};
}

}  // namespace

std::size_t Pixels::count(std::uint32_t colour) const {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), colour));
}

Box Pixels::box_without(std::uint32_t colour) const {
  Box out;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (at(x, y) != colour) out = out.united({x, y, 1, 1});
    }
  }
  return out;
}

LogonSession::LogonSession(const Options& options) : timer_(loop, [this] { expired_ = true, loop.stop(); }) {
  std::string name = (std::filesystem::temp_directory_path() / "ts-logon-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  folder_ = name;
  start_server(options.size);
  start_program(options);
}

LogonSession::~LogonSession() {
  socket_.reset();
  child_.reset();
  person_.reset();
  server_.reset();
  std::filesystem::remove_all(folder_);
}

namespace {

/// The program with its catalogues where the display's account can get at them: the build may be below a
/// folder that only root may enter.
class Installed {
 public:
  Installed() {
    std::string folder = "/tmp/ts-logon-program.XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr || ::chmod(folder.c_str(), 0755) != 0) std::abort();
    folder_ = folder;
    std::filesystem::create_directories(folder_ / "libexec");
    std::filesystem::copy_file(TS_BUILD_DIR "/libexec/tslogon", program());
    std::filesystem::create_directories(folder_ / "share");
    std::filesystem::copy(TS_BUILD_DIR "/share/locale", folder_ / "share" / "locale",
                          std::filesystem::copy_options::recursive);
  }
  ~Installed() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  std::filesystem::path program() const { return folder_ / "libexec" / "tslogon"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace

bool LogonSession::until(const std::function<bool()>& done, std::chrono::milliseconds deadline) {
  expired_ = false;
  timer_.start(deadline);
  while (!done() && !expired_) loop.run();
  timer_.stop();
  return done();
}

void LogonSession::start_server(display::Size size) {
  auto started = display::start_xvfb(
      loop, {.identity = display_identity(), .max_size = {3840, 2160}, .folder = folder_},
      {.on_ready = [this](const display::ServerReady& now) { server_ready = now, loop.stop(); },
       .on_exit = [this](const std::string& reason) { server_end_ = reason, loop.stop(); }});
  if (!started) ADD_FAILURE() << started.error().message, std::abort();
  server_ = std::move(*started);
  if (!until([&] { return server_ready.display >= 0 || !server_end_.empty(); }) || !server_end_.empty()) {
    ADD_FAILURE() << server_end_, std::abort();
  }
  auto person = display::X11Connection::open(server_ready.display, server_ready.cookie);
  if (!person) ADD_FAILURE() << person.error().message, std::abort();
  person_ = std::move(*person);
  resize(size);
}

void LogonSession::start_program(const Options& options) {
  auto ends = net::socket_pair(net::SocketKind::kPacket);
  UniqueFd log(::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!ends || !log) std::abort();
  os::Spawn what;
  static const Installed installed;
  what.program = installed.program();
  what.arguments = options.arguments;
  what.environment = options.environment;
  what.environment.push_back("PATH=/usr/bin:/bin");
  what.identity = display_identity();
  what.no_new_privs = true;
  what.die_with_parent = true;
  what.fds = {{ends->second.get(), 3}, {log.get(), 2}};
  auto pid = os::spawn(what);
  if (!pid) ADD_FAILURE() << pid.error().message, std::abort();
  auto child =
      display::Child::watch(loop, *pid, [this](std::string how) { end_ = std::move(how), loop.stop(); });
  if (!child) std::abort();
  child_ = std::move(*child);
  socket_ = std::make_unique<net::PacketSocket>(
      loop, std::move(ends->first),
      net::PacketSocket::Handlers{.on_packet =
                                      [this](ByteView packet, std::vector<UniqueFd>) {
                                        packets_.emplace_back(packet.begin(), packet.end());
                                        loop.stop();
                                      },
                                  .on_close = [this](const std::string&) { loop.stop(); }});
  display::OpenDisplay open;
  open.display = server_ready.display;
  open.cookie = server_ready.cookie;
  send(open);
}

std::string LogonSession::end() {
  until([&] { return !end_.empty(); });
  return end_;
}

std::string LogonSession::log() const {
  std::ifstream in(folder_ / "log");
  return {std::istreambuf_iterator<char>(in), {}};
}

// The person
// ---------------------------------------------------------------------------------------------------------

void LogonSession::sync() {
  XReply<void> reply(xcb_get_input_focus_reply(person_->xcb(), xcb_get_input_focus(person_->xcb()), nullptr));
  EXPECT_TRUE(reply);
}

void LogonSession::fake(std::uint8_t type, std::uint8_t detail, int x, int y) {
  xcb_test_fake_input(person_->xcb(), type, detail, XCB_CURRENT_TIME, person_->root(),
                      static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), 0);
}

void LogonSession::tap(std::uint32_t keysym, std::uint32_t with) {
  display::X11Keymap keymap(*person_);
  XReply<xcb_query_pointer_reply_t> now(
      xcb_query_pointer_reply(person_->xcb(), xcb_query_pointer(person_->xcb(), person_->root()), nullptr));
  ASSERT_TRUE(now);
  const std::uint32_t locked = now->mask & XCB_MOD_MASK_LOCK;
  std::vector<std::uint8_t> held;
  if (with != 0) held.push_back(keymap.find(with, {})->keycode);
  auto typing = keymap.find(keysym, {.locked = locked});
  ASSERT_TRUE(typing) << "no key for " << keysym;
  if (typing->shift) held.push_back(keymap.shift_key());
  if (typing->level3) held.push_back(keymap.level3_key());
  for (auto key : held) fake(XCB_KEY_PRESS, key);
  fake(XCB_KEY_PRESS, typing->keycode);
  fake(XCB_KEY_RELEASE, typing->keycode);
  for (auto key : held) fake(XCB_KEY_RELEASE, key);
  sync();
}

void LogonSession::type(const std::string& utf8) {
  for (std::string_view rest = utf8; !rest.empty();) {
    const CodePoint next = next_code_point(rest);
    tap(xkb_utf32_to_keysym(next.value));
    rest.remove_prefix(next.bytes);
  }
}

void LogonSession::click(int x, int y) {
  fake(XCB_MOTION_NOTIFY, 0, x, y);
  fake(XCB_BUTTON_PRESS, 1);
  fake(XCB_BUTTON_RELEASE, 1);
  sync();
}

void LogonSession::wheel(bool up, int x, int y) {
  const std::uint8_t button = up ? 4 : 5;
  fake(XCB_MOTION_NOTIFY, 0, x, y);
  fake(XCB_BUTTON_PRESS, button);
  fake(XCB_BUTTON_RELEASE, button);
  sync();
}

void LogonSession::resize(display::Size size) {
  // As tsdisplay does it: screen size off, new mode, on.
  xcb_connection_t* xcb = person_->xcb();
  XReply<xcb_randr_get_screen_resources_current_reply_t> now(xcb_randr_get_screen_resources_current_reply(
      xcb, xcb_randr_get_screen_resources_current(xcb, person_->root()), nullptr));
  ASSERT_TRUE(now);
  const xcb_randr_crtc_t crtc = *xcb_randr_get_screen_resources_current_crtcs(now.get());
  const xcb_randr_output_t output = *xcb_randr_get_screen_resources_current_outputs(now.get());
  xcb_randr_mode_info_t mode{};
  mode.width = size.width;
  mode.height = size.height;
  const std::string name = fmt::format("test-{}x{}-{}", size.width, size.height, now->num_modes);
  mode.name_len = static_cast<std::uint16_t>(name.size());
  XReply<xcb_randr_create_mode_reply_t> made(xcb_randr_create_mode_reply(
      xcb,
      xcb_randr_create_mode(xcb, person_->root(), mode, static_cast<std::uint32_t>(name.size()), name.data()),
      nullptr));
  ASSERT_TRUE(made);
  xcb_randr_add_output_mode(xcb, output, made->mode);
  const auto set = [&](xcb_randr_mode_t to, std::uint32_t outputs) {
    XReply<void> reply(xcb_randr_set_crtc_config_reply(
        xcb,
        xcb_randr_set_crtc_config(xcb, crtc, XCB_CURRENT_TIME, XCB_CURRENT_TIME, 0, 0, to,
                                  XCB_RANDR_ROTATION_ROTATE_0, outputs, &output),
        nullptr));
    EXPECT_TRUE(reply);
  };
  set(XCB_NONE, 0);
  xcb_randr_set_screen_size(xcb, person_->root(), size.width, size.height, size.width / 4U, size.height / 4U);
  set(made->mode, 1);
  sync();
}

Pixels LogonSession::look() {
  xcb_connection_t* xcb = person_->xcb();
  XReply<xcb_get_geometry_reply_t> size(
      xcb_get_geometry_reply(xcb, xcb_get_geometry(xcb, person_->root()), nullptr));
  Pixels out;
  if (!size) return out;
  XReply<xcb_get_image_reply_t> image(
      xcb_get_image_reply(xcb,
                          xcb_get_image(xcb, XCB_IMAGE_FORMAT_Z_PIXMAP, person_->root(), 0, 0, size->width,
                                        size->height, 0xffffffff),
                          nullptr));
  if (!image) return out;
  out.width = size->width;
  out.height = size->height;
  const auto* data = reinterpret_cast<const std::uint32_t*>(xcb_get_image_data(image.get()));
  out.values.assign(data, data + std::size_t{size->width} * size->height);
  for (auto& value : out.values) value &= 0xffffff;
  return out;
}

bool LogonSession::see(const std::function<bool(const Pixels&)>& expected) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!expected(look())) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    until([] { return false; }, std::chrono::milliseconds(5));
  }
  return true;
}

Pixels LogonSession::settled() {
  Pixels before = look();
  for (int same = 0; same < 10;) {
    until([] { return false; }, std::chrono::milliseconds(10));
    Pixels now = look();
    same = now == before ? same + 1 : 0;
    before = std::move(now);
  }
  return before;
}

// A program
// ----------------------------------------------------------------------------------------------------------

xcb_window_t LogonSession::map_window(Box box) {
  xcb_connection_t* xcb = person_->xcb();
  const xcb_window_t window = xcb_generate_id(xcb);
  const std::uint32_t colour = 0x00ff00;
  xcb_create_window(xcb, XCB_COPY_FROM_PARENT, window, person_->root(), static_cast<std::int16_t>(box.x),
                    static_cast<std::int16_t>(box.y), static_cast<std::uint16_t>(box.width),
                    static_cast<std::uint16_t>(box.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                    XCB_COPY_FROM_PARENT, XCB_CW_BACK_PIXEL, &colour);
  xcb_map_window(xcb, window);
  sync();
  return window;
}

std::string LogonSession::keyboard() {
  xcb_connection_t* xcb = person_->xcb();
  constexpr std::string_view kName = "_XKB_RULES_NAMES";
  XReply<xcb_intern_atom_reply_t> atom(
      xcb_intern_atom_reply(xcb, xcb_intern_atom(xcb, 0, kName.size(), kName.data()), nullptr));
  XReply<xcb_get_property_reply_t> reply(xcb_get_property_reply(
      xcb, xcb_get_property(xcb, 0, person_->root(), atom->atom, XCB_ATOM_STRING, 0, 64), nullptr));
  std::string out(static_cast<const char*>(xcb_get_property_value(reply.get())),
                  static_cast<std::size_t>(xcb_get_property_value_length(reply.get())));
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

}  // namespace ts::logon::test
