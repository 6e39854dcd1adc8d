#include "lib/rdp/gcc_client.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "lib/base/utf.h"
#include "lib/rdp/gcc.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kCore = 0xC001;
constexpr std::uint16_t kSecurity = 0xC002;
constexpr std::uint16_t kNet = 0xC003;
constexpr std::uint16_t kCluster = 0xC004;
constexpr std::uint16_t kMonitor = 0xC005;
constexpr std::uint16_t kMessageChannel = 0xC006;

constexpr std::size_t kNameBytes = 32;  // UTF-16, 15 characters and NUL
constexpr std::size_t kImeNameBytes = 64;
constexpr std::size_t kProductIdBytes = 64;
constexpr std::size_t kChannelNameBytes = 8;

// The optional fields, in order; each may be the last.
void decode_core_options(ByteReader& in, ClientCore& core) {
  if (in.remaining() < 2) return;
  core.post_beta2_color_depth = in.u16le();
  if (in.remaining() < 2 + 4) return;
  in.skip(2 /* clientProductId */ + 4 /* serialNumber */);
  if (in.remaining() < 2) return;
  core.high_color_depth = in.u16le();
  if (in.remaining() < 2) return;
  in.skip(2 /* supportedColorDepths */);
  if (in.remaining() < 2) return;
  core.early_flags = in.u16le();
  if (in.remaining() < kProductIdBytes) return;
  in.skip(kProductIdBytes);
  if (in.remaining() < 2) return;
  core.connection_type = in.u8();
  in.skip(1);
  if (in.remaining() < 4) return;
  core.selected_protocol = in.u32le();
  if (in.remaining() < 4 + 4 + 2 + 4) return;
  in.skip(4 /* desktopPhysicalWidth */ + 4 /* desktopPhysicalHeight */ + 2 /* desktopOrientation */);
  core.desktop_scale = in.u32le();
}

Result<ClientCore> decode_core(ByteView body) {
  ByteReader in(body);
  ClientCore core;
  core.version = in.u32le();
  core.width = in.u16le();
  core.height = in.u16le();
  core.color_depth = in.u16le();
  in.skip(2 /* SASSequence */);
  core.keyboard_layout = in.u32le();
  core.build = in.u32le();
  core.name = utf16le_to_utf8(in.take(kNameBytes));
  core.keyboard_type = in.u32le();
  core.keyboard_subtype = in.u32le();
  in.skip(4 /* keyboardFunctionKey */ + kImeNameBytes);
  if (in.failed()) return fail(ErrorCode::kMalformed, "client core data is only {} bytes long", body.size());
  decode_core_options(in, core);
  return core;
}

Result<std::vector<ClientChannel>> decode_channels(ByteView body) {
  ByteReader in(body);
  std::uint32_t count = in.u32le();
  if (in.failed() || count > kMaxStaticChannels) {
    return fail(ErrorCode::kMalformed, "client network data asks for {} channels", count);
  }
  std::vector<ClientChannel> channels;
  for (std::uint32_t i = 0; i < count; ++i) {
    ByteView name = in.take(kChannelNameBytes);
    ClientChannel channel;
    for (auto byte : name.first(name.empty() ? 0 : kChannelNameBytes - 1)) {
      if (byte == std::byte{0}) break;
      channel.name += static_cast<char>(byte);
    }
    channel.options = in.u32le();
    if (in.failed()) return fail(ErrorCode::kMalformed, "client network data ends in channel {}", i);
    channels.push_back(std::move(channel));
  }
  return channels;
}

Result<std::vector<Monitor>> decode_monitors(ByteView body) {
  ByteReader in(body);
  in.skip(4 /* flags */);
  std::uint32_t count = in.u32le();
  if (in.failed() || count > kMaxMonitors) {
    return fail(ErrorCode::kMalformed, "client monitor data has {} monitors", count);
  }
  std::vector<Monitor> monitors;
  for (std::uint32_t i = 0; i < count; ++i) {
    Monitor monitor;
    monitor.left = static_cast<std::int32_t>(in.u32le());
    monitor.top = static_cast<std::int32_t>(in.u32le());
    monitor.right = static_cast<std::int32_t>(in.u32le());
    monitor.bottom = static_cast<std::int32_t>(in.u32le());
    monitor.primary = in.u32le() & 1;
    if (in.failed()) return fail(ErrorCode::kMalformed, "client monitor data ends in monitor {}", i);
    monitors.push_back(monitor);
  }
  return monitors;
}

Result<> decode_cluster(ByteView body, ClientSettings& settings) {
  ByteReader in(body);
  settings.cluster_flags = in.u32le();
  settings.redirected_session = in.u32le();
  if (in.failed())
    return fail(ErrorCode::kMalformed, "client cluster data is only {} bytes long", body.size());
  return {};
}

Result<> decode_block(const GccBlock& block, ClientSettings& settings) {
  switch (block.type) {
    case kCore: {
      TS_TRY_ASSIGN(settings.core, decode_core(block.body));
      return {};
    }
    case kNet: {
      TS_TRY_ASSIGN(settings.channels, decode_channels(block.body));
      return {};
    }
    case kCluster:
      return decode_cluster(block.body, settings);
    case kMonitor: {
      TS_TRY_ASSIGN(settings.monitors, decode_monitors(block.body));
      return {};
    }
    case kMessageChannel:
      settings.wants_message_channel = true;
      return {};
    default:  // kSecurity (nothing in it counts under TLS), multitransport, what is yet to be invented
      return {};
  }
}

template <typename Body>
void write_block(ByteWriter& writer, std::uint16_t type, Body&& body) {
  std::size_t start = writer.size();
  writer.u16le(type);
  writer.u16le(0);
  body();
  writer.patch_u16le(start + 2, static_cast<std::uint16_t>(writer.size() - start));
}

void write_name(ByteWriter& writer, std::string_view name) {
  Bytes units = utf8_to_utf16le(name);
  units.resize(std::min(units.size(), kNameBytes - 2));
  units.resize(kNameBytes);
  writer.bytes(units);
}

void write_core(ByteWriter& writer, const ClientCore& core) {
  writer.u32le(core.version);
  writer.u16le(core.width);
  writer.u16le(core.height);
  writer.u16le(core.color_depth);
  writer.u16le(0xAA03);  // SASSequence: RNS_UD_SAS_DEL
  writer.u32le(core.keyboard_layout);
  writer.u32le(core.build);
  write_name(writer, core.name);
  writer.u32le(core.keyboard_type);
  writer.u32le(core.keyboard_subtype);
  writer.u32le(12);  // keyboardFunctionKey
  writer.zeros(kImeNameBytes);
  writer.u16le(core.post_beta2_color_depth.value_or(0xCA01));
  writer.u16le(1);  // clientProductId
  writer.u32le(0);  // serialNumber
  writer.u16le(core.high_color_depth.value_or(8));
  writer.u16le(0x000F);  // supportedColorDepths: 24, 16, 15, 32
  writer.u16le(core.early_flags);
  writer.zeros(kProductIdBytes);
  writer.u8(core.connection_type);
  writer.u8(0);
  writer.u32le(core.selected_protocol.value_or(0));
}

std::optional<std::uint16_t> depth_of_code(std::uint16_t code) {
  switch (code) {
    case 0xCA00:  // 4 bits per pixel: no server does that any more, 8 is the least
    case 0xCA01:
      return 8;
    case 0xCA02:
      return 15;
    case 0xCA03:
      return 16;
    case 0xCA04:
      return 24;
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<ClientSettings> decode_client_settings(ByteView blocks) {
  ByteReader in(blocks);
  ClientSettings settings;
  std::set<std::uint16_t> seen;
  while (!in.at_end()) {
    GccBlock block = read_gcc_block(in);
    if (in.failed())
      return fail(ErrorCode::kMalformed, "client settings block 0x{:04x} is cut short", block.type);
    if (!seen.insert(block.type).second) {
      return fail(ErrorCode::kMalformed, "client settings block 0x{:04x} occurs twice", block.type);
    }
    TS_TRY(decode_block(block, settings));
  }
  if (!seen.contains(kCore)) return fail(ErrorCode::kMalformed, "client settings have no core data");
  return settings;
}

void ask_for_depth(std::uint16_t depth, ClientCore& core) {
  core.color_depth = depth == 8 ? 0xCA01 : 0xCA03;  // servers of old know no more than 8 and 16
  core.post_beta2_color_depth = depth == 8 ? 0xCA01 : depth == 15 ? 0xCA02 : depth == 16 ? 0xCA03 : 0xCA04;
  core.high_color_depth = std::min<std::uint16_t>(depth, 24);
  if (depth == 32) core.early_flags |= kEarlyWant32Bpp;
}

void encode_client_settings(const ClientSettings& settings, Bytes& out) {
  ByteWriter writer(out);
  write_block(writer, kCore, [&] { write_core(writer, settings.core); });
  write_block(writer, kCluster, [&] {
    writer.u32le(settings.cluster_flags);
    writer.u32le(settings.redirected_session);
  });
  write_block(writer, kSecurity, [&] {
    writer.u32le(0);  // encryptionMethods
    writer.u32le(0);  // extEncryptionMethods
  });
  write_block(writer, kNet, [&] {
    assert(settings.channels.size() <= kMaxStaticChannels);
    writer.u32le(static_cast<std::uint32_t>(settings.channels.size()));
    for (const auto& channel : settings.channels) {
      std::string_view name = std::string_view(channel.name).substr(0, kChannelNameBytes - 1);
      writer.text(name);
      writer.zeros(kChannelNameBytes - name.size());
      writer.u32le(channel.options);
    }
  });
  if (settings.wants_message_channel) write_block(writer, kMessageChannel, [&] { writer.u32le(0); });
}

std::uint16_t requested_depth(const ClientCore& core) {
  if (core.high_color_depth) {
    // There is no code for 32: a client that wants it says 24 and sets a flag.
    if (core.early_flags & kEarlyWant32Bpp) return 32;
    switch (*core.high_color_depth) {
      case 4:
      case 8:
        return 8;
      case 15:
      case 16:
      case 24:
      case 32:
        return *core.high_color_depth;
      default:
        break;
    }
  }
  if (core.post_beta2_color_depth) {
    if (auto depth = depth_of_code(*core.post_beta2_color_depth)) return *depth;
  }
  return depth_of_code(core.color_depth).value_or(8);
}

}  // namespace ts::rdp
