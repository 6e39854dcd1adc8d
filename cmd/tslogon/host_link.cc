#include "cmd/tslogon/host_link.h"

#include <fmt/format.h>

namespace ts::logon {
namespace {

template <typename T>
bool deliver(ByteView packet, const std::function<void(const T&)>& handler) {
  const auto message = message_as<T>(packet);
  if (message) handler(*message);
  return message.has_value();
}

}  // namespace

HostLink::HostLink(net::Loop& loop, UniqueFd socket, Handlers handlers)
    : handlers_(std::move(handlers)),
      socket_(loop, std::move(socket),
              {.on_packet = [this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
               .on_close = [this](const std::string& reason) { handlers_.on_end(reason); }}) {}

void HostLink::send(ByteView message) {
  // A host that has gone is told by on_end.
  static_cast<void>(socket_.send(message));
}

void HostLink::on_packet(ByteView packet) {
  if (!open_) {
    open_ = deliver(packet, handlers_.on_open);
    if (open_) return;
  } else if (deliver(packet, handlers_.on_client) || deliver(packet, handlers_.on_form) ||
             deliver(packet, handlers_.on_prompt) || deliver(packet, handlers_.on_working) ||
             deliver(packet, handlers_.on_choice) || deliver(packet, handlers_.on_done) ||
             deliver(packet, handlers_.on_asked)) {
    return;
  }
  handlers_.on_end(fmt::format("message {:#x} from the host is not understood", message_type(packet)));
}

}  // namespace ts::logon
