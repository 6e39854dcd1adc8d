#include "lib/rdp/client_info.h"

#include <algorithm>
#include <array>

#include "lib/base/random.h"
#include "lib/base/utf.h"

namespace ts::rdp {
namespace {

constexpr std::size_t kTimeZoneRest =
    64 + 16 + 4 + 64 + 16 + 4;  // names, dates and biases: the clients' are fancy

std::string to_utf8(ByteView bytes, bool unicode) {
  if (unicode) return utf16le_to_utf8(bytes);
  // Code pages are the past; what is not ASCII in one becomes Latin-1, the page of nearly all such clients.
  std::string out;
  out.reserve(2 * bytes.size());
  for (auto byte : bytes) {
    if (byte == std::byte{0}) break;
    append_utf8(out, std::to_integer<unsigned char>(byte));
  }
  return out;
}

// One of the five texts: `size` bytes and a terminator that the size does not count.
ByteView take_text(ByteReader& in, std::size_t size, bool unicode) {
  ByteView text = in.take(size);
  in.skip(unicode ? 2 : 1);
  return text;
}

// A text of the extended packet: a size that counts the terminator, then the text.
std::string take_sized_text(ByteReader& in) {
  std::size_t size = in.u16le();
  return utf16le_to_utf8(in.take(size));
}

Result<> decode_extended(ByteReader& in, ClientInfo& info) {
  in.skip(2 /* clientAddressFamily */);
  info.address = take_sized_text(in);
  info.client_folder = take_sized_text(in);
  if (in.failed()) return fail(ErrorCode::kMalformed, "client info: address or folder is cut short");
  if (in.remaining() < 4 + kTimeZoneRest) return {};
  info.timezone_bias = static_cast<std::int32_t>(in.u32le());
  in.skip(kTimeZoneRest);
  if (in.remaining() < 4) return {};
  in.skip(4 /* clientSessionId */);
  if (in.remaining() < 4) return {};
  info.performance_flags = in.u32le();
  if (in.remaining() < 2) return {};
  std::size_t cookie_size = in.u16le();
  if (cookie_size == 0) return {};
  ByteView cookie = in.take(cookie_size);
  if (in.failed() || cookie_size != kReconnectPacket) {
    return fail(ErrorCode::kMalformed, "client info: reconnect cookie of {} bytes", cookie_size);
  }
  // What we cannot have given is as good as none.
  info.reconnect_cookie = read_client_cookie(cookie);
  return {};
}

void set_flags(std::uint32_t flags, ClientInfoFlags& out) {
  out.raw = flags;
  out.autologon = flags & kInfoAutologon;
  out.logon_notify = flags & kInfoLogonNotify;
  out.logon_errors = flags & kInfoLogonErrors;
  out.maximize_shell = flags & kInfoMaximizeShell;
  out.no_audio = flags & kInfoNoAudio;
  out.remote_audio = flags & kInfoRemoteAudio;
}

// Headers, sizes, terminators, address, folder and time zone, with room to spare.
constexpr std::size_t kMaxWithoutTexts = 512;

void write_client_info(const ClientInfo& info, std::span<const Bytes> units, Bytes& out) {
  ByteWriter writer(out);
  writer.u16le(kSecInfo);
  writer.u16le(0);
  writer.u32le(0);  // codePage
  writer.u32le(info.flags.raw | kInfoUnicode);
  for (const auto& text : units) writer.u16le(static_cast<std::uint16_t>(text.size()));
  for (const auto& text : units) {
    writer.bytes(text);
    writer.u16le(0);
  }
  writer.u16le(2);               // clientAddressFamily: AF_INET
  for (int i = 0; i < 2; ++i) {  // clientAddress, clientDir: nobody's business
    writer.u16le(2);
    writer.u16le(0);
  }
  writer.u32le(static_cast<std::uint32_t>(info.timezone_bias));
  writer.zeros(kTimeZoneRest);
  writer.u32le(0);  // clientSessionId
  writer.u32le(info.performance_flags);
  writer.u16le(info.reconnect_cookie ? kReconnectPacket : 0);
  if (info.reconnect_cookie)
    write_reconnect_packet(writer, info.reconnect_cookie->session_id, info.reconnect_cookie->verifier);
}

}  // namespace

Result<ClientInfo> decode_client_info(ByteView data) {
  ByteReader in(data);
  std::uint16_t security = in.u16le();
  in.skip(2 /* flagsHi */);
  if (in.failed() || !(security & kSecInfo) || (security & kSecEncrypt)) {
    return fail(ErrorCode::kMalformed, "security header 0x{:04x} is not that of a client info PDU", security);
  }
  in.skip(4 /* codePage, or the input locale */);
  std::uint32_t flags = in.u32le();
  bool unicode = flags & kInfoUnicode;
  std::size_t sizes[5];
  for (auto& size : sizes) size = in.u16le();
  if (auto most = *std::max_element(std::begin(sizes), std::end(sizes)); most > kMaxInfoText) {
    return fail(ErrorCode::kMalformed, "client info: a text of {} bytes, over {}", most, kMaxInfoText);
  }
  ClientInfo info;
  set_flags(flags, info.flags);
  info.domain = to_utf8(take_text(in, sizes[0], unicode), unicode);
  info.user = to_utf8(take_text(in, sizes[1], unicode), unicode);
  info.password = Secret(to_utf8(take_text(in, sizes[2], unicode), unicode));
  info.program = to_utf8(take_text(in, sizes[3], unicode), unicode);
  info.folder = to_utf8(take_text(in, sizes[4], unicode), unicode);
  if (in.failed()) return fail(ErrorCode::kMalformed, "client info: texts are cut short");
  if (!in.at_end()) TS_TRY(decode_extended(in, info));
  return info;
}

Result<> encode_client_info(const ClientInfo& info, Bytes& out) {
  const std::array<std::string_view, 5> texts{info.domain, info.user, info.password.text(), info.program,
                                              info.folder};
  std::array<Bytes, 5> units;
  std::size_t size = 0;
  Result<> good;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    units[i] = utf8_to_utf16le(texts[i]);
    size += units[i].size();
    if (units[i].size() > kMaxInfoText) {
      good =
          fail(ErrorCode::kUsage, "a user, domain, password, program or folder is longer than {} characters",
               kMaxInfoText / 2);
    } else if (texts[i].find('\0') != texts[i].npos) {
      good = fail(ErrorCode::kUsage, "a user, domain, password, program or folder has a NUL in it");
    }
  }
  if (good) {
    out.reserve(out.size() + size + kMaxWithoutTexts);  // growing would leave a copy of the password behind
    write_client_info(info, units, out);
  }
  wipe(units[2].data(), units[2].size());
  return good;
}

}  // namespace ts::rdp
