#include "lib/rdp/gcc_server.h"

#include <set>

#include "lib/rdp/gcc.h"
#include "lib/rdp/mcs.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kCore = 0x0C01;
constexpr std::uint16_t kSecurity = 0x0C02;
constexpr std::uint16_t kNet = 0x0C03;
constexpr std::uint16_t kMessageChannel = 0x0C04;

constexpr std::uint32_t kSkipChannelJoinSupported = 0x00000008;

void write_block(ByteWriter& writer, std::uint16_t type, std::size_t body_size) {
  writer.u16le(type);
  writer.u16le(static_cast<std::uint16_t>(kGccBlockHeader + body_size));
}

void decode_core(ByteReader& in, ServerSettings& settings) {
  settings.version = in.u32le();
  // Both of the rest may be missing.
  if (in.remaining() >= 4) settings.requested_protocols = in.u32le();
  if (in.remaining() >= 4) settings.skip_channel_join = in.u32le() & kSkipChannelJoinSupported;
}

void decode_net(ByteReader& in, ServerSettings& settings) {
  settings.io_channel = in.u16le();
  std::size_t count = in.u16le();
  for (std::size_t i = 0; i < count && in.ok(); ++i) settings.channels.push_back(in.u16le());
}

void decode_block(std::uint16_t type, ByteReader& in, ServerSettings& settings) {
  switch (type) {
    case kCore:
      return decode_core(in, settings);
    case kNet:
      return decode_net(in, settings);
    case kMessageChannel:
      settings.message_channel = in.u16le();
      return;
    case kSecurity:
      settings.encryption_method = in.u32le();
      settings.encryption_level = in.u32le();
      return;
    default:
      return;
  }
}

}  // namespace

void encode_server_settings(const ServerSettings& settings, Bytes& out) {
  ByteWriter writer(out);
  write_block(writer, kCore, 4 + 4 + 4);
  writer.u32le(settings.version);
  writer.u32le(settings.requested_protocols);
  writer.u32le(settings.skip_channel_join ? kSkipChannelJoinSupported : 0);

  std::size_t padding = settings.channels.size() % 2 * 2;
  write_block(writer, kNet, 2 + 2 + 2 * settings.channels.size() + padding);
  writer.u16le(settings.io_channel);
  writer.u16le(static_cast<std::uint16_t>(settings.channels.size()));
  for (auto id : settings.channels) writer.u16le(id);
  writer.zeros(padding);

  if (settings.message_channel) {
    write_block(writer, kMessageChannel, 2);
    writer.u16le(*settings.message_channel);
  }

  write_block(writer, kSecurity, 4 + 4);
  writer.u32le(settings.encryption_method);
  writer.u32le(settings.encryption_level);
}

Result<ServerSettings> decode_server_settings(ByteView blocks) {
  ByteReader in(blocks);
  ServerSettings settings;
  std::set<std::uint16_t> seen;
  while (!in.at_end()) {
    GccBlock block = read_gcc_block(in);
    if (in.failed())
      return fail(ErrorCode::kMalformed, "server settings block 0x{:04x} is cut short", block.type);
    if (!seen.insert(block.type).second) {
      return fail(ErrorCode::kMalformed, "server settings block 0x{:04x} occurs twice", block.type);
    }
    ByteReader body(block.body);
    decode_block(block.type, body, settings);
    if (body.failed())
      return fail(ErrorCode::kMalformed, "server settings block 0x{:04x} has only {} bytes", block.type,
                  block.body.size());
  }
  if (!seen.contains(kCore) || !seen.contains(kNet)) {
    return fail(ErrorCode::kMalformed, "server settings have no core or no network data");
  }
  return settings;
}

}  // namespace ts::rdp
