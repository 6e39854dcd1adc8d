#include "lib/rdp/x224.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

#include "lib/rdp/tpkt.h"

namespace ts::rdp {
namespace {

constexpr std::uint8_t kConnectionRequest = 0xE0;
constexpr std::uint8_t kConnectionConfirm = 0xD0;
constexpr std::uint8_t kDisconnectRequest = 0x80;
constexpr std::uint8_t kData = 0xF0;
constexpr std::uint8_t kEndOfTsdu = 0x80;

constexpr std::uint8_t kNegotiationRequest = 1;
constexpr std::uint8_t kNegotiationResponse = 2;
constexpr std::uint8_t kNegotiationFailed = 3;
constexpr std::uint8_t kCorrelationInfoPresent = 0x08;
constexpr std::uint16_t kNegotiationSize =
    1 /* type */ + 1 /* flags */ + 2 /* length */ + 4 /* protocols or code */;
constexpr std::size_t kCorrelationSize = 36;

constexpr std::string_view kCookiePrefix = "Cookie: mstshash=";

// Takes the text before CR LF off the front; nothing when there is no CR LF.
std::optional<std::string_view> take_line(ByteView& bytes) {
  static constexpr std::array kEnd{std::byte{'\r'}, std::byte{'\n'}};
  auto end = std::search(bytes.begin(), bytes.end(), kEnd.begin(), kEnd.end());
  if (end == bytes.end()) return std::nullopt;
  auto size = static_cast<std::size_t>(end - bytes.begin());
  std::string_view line(reinterpret_cast<const char*>(bytes.data()), size);
  bytes = bytes.subspan(size + kEnd.size());
  return line;
}

// A negotiation request can hold the bytes of CR LF by chance, so what looks like one is not searched for a
// line.
bool starts_with_negotiation(ByteView bytes) {
  return bytes.size() >= kNegotiationSize && bytes[0] == std::byte{kNegotiationRequest} &&
         bytes[2] == std::byte{kNegotiationSize} && bytes[3] == std::byte{0};
}

Result<> decode_negotiation(ByteView bytes, ConnectionRequest& out) {
  ByteReader in(bytes);
  std::uint8_t type = in.u8();
  out.flags = in.u8();
  std::uint16_t length = in.u16le();
  std::uint32_t protocols = in.u32le();
  if (in.failed() || type != kNegotiationRequest || length != kNegotiationSize) {
    return fail(ErrorCode::kMalformed, "X.224 request: no valid RDP_NEG_REQ after the cookie");
  }
  out.requested_protocols = protocols;
  if (out.flags & kCorrelationInfoPresent) in.skip(kCorrelationSize);
  if (in.failed()) return fail(ErrorCode::kMalformed, "X.224 request: correlation info is cut short");
  if (!in.at_end()) return fail(ErrorCode::kMalformed, "X.224 request: {} bytes too many", in.remaining());
  return {};
}

void encode_confirm(std::uint8_t type, std::uint8_t flags, std::uint32_t value, Bytes& out) {
  write_tpkt(out, [&](ByteWriter& writer) {
    writer.u8(6 + kNegotiationSize);  // length indicator: what follows it
    writer.u8(kConnectionConfirm);
    writer.u16be(0);       // destination reference
    writer.u16be(0x1234);  // source reference, [MS-RDPBCGR] 3.3.5.3.2
    writer.u8(0);          // class and options
    writer.u8(type);
    writer.u8(flags);
    writer.u16le(kNegotiationSize);
    writer.u32le(value);
  });
}

}  // namespace

Result<ConnectionRequest> decode_connection_request(ByteView tpkt) {
  TS_TRY_ASSIGN(ByteView content, tpkt_content(tpkt));
  ByteReader in(content);
  std::size_t indicator = in.u8();
  std::uint8_t code = in.u8();
  in.skip(2 /* destination */ + 2 /* source */);
  std::uint8_t class_options = in.u8();
  if (in.failed() || (code & 0xF0) != kConnectionRequest) {
    return fail(ErrorCode::kMalformed, "first PDU is not an X.224 Connection Request");
  }
  if (indicator + 1 != content.size()) {
    return fail(ErrorCode::kMalformed, "X.224 length indicator {} does not match the PDU", indicator);
  }
  if (class_options >> 4 != 0) {
    return fail(ErrorCode::kMalformed, "X.224 class {} is not class 0", class_options >> 4);
  }
  ByteView rest = in.rest();
  ConnectionRequest out;
  if (!starts_with_negotiation(rest)) {
    if (auto line = take_line(rest)) {
      if (line->substr(0, kCookiePrefix.size()) == kCookiePrefix) {
        out.cookie_user = line->substr(kCookiePrefix.size());
      } else {
        out.routing_token = *line;
      }
    }
  }
  if (!rest.empty()) TS_TRY(decode_negotiation(rest, out));
  return out;
}

void encode_connection_confirm(std::uint32_t selected_protocol, std::uint8_t flags, Bytes& out) {
  encode_confirm(kNegotiationResponse, flags, selected_protocol, out);
}

void encode_negotiation_failure(NegotiationFailure code, Bytes& out) {
  encode_confirm(kNegotiationFailed, 0, static_cast<std::uint32_t>(code), out);
}

void encode_connection_request(const ConnectionRequest& request, Bytes& out) {
  assert(request.cookie_user.size() + request.routing_token.size() <= kMaxCookie);
  write_tpkt(out, [&](ByteWriter& writer) {
    std::size_t start = writer.size();
    writer.u8(0);
    writer.u8(kConnectionRequest);
    writer.zeros(2 /* destination */ + 2 /* source */ + 1 /* class and options */);
    if (!request.routing_token.empty()) {
      writer.text(request.routing_token);
      writer.text("\r\n");
    } else if (!request.cookie_user.empty()) {
      writer.text(kCookiePrefix);
      writer.text(request.cookie_user);
      writer.text("\r\n");
    }
    if (request.requested_protocols) {
      writer.u8(kNegotiationRequest);
      writer.u8(request.flags);
      writer.u16le(kNegotiationSize);
      writer.u32le(*request.requested_protocols);
    }
    writer.patch_u8(start, static_cast<std::uint8_t>(writer.size() - start - 1));
  });
}

Result<ConnectionConfirm> decode_connection_confirm(ByteView tpkt) {
  TS_TRY_ASSIGN(ByteView content, tpkt_content(tpkt));
  ByteReader in(content);
  std::size_t indicator = in.u8();
  std::uint8_t code = in.u8();
  in.skip(2 /* destination */ + 2 /* source */ + 1 /* class and options */);
  if (in.failed() || (code & 0xF0) != kConnectionConfirm || indicator + 1 != content.size()) {
    return fail(ErrorCode::kMalformed, "the answer is not an X.224 Connection Confirm");
  }
  ConnectionConfirm out;
  if (in.at_end()) return out;
  std::uint8_t type = in.u8();
  in.skip(1 /* flags */);
  std::uint16_t length = in.u16le();
  std::uint32_t value = in.u32le();
  bool known = type == kNegotiationResponse || type == kNegotiationFailed;
  if (in.failed() || !known || length != kNegotiationSize || !in.at_end()) {
    return fail(ErrorCode::kMalformed, "X.224 confirm holds no valid negotiation response");
  }
  type == kNegotiationFailed ? out.failure.emplace(value) : out.selected_protocol = value;
  return out;
}

Result<std::optional<ByteView>> decode_data_or_disconnect(ByteView tpkt) {
  TS_TRY_ASSIGN(ByteView content, tpkt_content(tpkt));
  ByteReader in(content);
  std::uint8_t indicator = in.u8();
  std::uint8_t code = in.u8();
  if (in.ok() && (code & 0xF0) == kDisconnectRequest) return std::optional<ByteView>();
  std::uint8_t end_mark = in.u8();
  if (in.failed() || indicator != 2 || code != kData || end_mark != kEndOfTsdu) {
    return fail(ErrorCode::kMalformed, "X.224 header {:02x} {:02x} is not that of data", indicator, code);
  }
  return std::optional(in.rest());
}

void write_x224_data_header(ByteWriter& writer) {
  writer.u8(2);
  writer.u8(kData);
  writer.u8(kEndOfTsdu);
}

}  // namespace ts::rdp
