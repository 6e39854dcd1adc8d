#include "lib/rdp/redirection.h"

#include "lib/base/utf.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kSecRedirection = 0x0400;
constexpr std::size_t kPacketHeader = 2 /* flags */ + 2 /* length */ + 4 /* sessionID */ + 4 /* redirFlags */;

enum Field : std::uint32_t {  // redirFlags (2.2.13.1)
  kTargetNetAddress = 0x0001,
  kLoadBalanceInfo = 0x0002,
  kUserName = 0x0004,
  kDomain = 0x0008,
  kPassword = 0x0010,
  kTargetFqdn = 0x0100,
  kTargetNetBiosName = 0x0200,
  kTargetNetAddresses = 0x0800,
  kTsvUrl = 0x1000,
  kRedirectionGuid = 0x8000,
  kTargetCertificate = 0x10000
};

ByteView take_sized(ByteReader& in, std::size_t most) {
  std::size_t size = in.u32le();
  if (size > most) in.set_failed();
  return in.take(size);
}

std::string take_text(ByteReader& in) {
  return utf16le_to_utf8(take_sized(in, kMaxRedirectionText));
}

void take_addresses(ByteReader& in, std::vector<std::string>& out) {
  in.skip(4 /* the size of what follows */);
  std::size_t count = in.u32le();
  if (count > kMaxRedirectionAddresses) in.set_failed();
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.push_back(take_text(in));
}

}  // namespace

Result<Redirected> decode_redirection(ByteView body) {
  ByteReader outer(body);
  outer.skip(2 /* pad */);
  std::uint16_t flags = outer.u16le();
  std::size_t length = outer.u16le();
  if (outer.failed() || flags != kSecRedirection || length < kPacketHeader) {
    return fail(ErrorCode::kMalformed, "redirection packet has no valid header");
  }
  ByteReader in(outer.take(length - 4));
  Redirected event;
  event.session_id = in.u32le();
  event.flags = in.u32le();
  // In this order, each with its length, if its bit is set.
  if (event.flags & kTargetNetAddress) event.address = take_text(in);
  if (event.flags & kLoadBalanceInfo) {
    ByteView bytes = take_sized(in, kMaxRedirectionText);
    event.load_balance_info.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  if (event.flags & kUserName) event.user = take_text(in);
  if (event.flags & kDomain) event.domain = take_text(in);
  if (event.flags & kPassword) take_sized(in, body.size());
  if (event.flags & kTargetFqdn) event.fqdn = take_text(in);
  if (event.flags & kTargetNetBiosName) event.netbios_name = take_text(in);
  for (auto bit : {kTsvUrl, kRedirectionGuid, kTargetCertificate}) {
    if (event.flags & bit) take_sized(in, body.size());
  }
  if (event.flags & kTargetNetAddresses) take_addresses(in, event.addresses);
  if (outer.failed() || in.failed()) return fail(ErrorCode::kMalformed, "redirection packet is cut short");
  return event;
}

}  // namespace ts::rdp
