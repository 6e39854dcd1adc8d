#include "cmd/tssession/host_links.h"

#include "lib/base/log.h"
#include "lib/os/peer.h"
#include "lib/session/session_table.h"

namespace ts::tssession {

HostLinks::HostLinks(net::Loop& loop, UniqueFd listening, uid_t own_uid, Handlers handlers)
    : loop_(loop),
      own_uid_(own_uid),
      handlers_(std::move(handlers)),
      acceptor_(loop, std::move(listening), [this](UniqueFd fd) { accept(std::move(fd)); }) {}

void HostLinks::accept(UniqueFd fd) {
  auto peer = os::peer_of(fd.get());
  if (!peer) return log::warning("Refused a host that cannot be known: {}", peer.error().message);
  if (peer->uid != 0 && peer->uid != own_uid_)
    return log::warning("Refused a host that is not ours uid={} pid={}", peer->uid, peer->pid);
  auto made = std::make_unique<Link>();
  Link* link = made.get();
  link->pid = peer->pid;
  link->socket = std::make_unique<net::PacketSocket>(
      loop_, std::move(fd),
      net::PacketSocket::Handlers{
          .on_packet = [this, link](ByteView packet,
                                    std::vector<UniqueFd> fds) { receive(*link, packet, std::move(fds)); },
          .on_close = [this, link](const std::string& reason) { drop(*link, reason); }});
  links_.emplace(link, std::move(made));
}

void HostLinks::receive(Link& link, ByteView packet, std::vector<UniqueFd> fds) {
  if (auto state = message_as<session::HostState>(packet)) return announce(link, *state);
  auto its_own = [&](const auto& message) { return message && link.known && message->session_id == link.id; };
  if (auto message = message_as<session::LogonAttempt>(packet); its_own(message))
    return handlers_.on_attempt(link.id, *message);
  if (auto message = message_as<session::Authenticated>(packet); its_own(message))
    return handlers_.on_authenticated(link.id, *message);
  if (auto message = message_as<session::SessionChosen>(packet); its_own(message))
    return handlers_.on_chosen(link.id, *message);
  if (auto message = message_as<session::ShellFailed>(packet); its_own(message))
    return handlers_.on_shell_failed(link.id, *message);
  if (auto page = message_as<session::ProcessPage>(packet); page && link.known)
    return handlers_.on_processes(link.id, *page);
  if (auto signalled = message_as<session::ProcessesSignalled>(packet); signalled && link.known)
    return handlers_.on_signalled(link.id, *signalled);
  if (auto message = message_as<session::ReconnectVerified>(packet); its_own(message))
    return handlers_.on_reconnect_verified(link.id, *message);
  if (auto message = message_as<session::LogonFailed>(packet); its_own(message))
    return handlers_.on_logon_failed(link.id, *message);
  if (auto picture = message_as<session::PictureTaken>(packet); picture && link.known)
    return handlers_.on_picture(link.id, *picture, std::move(fds));
  if (auto message = message_as<session::BoxShown>(packet); message && link.known)
    return handlers_.on_box_shown(link.id, *message);
  if (auto message = message_as<session::BoxEnded>(packet); message && link.known)
    return handlers_.on_box_ended(link.id, *message);
  drop(link,
       fmt::format("a message that does not fit type={:#x} size={}", message_type(packet), packet.size()));
}

void HostLinks::announce(Link& link, const session::HostState& state) {
  if (state.version < session::kOldestHostProtocolVersion ||
      state.session_id > session::SessionTable::kMaxId || (link.known && state.session_id != link.id))
    return drop(link, fmt::format("an announcement that does not fit version={} session={}", state.version,
                                  state.session_id));
  if (!link.known) {
    if (!hosts_.emplace(state.session_id, &link).second)
      return drop(link, fmt::format("session {} has a host already", state.session_id));
    link.known = true;
    link.id = state.session_id;
  }
  handlers_.on_state(state);
}

void HostLinks::lose(session::SessionId id) {
  if (auto found = hosts_.find(id); found != hosts_.end()) drop(*found->second, "it does not read");
}

void HostLinks::drop(Link& link, const std::string& reason) {
  if (!reason.empty()) log::warning("Ended the connection of a host: {} pid={}", reason, link.pid);
  auto entry = links_.extract(&link);
  if (entry.empty() || !link.known) return;
  session::SessionId id = link.id;
  hosts_.erase(id);
  handlers_.on_gone(id);
}

}  // namespace ts::tssession
