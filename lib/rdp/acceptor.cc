#include "lib/rdp/acceptor.h"

#include <algorithm>
#include <array>

#include "lib/rdp/acceptor_machine.h"
#include "lib/rdp/capabilities.h"
#include "lib/rdp/reconnect_cookie.h"
#include "lib/rdp/session_info.h"

namespace ts::rdp {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<AcceptorState>> kStateNames{
    "awaiting X.224 request",
    "awaiting MCS connect initial",
    "awaiting erect domain",
    "awaiting attach user",
    "awaiting client info",
    "awaiting confirm active",
    "awaiting font list",
    "active",
    "ended"};

constexpr std::uint32_t kErrorLoggedOffByAdmin = 0x2;
constexpr std::uint32_t kErrorLoggedOffByUser = 0xC;

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Result<> Acceptor::Machine::step(ByteView pdu, Bytes& out, Events& events) {
  if (pdu.empty()) return fail(ErrorCode::kMalformed, "PDU is empty");
  if (is<AwaitingConnectionRequest>()) return on_clear_pdu(pdu, out, events);
  if (is<Ended>()) return {};
  if (is_fast_path(pdu[0])) {
    if (!shared()) return fail(ErrorCode::kMalformed, "fast-path input before the share is there");
    return input.fast_path(pdu, events);
  }
  TS_TRY_ASSIGN(std::optional<ByteView> mcs, decode_data_or_disconnect(pdu));
  if (!mcs) {
    on_goodbye(events);
    return {};
  }
  if (is<AwaitingConnectInitial>()) return on_connect_initial(*mcs, out, events);
  return on_domain_pdu(*mcs, out, events);
}

void Acceptor::Machine::on_goodbye(Events& events) {
  state = Ended{};
  events.emplace_back(ClientDisconnects{});
}

Result<> Acceptor::Machine::on_domain_pdu(ByteView mcs, Bytes& out, Events& events) {
  TS_TRY_ASSIGN(DomainPdu pdu, decode_domain_pdu(mcs));
  return std::visit(Overloaded{[&](const ErectDomainRequest&) { return on_erect_domain(); },
                               [&](const AttachUserRequest&) { return on_attach_user(out); },
                               [&](const ChannelJoinRequest& join) { return on_channel_join(join, out); },
                               [&](const SendDataRequest& data) { return on_send_data(data, out, events); },
                               [&](const DisconnectUltimatum&) {
                                 on_goodbye(events);
                                 return Result<>();
                               }},
                    pdu);
}

bool Acceptor::Machine::known_channel(std::uint16_t channel) const {
  if (channel == kIoChannel || channel == facts.user_channel || channel == facts.message_channel) return true;
  return std::find(facts.static_channels.begin(), facts.static_channels.end(), channel) !=
         facts.static_channels.end();
}

Result<> Acceptor::Machine::on_send_data(const SendDataRequest& request, Bytes& out, Events& events) {
  if (!is<JoiningChannels>() && !shared())
    return fail(ErrorCode::kMalformed, "MCS data before a user is attached");
  if (request.user != facts.user_channel) {
    return fail(ErrorCode::kMalformed, "MCS data from user {}, which is not the client's", request.user);
  }
  if (!known_channel(request.channel)) {
    return fail(ErrorCode::kMalformed, "MCS data on unknown channel {}", request.channel);
  }
  if (request.channel != kIoChannel) {
    if (is<JoiningChannels>()) return fail(ErrorCode::kMalformed, "channel data before the client info");
    return {};  // static channels and the message channel: nothing was offered there, so nothing is expected
  }
  if (is<JoiningChannels>()) return on_client_info(request.data, out, events);
  return on_share_pdus(request.data, out, events);
}

Acceptor::Acceptor(AcceptorOptions options) : machine_(std::make_unique<Machine>()) {
  machine_->options = options;
}
Acceptor::~Acceptor() = default;
Acceptor::Acceptor(Acceptor&&) noexcept = default;
Acceptor& Acceptor::operator=(Acceptor&&) noexcept = default;

Result<std::optional<std::size_t>> Acceptor::frame_size(ByteView received) const {
  return machine_->is<AwaitingConnectionRequest>() ? clear_pdu_size(received) : pdu_size(received);
}

Result<> Acceptor::step(ByteView pdu, Bytes& out, std::vector<Event>& events) {
  if (machine_->broken) return fail(ErrorCode::kInternal, "a PDU after the one that ended the connection");
  auto result = machine_->step(pdu, out, events);
  machine_->broken = !result;
  return result;
}

std::string_view Acceptor::state_name() const {
  return kStateNames[machine_->state.index()];
}

bool Acceptor::active() const {
  return machine_->is<Active>() && !machine_->broken;
}

const UpdateWriter* Acceptor::updates() const {
  return active() ? &std::get<Active>(machine_->state).updates : nullptr;
}

std::pair<std::uint16_t, std::uint16_t> Acceptor::fit(std::uint16_t width, std::uint16_t height) const {
  return machine_->fit_desktop(width, height);
}

bool Acceptor::reactivate(std::uint16_t width, std::uint16_t height, Bytes& out) {
  if (!active()) return false;
  machine_->clamp_desktop(width, height);
  encode_deactivate_all(out);
  encode_demand_active(machine_->facts.width, machine_->facts.height, machine_->facts.depth, out);
  machine_->state = AwaitingConfirmActive{.again = true};
  return true;
}

void Acceptor::end(std::uint32_t error_info, Bytes& out) {
  // Licensing is over once the share is there; before that, clients take nothing but licensing PDUs. Outside
  // of an MCS domain there is nobody to disconnect.
  if (error_info != 0 && machine_->shared() && machine_->facts.early_flags & kEarlyErrorInfo) {
    encode_set_error_info(error_info, out);
  }
  if (machine_->in_domain()) {
    // For clients without error info the ultimatum alone tells logoff from disconnection.
    bool logoff = error_info == kErrorLoggedOffByAdmin || error_info == kErrorLoggedOffByUser;
    encode_disconnect_ultimatum(
        logoff ? DisconnectReason::kUserRequested : DisconnectReason::kProviderInitiated, out);
  }
  machine_->state = Ended{};
}

void Acceptor::deny_shutdown(Bytes& out) {
  if (active()) encode_shutdown_denied(out);
}

void Acceptor::logged_on(std::uint32_t session_id, std::string_view user, std::string_view domain,
                         Bytes& out) {
  if (active())
    encode_logon_info(machine_->facts.capabilities.long_credentials, session_id, user, domain, out);
}

void Acceptor::logon_error(LogonErrorType type, LogonErrorData data, Bytes& out) {
  if (!active() || !machine_->facts.logon_errors) return;
  encode_logon_error(static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(data), out);
}

bool Acceptor::reconnect_cookie(const ServerReconnectCookie& cookie, Bytes& out) {
  if (!active() || !machine_->facts.capabilities.auto_reconnect) return false;
  encode_reconnect_cookie(cookie, out);
  return true;
}

void Acceptor::reconnect_failed(Bytes& out) {
  if (active()) encode_reconnect_status(out);
}

void Acceptor::keyboard_indicators(std::uint32_t locks, Bytes& out) {
  if (active()) encode_keyboard_indicators(static_cast<std::uint16_t>(locks & 0x0F), out);
}

}  // namespace ts::rdp
