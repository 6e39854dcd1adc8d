#include "lib/rdp/gcc_server.h"

#include "lib/rdp/gcc.h"
#include "lib/rdp/mcs.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kCore = 0x0C01;
constexpr std::uint16_t kSecurity = 0x0C02;
constexpr std::uint16_t kNet = 0x0C03;
constexpr std::uint16_t kMessageChannel = 0x0C04;

constexpr std::uint32_t kVersionRdp5 =
    0x00080004;  // RDP 5.0 to 8.1; rdesktop takes 1 in the low word for RDP 4
constexpr std::uint32_t kSkipChannelJoinSupported = 0x00000008;

void write_block(ByteWriter& writer, std::uint16_t type, std::size_t body_size) {
  writer.u16le(type);
  writer.u16le(static_cast<std::uint16_t>(kGccBlockHeader + body_size));
}

}  // namespace

void encode_server_settings(const ServerSettings& settings, Bytes& out) {
  ByteWriter writer(out);
  write_block(writer, kCore, 4 + 4 + 4);
  writer.u32le(kVersionRdp5);
  writer.u32le(settings.requested_protocols);
  writer.u32le(settings.skip_channel_join ? kSkipChannelJoinSupported : 0);

  std::size_t padding = settings.channels.size() % 2 * 2;
  write_block(writer, kNet, 2 + 2 + 2 * settings.channels.size() + padding);
  writer.u16le(kIoChannel);
  writer.u16le(static_cast<std::uint16_t>(settings.channels.size()));
  for (auto id : settings.channels) writer.u16le(id);
  writer.zeros(padding);

  if (settings.message_channel) {
    write_block(writer, kMessageChannel, 2);
    writer.u16le(*settings.message_channel);
  }

  write_block(writer, kSecurity, 4 + 4);
  writer.u32le(0);  // encryptionMethod: none
  writer.u32le(0);  // encryptionLevel: none
}

}  // namespace ts::rdp
