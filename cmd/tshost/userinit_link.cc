#include "cmd/tshost/userinit_link.h"

#include "lib/base/log.h"
#include "lib/os/programs.h"
#include "lib/os/spawn.h"

namespace ts::host {

Result<std::unique_ptr<UserinitLink>> UserinitLink::start(net::Loop& loop,
                                                          const std::vector<std::string>& arguments,
                                                          const std::vector<std::string>& environment,
                                                          Handlers handlers) {
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program("tsuserinit"));
  what.arguments = arguments;
  what.environment = environment;
  what.fds = {{ends.second.get(), 3}};
  TS_TRY_ASSIGN(pid_t pid, os::spawn(what));
  return std::unique_ptr<UserinitLink>(
      new UserinitLink(loop, pid, std::move(ends.first), std::move(handlers)));
}

UserinitLink::UserinitLink(net::Loop& loop, pid_t pid, UniqueFd socket, Handlers handlers)
    : pid_(pid), handlers_(std::move(handlers)) {
  socket_ = std::make_unique<net::PacketSocket>(
      loop, std::move(socket),
      net::PacketSocket::Handlers{[this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
                                  [this](const std::string&) {
                                    auto on_gone = handlers_.on_gone;
                                    on_gone();
                                  }});
}

void UserinitLink::on_packet(ByteView packet) {
  // A handler may destroy us, and itself with us.
  auto handlers = handlers_;
  if (auto prompt = message_as<session::UserinitPrompt>(packet)) {
    handlers.on_prompt(*prompt);
  } else if (auto limits = message_as<session::UserinitLimits>(packet)) {
    handlers.on_limits(*limits);
  } else if (auto result = message_as<session::UserinitResult>(packet)) {
    handlers.on_result(*result);
  } else if (auto started = message_as<session::UserinitStarted>(packet)) {
    handlers.on_started(*started);
  } else if (auto ended = message_as<session::UserinitShellEnded>(packet)) {
    handlers.on_shell_ended(*ended);
  } else {
    log::warning("Ignoring a message of type {:#x} from tsuserinit", message_type(packet));
  }
}

}  // namespace ts::host
