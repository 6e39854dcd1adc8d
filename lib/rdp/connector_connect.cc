// Connector from the X.224 confirm to the end of licensing.
#include "lib/rdp/client_info.h"
#include "lib/rdp/connector_machine.h"
#include "lib/rdp/error_info.h"
#include "lib/rdp/gcc.h"
#include "lib/rdp/gcc_client.h"
#include "lib/rdp/gcc_server.h"
#include "lib/rdp/license.h"

namespace ts::rdp {
namespace {

constexpr std::uint32_t kClientVersion = 0x00080004;  // RDP 5.0 to 8.1
constexpr std::uint32_t kClientBuild = 2600;          // that of the first client with this version
constexpr std::uint32_t kKeyboardEnhanced = 4;        // IBM, 101 or 102 keys
constexpr std::uint8_t kConnectionLan = 6;

}  // namespace

void Connector::Machine::write_connect_initial(Bytes& out) {
  ClientSettings settings;
  ClientCore& core = settings.core;
  core.version = kClientVersion;
  core.width = options.width;
  core.height = options.height;
  core.keyboard_layout = options.keyboard_layout;
  core.build = kClientBuild;
  core.name = options.client_name;
  core.keyboard_type = kKeyboardEnhanced;
  core.early_flags = kEarlyErrorInfo | kEarlyValidConnectionType;
  core.connection_type = kConnectionLan;
  core.selected_protocol = kProtocolSsl;
  ask_for_depth(options.depth, core);
  settings.cluster_flags = kRedirectionSupported | kRedirectionVersion4;
  Bytes blocks, request;
  encode_client_settings(settings, blocks);
  encode_conference_create_request(blocks, request);
  encode_connect_initial(request, out);
}

Result<> Connector::Machine::on_connection_confirm(ByteView pdu, Events& events) {
  TS_TRY_ASSIGN(ConnectionConfirm confirm, decode_connection_confirm(pdu));
  if (confirm.failure) {
    state = Over{};
    events.emplace_back(NegotiationRefused{confirm.failure, negotiation_failure_text(*confirm.failure)});
  } else if (confirm.selected_protocol != kProtocolSsl) {
    state = Over{};
    events.emplace_back(NegotiationRefused{
        std::nullopt, fmt::format("the server chose the security protocol {}, which was not offered to it",
                                  confirm.selected_protocol)});
  } else {
    state = AwaitingTls{};
    events.emplace_back(TlsSelected{});
  }
  return {};
}

Result<> Connector::Machine::on_connect_response(ByteView mcs, Bytes& out, Events& events) {
  TS_TRY_ASSIGN(ByteView user_data, decode_connect_response(mcs));
  TS_TRY_ASSIGN(ByteView blocks, decode_conference_create_response(user_data));
  TS_TRY_ASSIGN(ServerSettings settings, decode_server_settings(blocks));
  if (settings.encryption_method != 0) {
    return fail(ErrorCode::kMalformed, "the server wants RDP encryption {} under TLS",
                settings.encryption_method);
  }
  io_channel = settings.io_channel;
  encode_erect_domain_request(out);
  encode_attach_user_request(out);
  state = AwaitingAttachConfirm{};
  events.emplace_back(ServerFound{settings.version});
  return {};
}

Result<> Connector::Machine::on_attach_confirm(const AttachUserConfirm& confirm, Bytes& out) {
  if (!is<AwaitingAttachConfirm>()) return fail(ErrorCode::kMalformed, "MCS Attach User Confirm out of turn");
  user = confirm.user;
  encode_channel_join_request(user, user, out);
  state = AwaitingJoinConfirm{};
  return {};
}

Result<> Connector::Machine::on_join_confirm(const ChannelJoinConfirm& confirm, Bytes& out, Events& events) {
  auto* joining = std::get_if<AwaitingJoinConfirm>(&state);
  if (!joining) return fail(ErrorCode::kMalformed, "MCS Channel Join Confirm out of turn");
  std::uint16_t expected = joining->io ? io_channel : user;
  if (confirm.user != user || confirm.channel != expected) {
    return fail(ErrorCode::kMalformed,
                "MCS Channel Join Confirm of channel {} for user {} instead of {} for {}", confirm.channel,
                confirm.user, expected, user);
  }
  if (!joining->io) {
    encode_channel_join_request(user, io_channel, out);
    state = AwaitingJoinConfirm{.io = true};
    return {};
  }
  state = AwaitingCredentials{};
  events.emplace_back(ReadyForLogon{});
  return {};
}

void Connector::Machine::end_licensing(std::uint32_t error, Events& events) {
  bool requested = std::get<Licensing>(state).requested;
  state = AwaitingDemandActive{};
  events.emplace_back(
      LicensingDone{.requested = requested, .refused = error != kLicenseStatusValidClient, .error = error});
}

Result<> Connector::Machine::on_licensing(ByteView data, Bytes& out, Events& events) {
  ByteReader header(data);
  std::uint16_t flags = header.u16le();
  std::uint16_t flags_high = header.u16le();
  if (header.failed()) return fail(ErrorCode::kMalformed, "PDU of {} bytes while licensing", data.size());
  if (flags_high != 0 && flags == data.size()) {
    // No security header, but a share PDU: a server that skips licensing, or one that says why it will not go
    // on.
    end_licensing(kLicenseStatusValidClient, events);
    return on_share_pdus(data, out, events);
  }
  if (!(flags & kSecLicense)) return {};  // auto-detection, heartbeats: need no answer
  TS_TRY_ASSIGN(LicenseMessage message, decode_license_message(data));
  auto& licensing = std::get<Licensing>(state);
  switch (message.type) {
    case LicenseMessageType::kRequest:
      if (std::exchange(licensing.requested, true))
        return fail(ErrorCode::kMalformed, "second licence request");
      write_send_data(out, mcs_client(user), io_channel, encode_no_license);
      return {};
    case LicenseMessageType::kErrorAlert:
      end_licensing(message.error, events);
      return {};
    case LicenseMessageType::kNewLicense:
    case LicenseMessageType::kUpgradeLicense:  // not asked for and not kept; the phase is over all the same
      end_licensing(kLicenseStatusValidClient, events);
      return {};
    default:
      return fail(ErrorCode::kMalformed, "licensing message 0x{:02x} out of turn",
                  static_cast<unsigned>(message.type));
  }
}

}  // namespace ts::rdp
