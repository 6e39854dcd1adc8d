#include "lib/rdp/session_info.h"

#include "lib/base/utf.h"
#include "lib/rdp/reconnect_cookie.h"
#include "lib/rdp/share.h"

namespace ts::rdp {
namespace {

constexpr std::uint32_t kInfoLogon = 0;
constexpr std::uint32_t kInfoLogonLong = 1;
constexpr std::uint32_t kInfoPlainNotify = 2;

// Bytes with terminator: 2.2.10.1.1.1, and FreeRDP's limits for the long form as well.
constexpr std::size_t kUserBytes = 512;
constexpr std::size_t kDomainBytes = 52;
constexpr std::size_t kLongPad = 558;
constexpr std::size_t kLongHeader =
    2 /* Version */ + 4 /* Size */ + 4 /* SessionId */ + 4 + 4 /* sizes */ + kLongPad;

// UTF-16 with terminator, at most `most` bytes, never ending in half a character.
Bytes terminated(std::string_view text, std::size_t most) {
  Bytes units = utf8_to_utf16le(text);
  if (units.size() > most - 2) {
    units.resize(most - 2);
    if ((units.back() & std::byte{0xFC}) == std::byte{0xD8}) units.resize(units.size() - 2);
  }
  units.resize(units.size() + 2);
  return units;
}

void write_field(ByteWriter& writer, const Bytes& text, std::size_t size) {
  writer.u32le(static_cast<std::uint32_t>(text.size()));
  writer.bytes(text);
  writer.zeros(size - text.size());
}

// A name of `size` bytes in a field of `room`.
std::string take_field(ByteReader& in, std::size_t room) {
  std::size_t size = in.u32le();
  ByteView field = in.take(room);
  if (size > room) {
    in.set_failed();
    return {};
  }
  return in.ok() ? utf16le_to_utf8(field.first(size)) : std::string();
}

Result<> decode_logon(ByteReader& in, std::vector<ServerEvent>& events) {
  LoggedOn event;
  event.domain = take_field(in, kDomainBytes);
  event.user = take_field(in, kUserBytes);
  event.session_id = in.u32le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "logon info is cut short");
  events.emplace_back(std::move(event));
  return {};
}

Result<> decode_logon_long(ByteReader& in, std::vector<ServerEvent>& events) {
  LoggedOn event;
  in.skip(2 /* Version */ + 4 /* Size */);
  event.session_id = in.u32le();
  std::size_t domain_size = in.u32le(), user_size = in.u32le();
  in.skip(kLongPad);
  event.domain = utf16le_to_utf8(in.take(domain_size));
  event.user = utf16le_to_utf8(in.take(user_size));
  if (in.failed()) return fail(ErrorCode::kMalformed, "long logon info is cut short");
  events.emplace_back(std::move(event));
  return {};
}

Result<> decode_extended(ByteReader& in, std::vector<ServerEvent>& events) {
  in.skip(2 /* Length */);
  std::uint32_t fields = in.u32le();
  if (fields & kFieldReconnectCookie) {
    std::size_t size = in.u32le();
    if (auto cookie = read_server_cookie(in.take(size))) events.emplace_back(*cookie);
  }
  LogonError error;
  if (fields & kFieldLogonErrors) {
    in.skip(4 /* cbFieldData */);
    error.type = in.u32le();
    error.data = in.u32le();
  }
  if (in.failed()) return fail(ErrorCode::kMalformed, "extended logon info is cut short");
  if (fields & kFieldLogonErrors) events.emplace_back(error);
  return {};
}

}  // namespace

Result<> decode_session_info(ByteView body, std::vector<ServerEvent>& events) {
  ByteReader in(body);
  std::uint32_t type = in.u32le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "save session info is cut short");
  switch (type) {
    case kInfoLogon:
      return decode_logon(in, events);
    case kInfoLogonLong:
      return decode_logon_long(in, events);
    case kInfoPlainNotify:
      events.emplace_back(LoggedOn{});
      return {};
    case kInfoExtended:
      return decode_extended(in, events);
    default:
      return {};
  }
}

Result<std::uint32_t> decode_set_error_info(ByteView body) {
  ByteReader in(body);
  std::uint32_t code = in.u32le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "set error info is cut short");
  return code;
}

void encode_logon_info(bool long_form, std::uint32_t session_id, std::string_view user,
                       std::string_view domain, Bytes& out) {
  Bytes user_text = terminated(user, kUserBytes);
  Bytes domain_text = terminated(domain, kDomainBytes);
  write_data_pdu(out, DataType::kSaveSessionInfo, [&](ByteWriter& writer) {
    if (!long_form) {
      writer.u32le(kInfoLogon);
      write_field(writer, domain_text, kDomainBytes);
      write_field(writer, user_text, kUserBytes);
      writer.u32le(session_id);
      return;
    }
    writer.u32le(kInfoLogonLong);
    writer.u16le(1);  // Version
    writer.u32le(static_cast<std::uint32_t>(kLongHeader));
    writer.u32le(session_id);
    writer.u32le(static_cast<std::uint32_t>(domain_text.size()));
    writer.u32le(static_cast<std::uint32_t>(user_text.size()));
    writer.zeros(kLongPad);
    writer.bytes(domain_text);
    writer.bytes(user_text);
  });
}

void encode_logon_error(std::uint32_t type, std::uint32_t data, Bytes& out) {
  write_data_pdu(out, DataType::kSaveSessionInfo, [&](ByteWriter& writer) {
    writer.u32le(kInfoExtended);
    writer.u16le(2 /* Length */ + 4 /* FieldsPresent */ + 4 /* cbFieldData */ + 8);
    writer.u32le(kFieldLogonErrors);
    writer.u32le(8);  // cbFieldData
    writer.u32le(type);
    writer.u32le(data);
    writer.zeros(kExtendedPad);
  });
}

void encode_set_error_info(std::uint32_t error_info, Bytes& out) {
  write_data_pdu(out, DataType::kSetErrorInfo, [&](ByteWriter& writer) { writer.u32le(error_info); });
}

void encode_shutdown_denied(Bytes& out) {
  write_data_pdu(out, DataType::kShutdownDenied, [](ByteWriter&) {});
}

void encode_keyboard_indicators(std::uint16_t locks, Bytes& out) {
  write_data_pdu(out, DataType::kKeyboardIndicators, [&](ByteWriter& writer) {
    writer.u16le(0);  // unitId
    writer.u16le(locks);
  });
}

}  // namespace ts::rdp
