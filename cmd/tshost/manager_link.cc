#include "cmd/tshost/manager_link.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/os/peer.h"

namespace ts::host {
namespace {

constexpr std::chrono::milliseconds kFirstDelay{50};
constexpr std::chrono::milliseconds kLongestDelay{1000};

/// As root only what root has bound there is tssession: nobody else's commands end sessions.
bool trusted(int fd) {
  auto peer = os::peer_of(fd);
  return peer && (peer->uid == 0 || peer->uid == ::geteuid());
}

}  // namespace

ManagerLink::ManagerLink(net::Loop& loop, std::filesystem::path socket, Handlers handlers)
    : loop_(loop),
      path_(std::move(socket)),
      handlers_(std::move(handlers)),
      retry_(loop, [this] { connect(); }),
      delay_(kFirstDelay) {
  // From the loop, so that nobody is called back while their constructor runs.
  retry_.start(std::chrono::milliseconds(0));
}

void ManagerLink::connect() {
  auto fd = net::connect_unix(path_, net::SocketKind::kPacket);
  if (fd && !trusted(fd->get())) fd = fail(ErrorCode::kNotPermitted, "somebody else listens there");
  if (!fd) {
    if (!told_) log::info("Waiting for tssession at {}: {}", path_.string(), fd.error().message);
    told_ = true;
    retry_.start(delay_);
    delay_ = std::min(delay_ * 2, kLongestDelay);
    return;
  }
  if (told_) log::info("Connected to tssession");
  told_ = false;
  delay_ = kFirstDelay;
  socket_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(*fd),
      net::PacketSocket::Handlers{
          [this](ByteView packet, std::vector<UniqueFd> fds) { on_packet(packet, std::move(fds)); },
          [this](const std::string& reason) { lose(reason); }});
  handlers_.on_connected();
}

void ManagerLink::lose(const std::string& reason) {
  socket_.reset();
  log::info("Lost tssession, the session goes on{}{}", reason.empty() ? "" : ": ", reason);
  told_ = true;
  retry_.start(kFirstDelay);
}

void ManagerLink::on_packet(ByteView packet, std::vector<UniqueFd> fds) {
  if (auto attach = message_as<session::AttachStack>(packet); attach && fds.size() == 1) {
    handlers_.on_attach(*attach, std::move(fds[0]));
  } else if (auto verify = message_as<session::VerifyReconnect>(packet)) {
    handlers_.on_verify(*verify);
  } else if (auto permit = message_as<session::PermitAttempt>(packet)) {
    handlers_.on_permit(*permit);
  } else if (auto start = message_as<session::StartShell>(packet)) {
    handlers_.on_start_shell(*start);
  } else if (auto detach = message_as<session::DetachStack>(packet)) {
    handlers_.on_detach(*detach);
  } else if (auto end = message_as<session::EndSession>(packet)) {
    handlers_.on_end(*end);
  } else if (auto list = message_as<session::ListProcesses>(packet)) {
    handlers_.on_list(*list);
  } else if (auto moved = message_as<session::StackMoved>(packet)) {
    handlers_.on_moved(*moved);
  } else if (auto deny = message_as<session::DenyShell>(packet)) {
    handlers_.on_deny_shell(*deny);
  } else if (auto offer = message_as<session::OfferSessions>(packet)) {
    handlers_.on_offer(*offer);
  } else if (auto reset = message_as<session::ResetSession>(packet)) {
    handlers_.on_reset(*reset);
  } else if (auto signal = message_as<session::SignalProcesses>(packet)) {
    handlers_.on_signal(*signal);
  } else if (auto picture = message_as<session::TakePicture>(packet)) {
    handlers_.on_take_picture(*picture);
  } else if (auto message = message_as<session::ShowBox>(packet)) {
    handlers_.on_message(*message);
  } else {
    log::warning("Ignoring a message of type {:#x} from tssession", message_type(packet));
  }
}

}  // namespace ts::host
