#include "lib/rdp/reconnect_cookie.h"

#include <algorithm>

#include "lib/rdp/session_info.h"
#include "lib/rdp/share.h"

namespace ts::rdp {
namespace {

constexpr std::uint32_t kVersion = 1;  // AUTO_RECONNECT_VERSION_1
// arcStatus: the specification names no values and clients look at none; Windows sends 1.
constexpr std::uint32_t kNotReconnected = 1;

/// Where the number and the secret are.
bool read_packet(ByteView packet, std::uint32_t& session_id, std::array<std::byte, 16>& secret) {
  ByteReader in(packet);
  bool ours = in.u32le() == kReconnectPacket && in.u32le() == kVersion;
  session_id = in.u32le();
  ByteView bytes = in.take(secret.size());
  if (!ours || in.failed() || !in.at_end()) return false;
  std::copy(bytes.begin(), bytes.end(), secret.begin());
  return true;
}

}  // namespace

void write_reconnect_packet(ByteWriter& writer, std::uint32_t session_id, ByteView secret) {
  writer.u32le(kReconnectPacket);
  writer.u32le(kVersion);
  writer.u32le(session_id);
  writer.bytes(secret);
}

std::optional<ClientReconnectCookie> read_client_cookie(ByteView packet) {
  ClientReconnectCookie cookie;
  if (!read_packet(packet, cookie.session_id, cookie.verifier)) return std::nullopt;
  return cookie;
}

std::optional<ServerReconnectCookie> read_server_cookie(ByteView packet) {
  ServerReconnectCookie cookie;
  if (!read_packet(packet, cookie.session_id, cookie.random_bits)) return std::nullopt;
  return cookie;
}

void encode_reconnect_cookie(const ServerReconnectCookie& cookie, Bytes& out) {
  write_data_pdu(out, DataType::kSaveSessionInfo, [&](ByteWriter& writer) {
    writer.u32le(kInfoExtended);
    writer.u16le(2 /* Length */ + 4 /* FieldsPresent */ + 4 /* cbFieldData */ + kReconnectPacket);
    writer.u32le(kFieldReconnectCookie);
    writer.u32le(kReconnectPacket);  // cbFieldData
    write_reconnect_packet(writer, cookie.session_id, cookie.random_bits);
    writer.zeros(kExtendedPad);
  });
}

void encode_reconnect_status(Bytes& out) {
  write_data_pdu(out, DataType::kReconnectStatus, [](ByteWriter& writer) { writer.u32le(kNotReconnected); });
}

}  // namespace ts::rdp
