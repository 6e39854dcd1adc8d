// MCS as RDP uses it (T.125): the connect PDUs in BER, the domain PDUs in aligned PER. Decoders take what is
// inside the X.224 data; writers append whole TPKTs. [MS-RDPBCGR] 2.2.1.3 to 2.2.1.9, 2.2.2.3.
#pragma once

#include <cassert>
#include <variant>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/ber.h"
#include "lib/rdp/tpkt.h"
#include "lib/rdp/x224.h"

namespace ts::rdp {

inline constexpr std::uint16_t kMcsBaseUser = 1001;    // T.125: user ids travel less this
inline constexpr std::uint16_t kServerChannel = 1002;  // the server's own user id, 0x03EA
inline constexpr std::uint16_t kIoChannel = 1003;      // share PDUs, client info, licensing
inline constexpr std::uint16_t kFirstStaticChannel = 1004;
inline constexpr std::size_t kMaxMcsData = 0x3FFF;  // bytes in one Send Data PDU (PER length)

/// T.125 7, Connect-Initial: its userData, a GCC Conference Create Request. All else in it changes nothing
/// here.
[[nodiscard]] Result<ByteView> decode_connect_initial(ByteView mcs);

/// T.125 7, Connect-Response with result rt-successful around a GCC Conference Create Response.
void encode_connect_response(ByteView user_data, Bytes& out);

struct ErectDomainRequest {};
struct AttachUserRequest {};
struct ChannelJoinRequest {
  std::uint16_t user = 0;
  std::uint16_t channel = 0;
};
struct SendDataRequest {
  std::uint16_t user = 0;
  std::uint16_t channel = 0;
  ByteView data;  // at most 16383 bytes
};
/// Disconnect Provider Ultimatum, in PER or as the BER SEQUENCE that rdesktop sends instead.
struct DisconnectUltimatum {};
using DomainPdu = std::variant<ErectDomainRequest, AttachUserRequest, ChannelJoinRequest, SendDataRequest,
                               DisconnectUltimatum>;

[[nodiscard]] Result<DomainPdu> decode_domain_pdu(ByteView mcs);

void encode_attach_user_confirm(std::uint16_t user, Bytes& out);
void encode_channel_join_confirm(std::uint16_t user, std::uint16_t channel, Bytes& out);

enum class DisconnectReason : std::uint8_t { kProviderInitiated = 1, kUserRequested = 3 };  // T.125 7, Reason
void encode_disconnect_ultimatum(DisconnectReason reason, Bytes& out);

// The client's half: what it sends ...

/// T.125 7, Connect-Initial around a GCC Conference Create Request.
void encode_connect_initial(ByteView user_data, Bytes& out);
void encode_erect_domain_request(Bytes& out);
void encode_attach_user_request(Bytes& out);
void encode_channel_join_request(std::uint16_t user, std::uint16_t channel, Bytes& out);

// ... and what it gets. Anything but success is kRefused.

/// T.125 7, Connect-Response: its userData, a GCC Conference Create Response.
[[nodiscard]] Result<ByteView> decode_connect_response(ByteView mcs);

struct AttachUserConfirm {
  std::uint16_t user = 0;
};
struct ChannelJoinConfirm {
  std::uint16_t user = 0;
  std::uint16_t channel = 0;
};
struct SendDataIndication {
  std::uint16_t channel = 0;
  ByteView data;  // at most 16383 bytes
};
/// The server's Disconnect Provider Ultimatum with its reason, 0 to 7.
struct ServerUltimatum {
  std::uint8_t reason = 0;
};
using ServerDomainPdu =
    std::variant<AttachUserConfirm, ChannelJoinConfirm, SendDataIndication, ServerUltimatum>;

[[nodiscard]] Result<ServerDomainPdu> decode_server_domain_pdu(ByteView mcs);

/// Who sends data: PDUs of both sides differ in this only.
struct McsSender {
  std::uint8_t choice = 0;  // the first byte: its upper six bits are the DomainMCSPDU choice
  std::uint16_t user = 0;
};
inline constexpr McsSender kMcsServer{0x68 /* choice 26, Send Data Indication */, kServerChannel};
inline constexpr McsSender mcs_client(std::uint16_t user) {
  return {0x64 /* choice 25, Send Data Request */, user};
}

/// Send Data on `channel` around what `body(ByteWriter&)` writes: 15 bytes and at most kMaxMcsData.
template <typename Body>
void write_send_data(Bytes& out, McsSender sender, std::uint16_t channel, Body&& body) {
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(sender.choice);
    writer.u16be(static_cast<std::uint16_t>(sender.user - kMcsBaseUser));
    writer.u16be(channel);
    writer.u8(0x70);  // high priority, one whole segment
    std::size_t length_at = writer.size();
    writer.u16be(0);
    body(writer);
    assert(writer.size() - length_at - 2 <= kMaxMcsData);
    writer.patch_u16be(length_at, static_cast<std::uint16_t>(0x8000 | (writer.size() - length_at - 2)));
  });
}

/// The same, from the server.
template <typename Body>
void write_send_data(Bytes& out, std::uint16_t channel, Body&& body) {
  write_send_data(out, kMcsServer, channel, body);
}

}  // namespace ts::rdp
