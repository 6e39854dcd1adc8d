#include "cmd/tslogon/screen.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/ui/safe_text.h"
#include "lib/ui/x11_picture.h"

namespace ts::logon {
namespace {

// How long the picture stays for a desktop that shows nothing.
constexpr std::chrono::seconds kPatience{3};
// A picture is painted and sent in parts, so that a large one does not stay in memory.
constexpr int kMostPixels = 256 * 1024;
constexpr std::size_t kMostBanner = 600;  // characters

std::string computer_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "";
  return safe_text(name, 64);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Screen::Screen(net::Loop& loop, UniqueFd host, const config::Logon& settings,
               std::function<void(const std::string&)> on_end)
    : loop_(loop),
      settings_(settings),
      on_end_(std::move(on_end)),
      model_(settings.domain, {.send = [this](ByteView message) { host_.send(message); },
                               .use_keyboard = [this](std::size_t index) { use_keyboard(index); }}),
      host_(loop, std::move(host),
            {.on_open =
                 [this](const auto& message) {
                   if (auto opened = open(message); !opened) end(opened.error().message);
                 },
             .on_client = [this](const auto& client) { greet(client); },
             .on_form = [this](const auto& form) { model_.show(form), settle(); },
             .on_prompt = [this](const auto& prompt) { model_.show(prompt), settle(); },
             .on_working = [this](const auto& working) { model_.show(working), settle(); },
             .on_choice = [this](const auto& choice) { model_.show(choice), settle(); },
             .on_done = [this](const auto& done) { model_.show(done), finish(); },
             .on_asked = [this](const auto& question) { answer(question); },
             .on_end = [this](const std::string& reason) { end(reason); }}),
      keyboards_(settings.keyboards),
      patience_(loop, [this] { end(""); }) {
  // A password is never written to a swap file; without the right to lock memory it is still wiped.
  for (auto secret : model_.secrets()) static_cast<void>(::mlock(secret.data(), secret.size()));
}

void Screen::end(const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  poller_.reset();
  on_end_(reason);
}

// Opening
// ------------------------------------------------------------------------------------------------------------

Result<> Screen::open(const display::OpenDisplay& message) {
  if (message.version != display::kDisplayProtocolVersion) {
    return fail(ErrorCode::kMalformed, "display protocol {} is not known", message.version);
  }
  TS_TRY_ASSIGN(connection_, display::X11Connection::open(message.display, message.cookie));
  window_ = std::make_unique<Window>(
      *connection_,
      Window::Handlers{
          .on_size = [](int, int) {},  // refresh() follows every event
          .on_exposed = [this](const Box& box) { paint(box.intersected(scene_.extent())); },
          .on_key = [this](const auto& event) { key(event); },
          .on_button = [this](int button, bool down, int x, int y) { this->button(button, down, x, y); },
          .on_desktop =
              [this] {
                if (done_) end("");
              },
          .on_keyboard_renamed = [this] { name_keyboards(); }});
  window_->open();
  keyboard_ = std::make_unique<Keyboard>(*connection_, [this](bool on) { model_.set_caps_lock(on); });
  model_.set_caps_lock(keyboard_->caps_lock());
  prepare_fonts();
  load_logo();
  painter_ = std::make_unique<Painter>(*fonts_, logo_.get());
  around_.computer = computer_name();
  around_.banner = safe_text(settings_.banner, kMostBanner, Lines::kSeveral);
  speak(0);
  name_keyboards();
  poller_ = std::make_unique<net::Poller>(loop_, connection_->fd(), [this](auto) { settle(); });
  poller_->watch(true, false);
  settle();
  return {};
}

void Screen::prepare_fonts() {
  fonts_ = std::make_unique<Fonts>();
  if (!fonts_->any()) {
    log::error(
        "Showing the logon screen nearly without words: there is no font; install the package "
        "fonts-open-sans");
  }
}

void Screen::load_logo() {
  if (settings_.logo.empty()) return;
  auto logo = load_logo_file(settings_.logo);
  if (!logo) {
    log::warning("Ignoring the logo '{}': {}", log::escaped(settings_.logo.string()), logo.error().message);
    return;
  }
  logo_ = std::move(*logo);
  around_.logo_width = cairo_image_surface_get_width(logo_.get());
  around_.logo_height = cairo_image_surface_get_height(logo_.get());
}

void Screen::speak(std::uint32_t keyboard_layout) {
  speech_.speak(choose_language(settings_.language, keyboard_layout, environment("LANG")), *fonts_);
}

// The host
// -----------------------------------------------------------------------------------------------------------

void Screen::greet(const session::LogonClient& client) {
  if (ended_) return;
  scale_percent_ = client.scale_percent;
  keyboards_.set_client(client.keyboard_layout);
  speak(client.keyboard_layout);
  name_keyboards();
  log::debug("Showing the logon screen to client={} scale={}", log::escaped(client.name.view()),
             scale_percent_);
  settle();
}

void Screen::answer(const display::AreYouThere& question) {
  if (ended_ || !connection_->wait()) return;
  display::StillThere message;
  message.request = question.request;
  host_.send(message_bytes(message));
  settle();
}

void Screen::finish() {
  if (ended_) return;
  done_ = true;  // the picture stays as it is
  window_->let_go();
  settle();
  if (window_->desktop_is_there()) return end("");
  patience_.start(kPatience);
}

// The person
// ---------------------------------------------------------------------------------------------------------

void Screen::key(const xcb_key_press_event_t& event) {
  if (done_) return;
  if (auto key = keyboard_->press(event)) {
    model_.key(*key);
    wipe(key->text);
  }
}

void Screen::button(int button, bool down, int x, int y) {
  constexpr int kLeft = 1, kWheelUp = 4, kWheelDown = 5;
  if (done_) return;
  if (down && (button == kWheelUp || button == kWheelDown)) return model_.scroll(button == kWheelUp ? -1 : 1);
  if (button != kLeft) return;
  refresh();  // events come in bursts: what was meant is what the ones before have made
  const Item* hit = scene_.at(x, y);
  if (!down) return model_.release(hit == nullptr ? Widget::kNone : hit->widget);
  if (hit == nullptr) return;
  model_.press(hit->widget, hit->row);
  if (hit->kind != Item::Kind::kField) return;
  const std::size_t place = painter_->cursor_at(scene_, *hit, x);
  model_.place_cursor(hit->secret ? std::as_const(model_).field(hit->widget)->byte_of(place) : place);
}

void Screen::use_keyboard(std::size_t index) {
  if (index >= keyboards_.size()) return;
  display::X11Keymap keymap(*connection_);
  const auto& layout = keyboards_[index];
  if (auto applied = keymap.apply(layout); !applied) {
    log::warning("Keeping the keyboard: {}", applied.error().message);
    return;
  }
  log::debug("Using keyboard={}", keyboard_name(layout.layout, layout.variant));
}

void Screen::name_keyboards() {
  constexpr std::size_t kLayout = 2, kVariant = 3;
  const auto names = window_->keyboard_names();
  std::string current;
  if (names.size() > kLayout) {
    // The second group, if there is one, is for shortcuts only.
    const auto first = [](const std::string& list) { return list.substr(0, list.find(',')); };
    current = keyboard_name(first(names[kLayout]), names.size() > kVariant ? first(names[kVariant]) : "");
  }
  model_.set_keyboards(keyboards_.names(), safe_text(current, 40));
}

// The picture
// --------------------------------------------------------------------------------------------------------

bool Screen::read_events() {
  bool any = false;
  while (auto event = ended_ ? nullptr : connection_->next_event()) {
    any = true;
    if (event->response_type == 0 || keyboard_->handle_event(*event)) continue;
    window_->handle_event(*event);
  }
  return any;
}

void Screen::settle() {
  if (ended_) return;
  ui::settle(
      *connection_, [this] { return read_events(); }, [this] { refresh(); });
  if (!ended_ && connection_->broken()) end("the display server is gone");
}

void Screen::refresh() {
  if (ended_) return;
  const bool resized = around_.width != window_->width() || around_.height != window_->height();
  if (done_ && !resized) return;
  around_.width = window_->width();
  around_.height = window_->height();
  around_.wanted_scale = natural_scale(around_.width, around_.height, scale_percent_);
  Scene now = lay_out(model_, around_, speech_.words(), *fonts_);
  if (now.visible_rows != 0 && now.visible_rows != model_.list().visible) {
    model_.fit_list(now.visible_rows);
    now = lay_out(model_, around_, speech_.words(), *fonts_);
  }
  const Scene before = std::exchange(scene_, std::move(now));
  for (const Box& box : changes(before, scene_)) paint(box);
  if (std::exchange(ready_told_, true)) return;
  window_->wait();
  host_.send(message_bytes(session::LogonReady{}));
}

void Screen::paint(Box part) {
  if (part.empty()) return;
  const int rows = std::max(1, kMostPixels / part.width);
  const int bottom = part.y + part.height;
  for (; part.y < bottom; part.y += rows) {
    part.height = std::min(rows, bottom - part.y);
    Surface picture = painter_->paint(scene_, part);
    if (picture) window_->put(picture.get(), part.x, part.y);
  }
  if (fonts_->any()) return;
  constexpr std::string_view kNoFont[] = {
      "This computer has no fonts. Tell its administrator: the package fonts-open-sans is missing.",
      "You can log on all the same: type your user name, Enter, your password, Enter."};
  for (int line = 0; line < 2; ++line) window_->put_plain_words(kNoFont[line], 16, 24 + 18 * line);
}

}  // namespace ts::logon
