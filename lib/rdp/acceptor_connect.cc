// Acceptor from the first byte to the end of licensing.
#include <algorithm>
#include <tuple>

#include "lib/rdp/acceptor_machine.h"
#include "lib/rdp/capabilities.h"
#include "lib/rdp/client_info.h"
#include "lib/rdp/gcc.h"
#include "lib/rdp/gcc_server.h"
#include "lib/rdp/license.h"

namespace ts::rdp {
namespace {

/// "values ... less than 100% or greater than 500% ... MUST be ignored" ([MS-RDPBCGR] 2.2.1.3.2
/// desktopScaleFactor).
std::uint16_t scale_of(const ClientCore& core) {
  bool valid = core.desktop_scale >= 100 && core.desktop_scale <= 500;
  return valid ? static_cast<std::uint16_t>(core.desktop_scale) : std::uint16_t{0};
}

constexpr std::uint16_t kMinDesktop = 64;  // pixels each way; below that no client has a use for a desktop

// TS_UD_CS_CLUSTER flags ([MS-RDPBCGR] 2.2.1.3.5).
constexpr std::uint32_t kRedirectedSessionValid = 0x02;

}  // namespace

Result<> Acceptor::Machine::on_clear_pdu(ByteView pdu, Bytes& out, Events& events) {
  auto& waiting = std::get<AwaitingConnectionRequest>(state);
  if (pdu[0] == std::byte{3}) return on_connection_request(pdu, out, events);
  if (waiting.preconnection_seen) return fail(ErrorCode::kMalformed, "second preconnection PDU");
  TS_TRY_ASSIGN(Preconnection preconnection, decode_preconnection(pdu));
  waiting.preconnection_seen = true;
  events.emplace_back(PreconnectionSeen{.id = preconnection.id, .text = std::move(preconnection.text)});
  return {};
}

Result<> Acceptor::Machine::on_connection_request(ByteView pdu, Bytes& out, Events& events) {
  TS_TRY_ASSIGN(ConnectionRequest request, decode_connection_request(pdu));
  if (!request.cookie_user.empty() || !request.routing_token.empty()) {
    events.emplace_back(CookieSeen{std::move(request.cookie_user), std::move(request.routing_token)});
  }
  if (!request.requested_protocols) {
    state = Ended{};
    events.emplace_back(Refused{"client offers no security negotiation, and TLS is required"});
    return {};
  }
  facts.requested_protocols = *request.requested_protocols;
  if (!(facts.requested_protocols & kProtocolSsl)) {
    // One code for both cases: 2.2.1.2.2 says of SSL_REQUIRED_BY_SERVER that the client has to support TLS,
    // and "if only CredSSP was requested then the server only supports TLS".
    state = Ended{};
    encode_negotiation_failure(NegotiationFailure::kSslRequired, out);
    bool nothing = facts.requested_protocols == kProtocolRdp;
    events.emplace_back(
        Refused{nothing ? "client offers RDP security only, and TLS is required"
                        : "client offers network level authentication without TLS, and TLS is required"});
    return {};
  }
  encode_connection_confirm(kProtocolSsl, kExtendedClientDataSupported, out);
  state = AwaitingConnectInitial{};
  events.emplace_back(StartTls{});
  return {};
}

std::pair<std::uint16_t, std::uint16_t> Acceptor::Machine::fit_desktop(std::uint16_t width,
                                                                       std::uint16_t height) const {
  // Even widths only: what [MS-RDPEDISP] 2.2.2.2.1 demands of desktops, and video encoders later.
  return {static_cast<std::uint16_t>(
              std::clamp(width, kMinDesktop, std::max(kMinDesktop, options.max_width)) & ~1),
          std::clamp(height, kMinDesktop, std::max(kMinDesktop, options.max_height))};
}

void Acceptor::Machine::clamp_desktop(std::uint16_t width, std::uint16_t height) {
  std::tie(facts.width, facts.height) = fit_desktop(width, height);
}

// Static channels from 1004 on in the client's order, which rdesktop takes for granted; then the message
// channel; the client's user id above them all.
void Acceptor::Machine::assign_channels(const ClientSettings& settings) {
  std::uint16_t next = kFirstStaticChannel;
  for (std::size_t i = 0; i < settings.channels.size(); ++i) facts.static_channels.push_back(next++);
  if (settings.wants_message_channel) facts.message_channel = next++;
  facts.user_channel = next;
}

Result<> Acceptor::Machine::on_connect_initial(ByteView mcs, Bytes& out, Events& events) {
  TS_TRY_ASSIGN(ByteView user_data, decode_connect_initial(mcs));
  TS_TRY_ASSIGN(ByteView blocks, decode_conference_create_request(user_data));
  TS_TRY_ASSIGN(ClientSettings settings, decode_client_settings(blocks));
  const ClientCore& core = settings.core;
  facts.early_flags = core.early_flags;
  facts.skip_channel_join = core.early_flags & kEarlySkipChannelJoin;
  facts.depth = requested_depth(core);
  clamp_desktop(core.width, core.height);
  assign_channels(settings);

  Bytes server_blocks;
  encode_server_settings(
      {facts.requested_protocols, facts.skip_channel_join, facts.static_channels, facts.message_channel},
      server_blocks);
  Bytes response;
  encode_conference_create_response(server_blocks, response);
  encode_connect_response(response, out);
  state = AwaitingErectDomain{};

  ClientConnected event{.name = core.name,
                        .version = core.version,
                        .build = core.build,
                        .wanted_width = core.width,
                        .wanted_height = core.height,
                        .width = facts.width,
                        .height = facts.height,
                        .depth = facts.depth,
                        .keyboard_layout = core.keyboard_layout,
                        .keyboard_type = core.keyboard_type,
                        .keyboard_subtype = core.keyboard_subtype,
                        .scale = scale_of(core),
                        .early_flags = core.early_flags,
                        .connection_type = core.connection_type};
  for (std::size_t i = 0; i < settings.channels.size(); ++i) {
    event.channels.push_back(
        {settings.channels[i].name, facts.static_channels[i], settings.channels[i].options});
  }
  // The console is asked for as the redirected session 0.
  if (settings.cluster_flags & kRedirectedSessionValid) {
    if (settings.redirected_session == 0) {
      event.console = true;
    } else {
      event.redirected_session = settings.redirected_session;
    }
  }
  event.monitors = std::move(settings.monitors);
  events.emplace_back(std::move(event));
  return {};
}

Result<> Acceptor::Machine::on_erect_domain() {
  if (!is<AwaitingErectDomain>()) return fail(ErrorCode::kMalformed, "MCS Erect Domain Request out of turn");
  state = AwaitingAttachUser{};
  return {};
}

Result<> Acceptor::Machine::on_attach_user(Bytes& out) {
  if (!is<AwaitingAttachUser>()) return fail(ErrorCode::kMalformed, "MCS Attach User Request out of turn");
  encode_attach_user_confirm(facts.user_channel, out);
  state = JoiningChannels{};
  return {};
}

Result<> Acceptor::Machine::on_channel_join(const ChannelJoinRequest& request, Bytes& out) {
  auto* joining = std::get_if<JoiningChannels>(&state);
  if (!joining) return fail(ErrorCode::kMalformed, "MCS Channel Join Request out of turn");
  if (request.user != facts.user_channel) {
    return fail(ErrorCode::kMalformed, "MCS join by user {}, which is not the client's", request.user);
  }
  if (!known_channel(request.channel)) {
    return fail(ErrorCode::kMalformed, "MCS join of unknown channel {}", request.channel);
  }
  // Every channel once, which bounds the number of joins.
  if (!joining->joined.insert(request.channel).second) {
    return fail(ErrorCode::kMalformed, "MCS channel {} joined twice", request.channel);
  }
  encode_channel_join_confirm(facts.user_channel, request.channel, out);
  return {};
}

Result<> Acceptor::Machine::on_client_info(ByteView data, Bytes& out, Events& events) {
  const auto& joined = std::get<JoiningChannels>(state).joined;
  if (!facts.skip_channel_join && !(joined.contains(facts.user_channel) && joined.contains(kIoChannel))) {
    return fail(ErrorCode::kMalformed, "client info before the user and I/O channels are joined");
  }
  TS_TRY_ASSIGN(ClientInfo info, decode_client_info(data));
  facts.logon_errors = info.flags.logon_errors;
  events.emplace_back(std::move(info));
  // Activation does not wait for the session: clients give up nine seconds after their Connect Initial.
  write_send_data(out, kIoChannel, [](ByteWriter& writer) { encode_valid_client(writer); });
  encode_demand_active(facts.width, facts.height, facts.depth, out);
  state = AwaitingConfirmActive{};
  return {};
}

}  // namespace ts::rdp
