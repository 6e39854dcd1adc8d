#include "cmd/tsd/announcement.h"

#include <nlohmann/json.hpp>

#include "generated/ts_logon_varlink.h"
#include "lib/base/log.h"
#include "lib/net/sockets.h"

namespace ts::tsd {

using namespace std::chrono_literals;

Announcement::Announcement(net::Loop& loop, std::filesystem::path session_socket,
                           std::vector<std::string> addresses, std::function<void()> on_announced,
                           std::function<void(UniqueFd)> on_asker)
    : loop_(loop),
      session_socket_(std::move(session_socket)),
      addresses_(std::move(addresses)),
      on_announced_(std::move(on_announced)),
      on_asker_(std::move(on_asker)),
      retry_(loop, [this] { announce(); }) {
  announce();
}

void Announcement::announce() {
  auto fd = net::connect_unix(session_socket_, net::SocketKind::kStream);
  if (!fd) return lost(fd.error().message);
  link_ = std::make_unique<varlink::AsyncClient>(
      loop_, std::move(*fd), [this](const std::string&) { lost("the connection was closed"); });
  auto called = link_->expect(varlink::k_ts_logon);
  if (called)
    called = link_->call("ts.Logon.Listen", {{"name", "rdp-tcp"}, {"addresses", addresses_}},
                         varlink::AsyncClient::Mode::kOnce, [this](varlink::Reply reply) {
                           if (!reply.ok()) return lost(reply.as_error().message);
                           if (std::exchange(said_waiting_, false)) log::info("Reached tssession");
                           if (!reply.fds.empty()) on_asker_(std::move(reply.fds[0]));
                           on_announced_();
                         });
  if (!called) lost(called.error().message);
}

void Announcement::lost(const std::string& reason) {
  link_.reset();
  if (!std::exchange(said_waiting_, true))
    log::warning("Waiting for tssession, clients wait until it is there reason=\"{}\"", log::escaped(reason));
  retry_.start(300ms);
}

}  // namespace ts::tsd
