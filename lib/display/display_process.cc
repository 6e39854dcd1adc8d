#include "lib/display/display_process.h"

#include <fcntl.h>

#include "lib/base/log.h"
#include "lib/display/display_messages.h"
#include "lib/net/sockets.h"
#include "lib/os/programs.h"

namespace ts::display {

Result<> DisplayProcess::start(net::Loop& loop, const DisplayProcessOptions& options) {
  os::Spawn what;
  what.program = options.program;
  if (what.program.empty()) {
    TS_TRY_ASSIGN(what.program, os::find_program("tsdisplay"));
  }
  what.arguments = options.arguments;
  what.environment = options.environment;
  what.environment.push_back("PATH=/usr/bin:/bin");
  if (::geteuid() == 0) what.identity = options.identity;
  what.no_new_privs = true;
  what.die_with_parent = true;
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  what.fds = {{ends.second.get(), 3}};
  UniqueFd framebuffer(::fcntl(options.framebuffer, F_DUPFD_CLOEXEC, 0));
  if (!framebuffer) return fail_errno("duplicating the framebuffer's descriptor");
  TS_TRY_ASSIGN(auto pid, os::spawn(what));
  TS_TRY_ASSIGN(child_, Child::watch(loop, pid, [this](std::string how) {
                  auto callback = std::move(handlers_.on_exit);  // may destroy us
                  if (callback) callback("tsdisplay " + how);
                }));

  control_ = std::make_unique<net::PacketSocket>(
      loop, std::move(ends.first),
      net::PacketSocket::Handlers{
          .on_packet = [this](ByteView packet,
                              std::vector<UniqueFd> fds) { on_packet(packet, std::move(fds)); },
          .on_close = [](const std::string&) {}});  // its end follows and says more
  OpenDisplay open;
  open.display = options.display;
  open.cookie = options.cookie;
  open.width = options.size.width;
  open.height = options.size.height;
  std::vector<UniqueFd> passed;
  passed.push_back(std::move(framebuffer));
  return control_->send_message(open, std::move(passed));
}

void DisplayProcess::on_packet(ByteView packet, std::vector<UniqueFd> fds) {
  if (auto picture = message_as<PictureTaken>(packet)) return on_picture(*picture, std::move(fds));
  if (message_as<InputSeen>(packet)) {
    auto callback = handlers_.on_input;
    if (callback) callback();
    return;
  }
  if (auto answer = message_as<StillThere>(packet)) {
    auto callback = handlers_.on_answer;
    if (callback) callback(answer->request);
    return;
  }
  if (!message_as<DisplayReady>(packet)) {
    log_.warning("Ignoring a message of type {:#x} from tsdisplay", message_type(packet));
    return;
  }
  auto callback = handlers_.on_ready;
  if (callback) callback();
}

/// A session's own programs may have taken tsdisplay over: nothing of this is believed.
void DisplayProcess::on_picture(const PictureTaken& message, std::vector<UniqueFd> fds) {
  auto callback = handlers_.on_picture;
  if (!callback) return;
  if (message.error_number != 0)
    return callback(message.request, fail_errno("no picture", message.error_number));
  if (fds.size() != 1)
    return callback(message.request,
                    fail(ErrorCode::kMalformed, "{} descriptors with a picture", fds.size()));
  Snapshot snapshot{std::move(fds[0]), message.geometry};
  if (auto view = view_snapshot(snapshot); !view) return callback(message.request, pass(view.error()));
  callback(message.request, std::move(snapshot));
}

Result<UniqueFd> DisplayProcess::attach() {
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  std::vector<UniqueFd> passed;
  passed.push_back(std::move(ends.second));
  TS_TRY(control_->send_message(AttachDisplay{}, std::move(passed)));
  return std::move(ends.first);
}

Result<> DisplayProcess::detach() {
  return control_->send_message(DetachDisplay{});
}

Result<> DisplayProcess::fit(Size size) {
  FitDisplay message;
  message.width = size.width;
  message.height = size.height;
  return control_->send_message(message);
}

Result<> DisplayProcess::ask(std::uint32_t request) {
  AreYouThere message;
  message.request = request;
  return control_->send_message(message);
}

Result<> DisplayProcess::take_picture(std::uint32_t request) {
  TakePicture message;
  message.request = request;
  return control_->send_message(message);
}

Result<std::unique_ptr<DisplayProcess>> start_display_process(net::Loop& loop,
                                                              const DisplayProcessOptions& options,
                                                              DisplayProcess::Handlers handlers) {
  std::unique_ptr<DisplayProcess> process(new DisplayProcess(std::move(handlers)));
  TS_TRY(process->start(loop, options));
  return process;
}

}  // namespace ts::display
