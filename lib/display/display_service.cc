#include "lib/display/display_service.h"

#include <cerrno>

#include "lib/base/log.h"

namespace ts::display {

DisplayService::DisplayService(net::Loop& loop, UniqueFd control,
                               std::function<void(const std::string&)> on_end)
    : loop_(loop),
      on_end_(std::move(on_end)),
      control_(loop, std::move(control),
               {.on_packet = [this](ByteView packet,
                                    std::vector<UniqueFd> fds) { on_control(packet, std::move(fds)); },
                .on_close = [this](const std::string& reason) { end(reason); }}) {}

DisplayService::~DisplayService() {
  stack_.reset();  // releases what its client holds down
  if (connection_) connection_->flush();
}

void DisplayService::end(const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  poller_.reset();
  on_end_(reason);
}

void DisplayService::on_control(ByteView packet, std::vector<UniqueFd> fds) {
  if (ended_) return;
  if (auto message = message_as<OpenDisplay>(packet); message && !connection_ && fds.size() == 1) {
    if (auto opened = open(*message, std::move(fds[0])); !opened) return end(opened.error().message);
    log::debug("Serving display=:{} size={}x{}", message->display, desktop_->size().width,
               desktop_->size().height);
    if (auto sent = control_.send_message(DisplayReady{}); !sent) return end(sent.error().message);
    return settle();
  }
  if (message_as<AttachDisplay>(packet) && desktop_ && fds.size() == 1) {
    attach(std::move(fds[0]));
    return settle();
  }
  if (auto message = message_as<AreYouThere>(packet); message && connection_ && fds.empty()) {
    StillThere answer;
    answer.request = message->request;
    if (connection_->wait()) (void)control_.send_message(answer);
    return settle();
  }
  if (auto message = message_as<TakePicture>(packet); message && desktop_ && fds.empty()) {
    take_picture(message->request);
    return settle();
  }
  if (message_as<DetachDisplay>(packet) && fds.empty()) return end_attachment("");
  if (auto message = message_as<FitDisplay>(packet); message && desktop_ && fds.empty()) {
    resize({message->width, message->height});
    return settle();
  }
  end(fmt::format("message {:#x} from the host is not understood", message_type(packet)));
}

Result<> DisplayService::open(const OpenDisplay& message, UniqueFd framebuffer) {
  if (message.version != kDisplayProtocolVersion) {
    return fail(ErrorCode::kMalformed, "display protocol {} is not known", message.version);
  }
  framebuffer_ = std::move(framebuffer);
  TS_TRY_ASSIGN(connection_, X11Connection::open(message.display, message.cookie));
  TS_TRY_ASSIGN(desktop_, X11Desktop::open(*connection_, framebuffer_.get()));
  TS_TRY_ASSIGN(keyboard_, X11Keyboard::open(*connection_));
  pointer_ = std::make_unique<X11Pointer>(*connection_);
  if (message.width != 0 && message.height != 0) TS_TRY(desktop_->resize({message.width, message.height}));
  poller_ = std::make_unique<net::Poller>(loop_, connection_->fd(), [this](auto) { settle(); });
  poller_->watch(true, false);
  return {};
}

void DisplayService::attach(UniqueFd socket) {
  stack_.reset();  // what it held down is up before the next one looks
  stack_ = std::make_unique<Attachment>(
      loop_, std::move(socket), *desktop_, std::make_unique<StackInput>(*desktop_, *keyboard_, *pointer_),
      Attachment::Handlers{.on_resize = [this](Size size) { resize(size); },
                           .on_input = [this] { note_input(); },
                           .on_activity = [this] { settle(); },
                           .on_end = [this](const std::string& reason) { end_attachment(reason); }});
}

void DisplayService::note_input() {
  constexpr std::chrono::seconds kBetween{1};
  const auto now = net::Clock::now();
  if (input_told_ && now - *input_told_ < kBetween) return;
  input_told_ = now;
  (void)control_.send_message(InputSeen{});  // a host that is gone is heard of
}

void DisplayService::take_picture(std::uint32_t request) {
  auto taken = desktop_->take_picture();
  PictureTaken answer;
  answer.request = request;
  std::vector<UniqueFd> fds;
  if (taken) {
    answer.geometry = taken->geometry;
    fds.push_back(std::move(taken->file));
  } else {
    log::warning("No picture: {}", taken.error().message);
    answer.error_number = taken.error().error_number != 0 ? taken.error().error_number : EIO;
  }
  if (auto sent = control_.send_message(answer, std::move(fds)); !sent) end(sent.error().message);
}

void DisplayService::end_attachment(const std::string& reason) {
  if (!reason.empty()) log::warning("Ending a stack's display socket: {}", reason);
  stack_.reset();
  settle();  // what it held down is up now
}

void DisplayService::resize(Size size) {
  const Size before = desktop_->size();
  if (auto resized = desktop_->resize(size); !resized) {
    log::warning("Keeping size={}x{}: {}", before.width, before.height, resized.error().message);
  }
  if (desktop_->size() != before && stack_) stack_->announce_size();
}

bool DisplayService::read_events() {
  bool any = false;
  while (auto event = connection_->next_event()) {
    any = true;
    if (event->response_type == 0) {
      const auto& error = reinterpret_cast<const xcb_generic_error_t&>(*event);
      log::debug("Display server error code={} request={}.{}", error.error_code, error.major_code,
                 error.minor_code);
      continue;
    }
    const Size before = desktop_->size();
    if (desktop_->handle_event(*event)) {
      // A program of the session may resize, too.
      if (desktop_->size() != before && stack_) stack_->announce_size();
    } else {
      keyboard_->handle_event(*event);
    }
  }
  return any;
}

void DisplayService::distribute_damage() {
  if (stack_ && stack_->wants_damage() && desktop_->damaged()) stack_->add_damage(desktop_->take_damage());
}

void DisplayService::settle() {
  if (!connection_ || ended_) return;
  // Waiting for a reply can bring events along that no descriptor will tell of: until there are none.
  do {
    read_events();
    distribute_damage();
    if (stack_) stack_->update();
    connection_->flush();
  } while (read_events());
  if (connection_->broken()) end("the display server is gone");
}

}  // namespace ts::display
