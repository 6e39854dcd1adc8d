#include "cmd/tsmessage/boxes.h"

#include <xkbcommon/xkbcommon-keysyms.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "lib/ui/x11_picture.h"

namespace ts::message {
namespace {

/// A click that was meant for what was there before does not answer a message that has just come.
constexpr std::chrono::milliseconds kGuard{500};
constexpr int kWheelLines = 3;

std::string language_of(const session::BoxClient& client) {
  const char* lang = std::getenv("LANG");
  return choose_language(client.language.view(), client.keyboard_layout, lang == nullptr ? "" : lang);
}

std::optional<Key> key_of(std::uint32_t keysym, bool shift) {
  switch (keysym) {
    case XKB_KEY_Tab:
      return shift ? Key::kPrevious : Key::kNext;
    case XKB_KEY_Right:
      return Key::kNext;
    case XKB_KEY_Left:
      return Key::kPrevious;
    case XKB_KEY_Return:
    case XKB_KEY_KP_Enter:
    case XKB_KEY_space:
      return Key::kPress;
    case XKB_KEY_Escape:
      return Key::kEscape;
    case XKB_KEY_Up:
      return Key::kUp;
    case XKB_KEY_Down:
      return Key::kDown;
    case XKB_KEY_Prior:
      return Key::kPageUp;
    case XKB_KEY_Next:
      return Key::kPageDown;
    default:
      return std::nullopt;
  }
}

}  // namespace

Boxes::Boxes(net::Loop& loop, UniqueFd host, std::function<void(const std::string&)> on_end)
    : loop_(loop),
      on_end_(std::move(on_end)),
      model_([this](std::uint32_t request, session::BoxReply reply) {
        session::BoxAnswered answer;
        answer.request = request;
        answer.reply = reply;
        (void)host_.send_message(answer);  // a host that has gone is heard of
      }),
      host_(loop, std::move(host),
            {.on_packet = [this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
             .on_close = [this](const std::string& reason) { end(reason); }}) {}

void Boxes::end(const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  poller_.reset();
  on_end_(reason);
}

void Boxes::on_packet(ByteView packet) {
  if (ended_) return;
  if (auto message = message_as<display::OpenDisplay>(packet); message && !connection_) {
    if (auto opened = open(*message); !opened) end(opened.error().message);
  } else if (auto client = message_as<session::BoxClient>(packet); client && connection_) {
    set_client(*client);
  } else if (auto box = message_as<session::ShowBox>(packet); box && connection_) {
    show(*box);
  } else if (auto close = message_as<session::CloseBox>(packet); close && connection_) {
    model_.remove(close->request);
    settle();
  } else {
    end(fmt::format("message {:#x} from the host is not understood", message_type(packet)));
  }
}

Result<> Boxes::open(const display::OpenDisplay& message) {
  if (message.version != display::kDisplayProtocolVersion)
    return fail(ErrorCode::kMalformed, "display protocol {} is not known", message.version);
  TS_TRY_ASSIGN(connection_, display::X11Connection::open(message.display, message.cookie));
  window_ = std::make_unique<BoxWindow>(
      loop_, *connection_,
      BoxWindow::Handlers{
          .on_screen_size = [] {},  // refresh() follows every event
          .on_exposed = [this](const Box& box) { paint(box); },
          .on_key = [this](std::uint32_t keysym, bool shift) { key(keysym, shift); },
          .on_button = [this](int button, bool down, int x, int y) { this->button(button, down, x, y); }});
  fonts_ = std::make_unique<Fonts>();
  if (!fonts_->any())
    return fail(ErrorCode::kUnavailable, "there is no font; install the package fonts-open-sans");
  painter_ = std::make_unique<Painter>(*fonts_, nullptr);
  poller_ = std::make_unique<net::Poller>(loop_, connection_->fd(), [this](auto) { settle(); });
  poller_->watch(true, false);
  return {};
}

void Boxes::set_client(const session::BoxClient& client) {
  scale_percent_ = client.scale_percent;
  speech_.speak(language_of(client), *fonts_);
  settle();
}

void Boxes::show(const session::ShowBox& box) {
  model_.add(message_from(box));
  settle();
  if (ended_) return;
  window_->wait();
  session::BoxShown shown;
  shown.request = box.request;
  (void)host_.send_message(shown);
}

// The person
// ---------------------------------------------------------------------------------------------------------

void Boxes::key(std::uint32_t keysym, bool shift) {
  if (auto pressed = key_of(keysym, shift)) model_.key(*pressed);
}

void Boxes::button(int button, bool down, int x, int y) {
  constexpr int kLeft = 1, kWheelUp = 4, kWheelDown = 5;
  if (down && (button == kWheelUp || button == kWheelDown))
    return model_.scroll(button == kWheelUp ? -kWheelLines : kWheelLines);
  if (button != kLeft) return;
  refresh();  // events come in bursts: what was meant is what the ones before have made
  const Item* hit = scene_.at(x, y);
  if (!down) return model_.release(hit == nullptr ? Widget::kNone : hit->widget);
  if (net::Clock::now() - front_since_ < kGuard) return;
  window_->take_keyboard();
  if (hit == nullptr) return;
  if (hit->widget == Widget::kScrollBar) {
    const double part = static_cast<double>(y - hit->box.y) / std::max(hit->box.height, 1);
    return model_.key(part < (hit->part_from + hit->part_to) / 2 ? Key::kPageUp : Key::kPageDown);
  }
  model_.press(hit->widget);
}

// The picture
// --------------------------------------------------------------------------------------------------------

bool Boxes::read_events() {
  bool any = false;
  while (auto event = ended_ ? nullptr : connection_->next_event()) {
    any = true;
    if (event->response_type != 0) window_->handle_event(*event);
  }
  return any;
}

void Boxes::settle() {
  if (ended_) return;
  ui::settle(
      *connection_, [this] { return read_events(); }, [this] { refresh(); });
  if (!ended_ && connection_->broken()) end("the display server is gone");
}

void Boxes::refresh() {
  if (ended_) return;
  if (model_.empty()) {
    front_.reset();
    scene_ = {};
    return window_->hide();
  }
  model_.set_keyboard(window_->has_keyboard());
  const int width = window_->screen_width(), height = window_->screen_height();
  const Screen screen{width, height, natural_scale(width, height, scale_percent_)};
  BoxScene now = lay_out(model_, screen, speech_.words(), *fonts_);
  model_.fit_text(now.most_scrolled, now.line, now.page);
  const bool anew = front_ != model_.front().request;
  if (anew) front_since_ = net::Clock::now();
  front_ = model_.front().request;
  const Scene before = std::exchange(scene_, std::move(now.scene));
  window_->show(scene_.width, scene_.height, anew);
  if (before.width != scene_.width || before.height != scene_.height)
    return paint({0, 0, scene_.width, scene_.height});
  for (const Box& box : changes(before, scene_)) paint(box);
}

void Boxes::paint(const Box& part) {
  const Box shown = part.intersected({0, 0, scene_.width, scene_.height});
  if (shown.empty()) return;
  if (Surface picture = painter_->paint(scene_, shown)) window_->put(picture.get(), shown.x, shown.y);
}

}  // namespace ts::message
