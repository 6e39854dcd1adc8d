#include "cmd/tsstack/session_link.h"

#include <nlohmann/json.hpp>

#include "generated/ts_logon_varlink.h"
#include "lib/base/random.h"
#include "lib/session/connection_text.h"

namespace ts::stack {

SessionLink::SessionLink(net::Loop& loop, UniqueFd tssession, Handlers handlers)
    : loop_(loop), handlers_(std::move(handlers)) {
  manager_ = std::make_unique<varlink::AsyncClient>(loop, std::move(tssession), [this](const std::string&) {
    manager_.reset();
    // With a session, its host is all we need: tssession may be restarted at any time.
    if (!host_)
      end(session::EndReason::kServerDenied, "the session manager went away before there was a session");
  });
}

Result<> SessionLink::connect(const ClientDescription& client, const std::optional<Reconnect>& reconnect) {
  if (!manager_) return fail(ErrorCode::kUnavailable, "the session manager went away");
  TS_TRY(manager_->expect(varlink::k_ts_logon));
  nlohmann::json parameters{{"client",
                             {{"name", client.name},
                              {"width", client.width},
                              {"height", client.height},
                              {"depth", client.depth},
                              {"scale", client.scale},
                              {"keyboard", client.keyboard}}}};
  if (reconnect)
    parameters["reconnect"] = {{"session_id", reconnect->session},
                               {"proof", session::proof_text(reconnect->proof)}};
  return manager_->call("ts.Logon.Connect", parameters, varlink::AsyncClient::Mode::kMore,
                        [this](varlink::Reply reply) { on_reply(std::move(reply)); });
}

void SessionLink::on_reply(varlink::Reply reply) {
  if (!reply.ok()) {
    auto reason = reply.parameters->find("reason");
    auto code = reason != reply.parameters->end()
                    ? static_cast<session::EndReason>(reason->get<std::uint32_t>())
                    : session::EndReason::kServerDenied;
    return end(code, reply.as_error().message);
  }
  if (reply.fds.empty())
    return end(session::EndReason::kServerDenied, "the session manager gave no session socket");
  host_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(reply.fds.front()),
      net::PacketSocket::Handlers{
          .on_packet = [this](ByteView packet,
                              std::vector<UniqueFd> fds) { on_packet(packet, std::move(fds)); },
          .on_close = [this](const std::string&) { end(session::EndReason::kNone, "the session ended"); }});
  handlers_.on_mapped(reply.parameters->at("session_id").get<session::SessionId>(),
                      reply.parameters->at("logged_on").get<bool>());
}

Result<> SessionLink::send_credentials(const session::Credentials& credentials) {
  if (!host_) return fail(ErrorCode::kUnavailable, "there is no session");
  return host_->send_message(credentials);
}

void SessionLink::on_packet(ByteView packet, std::vector<UniqueFd> fds) {
  if (message_as<session::Display>(packet)) {
    if (fds.size() != 2)
      return end(session::EndReason::kNone, "the session's host sent a display without descriptors");
    return handlers_.on_display(std::move(fds[0]), std::move(fds[1]));
  }
  if (auto result = message_as<session::LogonResult>(packet)) return handlers_.on_logon(*result);
  if (auto ticket = message_as<session::ReconnectTicket>(packet)) {
    handlers_.on_ticket(*ticket);
    return wipe(&*ticket, sizeof *ticket);
  }
  if (auto message = message_as<session::End>(packet))
    return end(message->reason, std::string(session::end_reason_text(message->reason)));
  end(session::EndReason::kNone, "the session's host sent a malformed message");
}

void SessionLink::end(session::EndReason reason, const std::string& text) {
  if (std::exchange(ended_, true)) return;
  auto on_end = handlers_.on_end;
  on_end(reason, text);
}

}  // namespace ts::stack
