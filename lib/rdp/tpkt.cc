#include "lib/rdp/tpkt.h"

#include "lib/base/utf.h"

namespace ts::rdp {
namespace {

constexpr std::uint8_t kTpktVersion = 3;
constexpr std::size_t kMinTpkt = kTpktHeaderSize + 2 /* X.224 length indicator and code */;
// cbSize, flags, version, id, four bytes each.
constexpr std::size_t kMinPreconnection = 16;

Result<std::optional<std::size_t>> checked(std::size_t size, std::size_t least, std::size_t most,
                                           std::string_view what) {
  if (size < least || size > most) {
    return fail(ErrorCode::kMalformed, "{} length of {} is not between {} and {}", what, size, least, most);
  }
  return std::optional(size);
}

Result<std::optional<std::size_t>> tpkt_size(ByteView received, std::size_t most) {
  if (received.size() < kTpktHeaderSize) return std::optional<std::size_t>();
  ByteReader in(received);
  in.skip(2);
  return checked(in.u16be(), kMinTpkt, most, "TPKT");
}

Result<std::optional<std::size_t>> fast_path_size(ByteView received) {
  if (received.size() < 2) return std::optional<std::size_t>();
  ByteReader in(received);
  in.skip(1);
  std::size_t size = in.u8();
  std::size_t header = 2;
  if (size & 0x80) {
    if (received.size() < 3) return std::optional<std::size_t>();
    size = ((size & 0x7f) << 8) | in.u8();
    header = 3;
  }
  return checked(size, header, kMaxPduSize, "fast-path");
}

}  // namespace

Result<std::optional<std::size_t>> clear_pdu_size(ByteView received) {
  if (received.empty()) return std::optional<std::size_t>();
  if (std::to_integer<std::uint8_t>(received[0]) == kTpktVersion)
    return tpkt_size(received, kMaxClearPduSize);
  // A preconnection PDU starts with its size, which is even; its flags are 0, which keeps HTTP and the like
  // out.
  if (received.size() < 8) return std::optional<std::size_t>();
  ByteReader in(received);
  std::uint32_t size = in.u32le();
  std::uint32_t flags = in.u32le();
  if (flags != 0 || size % 2 != 0) {
    return fail(ErrorCode::kMalformed, "first bytes are neither TPKT nor a preconnection PDU");
  }
  return checked(size, kMinPreconnection, kMaxClearPduSize, "preconnection PDU");
}

Result<std::optional<std::size_t>> pdu_size(ByteView received) {
  if (received.empty()) return std::optional<std::size_t>();
  if (std::to_integer<std::uint8_t>(received[0]) == kTpktVersion) return tpkt_size(received, kMaxPduSize);
  if (is_fast_path(received[0])) return fast_path_size(received);
  return fail(ErrorCode::kMalformed, "first byte 0x{:02x} is neither TPKT nor fast-path",
              std::to_integer<unsigned>(received[0]));
}

Result<ByteView> tpkt_content(ByteView pdu) {
  ByteReader in(pdu);
  std::uint8_t version = in.u8();
  in.skip(1);
  std::size_t length = in.u16be();
  if (in.failed() || version != kTpktVersion || length != pdu.size()) {
    return fail(ErrorCode::kMalformed, "TPKT header does not match its PDU of {} bytes", pdu.size());
  }
  return in.rest();
}

Result<Preconnection> decode_preconnection(ByteView pdu) {
  ByteReader in(pdu);
  std::uint32_t size = in.u32le();
  in.skip(4);
  std::uint32_t version = in.u32le();
  Preconnection out;
  out.id = in.u32le();
  if (in.failed() || size != pdu.size()) {
    return fail(ErrorCode::kMalformed, "preconnection PDU of {} bytes is cut short", pdu.size());
  }
  if (version == 1) return out;
  if (version != 2) return fail(ErrorCode::kMalformed, "preconnection PDU has version {}", version);
  std::size_t units = in.u16le();
  ByteView text = in.take(2 * units);
  if (in.failed())
    return fail(ErrorCode::kMalformed, "preconnection text of {} characters is cut short", units);
  out.text = utf16le_to_utf8(text);
  return out;
}

}  // namespace ts::rdp
