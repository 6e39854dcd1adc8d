#include "lib/rdp/connector.h"

#include <array>
#include <cassert>

#include "lib/rdp/client_info.h"
#include "lib/rdp/connector_machine.h"

namespace ts::rdp {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<ConnectorState>> kStateNames{
    "not started",
    "waiting for the X.224 confirm",
    "waiting for TLS",
    "waiting for the MCS connect response",
    "waiting for the MCS user",
    "waiting for the MCS channels",
    "ready to log on",
    "waiting for the licence",
    "waiting for demand active",
    "waiting for the font map",
    "active",
    "ended"};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Result<> check_cookie(std::string_view text) {
  if (text.size() > kMaxCookie)
    return fail(ErrorCode::kUsage, "a cookie or token has at most {} bytes, not {}", kMaxCookie, text.size());
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos)
    return fail(ErrorCode::kUsage, "a cookie or token is one line of text");
  return {};
}

Result<> Connector::Machine::step(ByteView pdu, Bytes& out, Events& events) {
  if (pdu.empty()) return fail(ErrorCode::kMalformed, "PDU is empty");
  if (is<Over>()) return {};
  if (is<AwaitingConnectionConfirm>()) return on_connection_confirm(pdu, events);
  if (is<NotStarted>() || is<AwaitingTls>()) return fail(ErrorCode::kMalformed, "PDU out of turn");
  if (is_fast_path(pdu[0])) {
    if (!shared()) return fail(ErrorCode::kMalformed, "fast-path update before the share is there");
    // Around a reactivation updates may still be on their way; they are for a desktop that is gone.
    if (!is<Running>()) return {};
    return updates.fast_path(pdu, events);
  }
  TS_TRY_ASSIGN(std::optional<ByteView> mcs, decode_data_or_disconnect(pdu));
  if (!mcs) {
    on_goodbye(std::nullopt, events);
    return {};
  }
  if (is<AwaitingConnectResponse>()) return on_connect_response(*mcs, out, events);
  return on_domain_pdu(*mcs, out, events);
}

void Connector::Machine::on_goodbye(std::optional<std::uint8_t> reason, Events& events) {
  state = Over{};
  events.emplace_back(ServerDisconnects{reason});
}

Result<> Connector::Machine::on_domain_pdu(ByteView mcs, Bytes& out, Events& events) {
  TS_TRY_ASSIGN(ServerDomainPdu pdu, decode_server_domain_pdu(mcs));
  return std::visit(
      Overloaded{[&](const AttachUserConfirm& confirm) { return on_attach_confirm(confirm, out); },
                 [&](const ChannelJoinConfirm& confirm) { return on_join_confirm(confirm, out, events); },
                 [&](const SendDataIndication& data) { return on_data(data, out, events); },
                 [&](const ServerUltimatum& ultimatum) {
                   on_goodbye(ultimatum.reason, events);
                   return Result<>();
                 }},
      pdu);
}

Result<> Connector::Machine::on_data(const SendDataIndication& data, Bytes& out, Events& events) {
  if (!is<Licensing>() && !shared()) return fail(ErrorCode::kMalformed, "MCS data before the logon");
  // Other channels were not asked for; what comes there (auto-detection, heartbeats) needs no answer.
  if (data.channel != io_channel) return {};
  if (is<Licensing>()) return on_licensing(data.data, out, events);
  return on_share_pdus(data.data, out, events);
}

Connector::Connector(ConnectorOptions options) : machine_(std::make_unique<Machine>()) {
  machine_->options = std::move(options);
}
Connector::~Connector() = default;
Connector::Connector(Connector&&) noexcept = default;
Connector& Connector::operator=(Connector&&) noexcept = default;

void Connector::start(Bytes& out) {
  assert(machine_->is<NotStarted>());
  encode_connection_request({.cookie_user = machine_->options.cookie_user,
                             .routing_token = machine_->options.routing_token,
                             .requested_protocols = kProtocolSsl},
                            out);
  machine_->state = AwaitingConnectionConfirm{};
}

void Connector::secured(Bytes& out) {
  assert(machine_->is<AwaitingTls>());
  machine_->write_connect_initial(out);
  machine_->state = AwaitingConnectResponse{};
}

Result<> Connector::log_on(ClientInfo info, Bytes& out) {
  assert(machine_->is<AwaitingCredentials>());
  info.flags.raw = kInfoMouse | kInfoDisableCtrlAltDel | kInfoMaximizeShell | kInfoLogonNotify |
                   kInfoLogonErrors | kInfoNoAudio;
  if (!info.user.empty() && !info.password.empty()) info.flags.raw |= kInfoAutologon;
  Bytes data;
  auto encoded = encode_client_info(info, data);
  if (encoded) {
    constexpr std::size_t kHeaders = 64;
    out.reserve(out.size() + data.size() + kHeaders);  // growing would leave a copy of the password behind
    write_send_data(out, mcs_client(machine_->user), machine_->io_channel,
                    [&](ByteWriter& writer) { writer.bytes(data); });
    machine_->state = Licensing{};
  }
  wipe(data.data(), data.size());
  return encoded;
}

Result<std::optional<std::size_t>> Connector::frame_size(ByteView received) const {
  return pdu_size(received);
}

Result<> Connector::step(ByteView pdu, Bytes& out, std::vector<ServerEvent>& events) {
  if (machine_->broken) return fail(ErrorCode::kInternal, "a PDU after the one that ended the connection");
  auto result = machine_->step(pdu, out, events);
  machine_->broken = !result;
  return result;
}

std::string_view Connector::state_name() const {
  return kStateNames[machine_->state.index()];
}

bool Connector::active() const {
  return machine_->is<Running>() && !machine_->broken;
}

void Connector::leave(Bytes& out) {
  if (machine_->in_domain()) encode_disconnect_ultimatum(DisconnectReason::kUserRequested, out);
  machine_->state = Over{};
}

}  // namespace ts::rdp
