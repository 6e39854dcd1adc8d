// A client's side of the handshake, byte by byte, as xfreerdp 2.11 and rdesktop 1.9 write it: for the tests
// of the acceptor and for fuzz targets that start from an active connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/utf.h"

namespace ts::rdp::test {

/// Bytes from hexadecimal; blanks are free.
inline Bytes hex(std::string_view text) {
  Bytes out;
  int high = -1;
  for (char c : text) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) continue;
    if (high >= 0) out.push_back(static_cast<std::byte>(high << 4 | digit));
    high = high < 0 ? digit : -1;
  }
  return out;
}

inline Bytes tpkt(const Bytes& content) {
  Bytes out;
  ByteWriter writer(out);
  writer.u16be(0x0300);
  writer.u16be(static_cast<std::uint16_t>(4 + content.size()));
  writer.bytes(content);
  return out;
}

/// TPKT and X.224 data around an MCS PDU.
inline Bytes x224_data(const Bytes& mcs) {
  Bytes content = hex("02 F0 80");
  content.insert(content.end(), mcs.begin(), mcs.end());
  return tpkt(content);
}

/// Connection Request with a cookie line (without CR LF; may be empty) and RDP_NEG_REQ (unless negotiate is
/// false).
inline Bytes connection_request(std::string_view cookie, std::uint32_t protocols, bool negotiate = true) {
  Bytes rest;
  ByteWriter writer(rest);
  if (!cookie.empty()) {
    writer.text(cookie);
    writer.text("\r\n");
  }
  if (negotiate) {
    writer.u32le(0x00080001);
    writer.u32le(protocols);
  }
  Bytes content;
  ByteWriter head(content);
  head.u8(static_cast<std::uint8_t>(6 + rest.size()));
  head.bytes(hex("E0 0000 0000 00"));
  head.bytes(rest);
  return tpkt(content);
}

inline void settings_block(ByteWriter& writer, std::uint16_t type, const Bytes& body) {
  writer.u16le(type);
  writer.u16le(static_cast<std::uint16_t>(4 + body.size()));
  writer.bytes(body);
}

inline void padded_utf16(ByteWriter& writer, std::string_view text, std::size_t size) {
  Bytes units = utf8_to_utf16le(text);
  units.resize(size);
  writer.bytes(units);
}

struct ClientShape {
  std::string name = "client";
  std::uint16_t width = 1024, height = 768;
  std::uint16_t color_depth = 0xCA01;
  std::uint16_t post_beta2_depth = 0xCA03;
  std::uint16_t high_color_depth = 24;
  std::uint16_t early_flags = 0x04E3;  // error info, 32 bpp and more
  std::uint32_t cluster_flags = 0x0D;
  std::uint32_t session = 0;
  std::vector<std::string> channels{"rdpdr", "rdpsnd", "cliprdr"};
  bool message_channel = true;
  std::size_t core_size = 230;  // bytes of the core block's body: optional fields may be missing
  bool fast_path = true;
  bool auto_reconnect = false;  // rdesktop; xfreerdp with +auto-reconnect        // output
  bool compression_header = false;
  std::uint16_t pointer_cache = 20;
  std::uint16_t large_pointer = 3;
  std::uint32_t fragments = 608299;
};

inline Bytes core_block(const ClientShape& shape) {
  Bytes body;
  ByteWriter writer(body);
  writer.u32le(0x0008000C);
  writer.u16le(shape.width);
  writer.u16le(shape.height);
  writer.u16le(shape.color_depth);
  writer.u16le(0xAA03);
  writer.u32le(0x407);  // keyboard layout
  writer.u32le(18363);  // build
  padded_utf16(writer, shape.name, 32);
  writer.u32le(4);  // keyboard type
  writer.u32le(2);  // subtype
  writer.u32le(12);
  writer.zeros(64);
  writer.u16le(shape.post_beta2_depth);
  writer.u16le(1);
  writer.u32le(0);
  writer.u16le(shape.high_color_depth);
  writer.u16le(0x0F);  // supported depths
  writer.u16le(shape.early_flags);
  writer.zeros(64);
  writer.u8(6);  // connection type
  writer.u8(0);
  writer.u32le(1);                  // selected protocol
  writer.zeros(4 + 4 + 2 + 4 + 4);  // sizes and scales
  body.resize(shape.core_size);
  return body;
}

inline Bytes client_blocks(const ClientShape& shape) {
  Bytes blocks;
  ByteWriter writer(blocks);
  settings_block(writer, 0xC001, core_block(shape));
  Bytes cluster;
  ByteWriter cluster_writer(cluster);
  cluster_writer.u32le(shape.cluster_flags);
  cluster_writer.u32le(shape.session);
  settings_block(writer, 0xC004, cluster);
  settings_block(writer, 0xC002, Bytes(8));
  if (!shape.channels.empty()) {
    Bytes net;
    ByteWriter net_writer(net);
    net_writer.u32le(static_cast<std::uint32_t>(shape.channels.size()));
    for (const auto& name : shape.channels) {
      net_writer.text(name);
      net_writer.zeros(8 - name.size());
      net_writer.u32le(0xC0800000);
    }
    settings_block(writer, 0xC003, net);
  }
  if (shape.message_channel) settings_block(writer, 0xC006, Bytes(4));
  return blocks;
}

/// What X.224 data carries: BER Connect-Initial around the GCC request around the blocks.
inline Bytes connect_initial(const Bytes& blocks) {
  Bytes gcc = hex("00 05 00 14 7C 00 01");
  ByteWriter writer(gcc);
  writer.u16be(static_cast<std::uint16_t>(0x8000 | (14 + blocks.size())));
  writer.bytes(hex("00 08 00 10 00 01 C0 00 44 75 63 61"));
  writer.u16be(static_cast<std::uint16_t>(0x8000 | blocks.size()));
  writer.bytes(blocks);

  Bytes content = hex("04 01 01 04 01 01 01 01 FF");
  ByteWriter ber(content);
  ber.bytes(hex("30 19 02 01 22 02 01 02 02 01 00 02 01 01 02 01 00 02 01 01 02 02 FF FF 02 01 02"));
  ber.bytes(hex("30 19 02 01 01 02 01 01 02 01 01 02 01 01 02 01 00 02 01 01 02 02 04 20 02 01 02"));
  ber.bytes(hex("30 1C 02 02 FF FF 02 02 FC 17 02 02 FF FF 02 01 01 02 01 00 02 01 01 02 02 FF FF 02 01 02"));
  ber.u16be(0x0482);
  ber.u16be(static_cast<std::uint16_t>(gcc.size()));
  ber.bytes(gcc);

  Bytes out = hex("7F 65 82");
  ByteWriter head(out);
  head.u16be(static_cast<std::uint16_t>(content.size()));
  head.bytes(content);
  return out;
}

inline Bytes channel_join(std::uint16_t user, std::uint16_t channel) {
  Bytes mcs = hex("38");
  ByteWriter writer(mcs);
  writer.u16be(static_cast<std::uint16_t>(user - 1001));
  writer.u16be(channel);
  return x224_data(mcs);
}

inline Bytes send_data(std::uint16_t user, std::uint16_t channel, const Bytes& data) {
  Bytes mcs = hex("64");
  ByteWriter writer(mcs);
  writer.u16be(static_cast<std::uint16_t>(user - 1001));
  writer.u16be(channel);
  writer.u8(0x70);
  writer.u16be(static_cast<std::uint16_t>(0x8000 | data.size()));
  writer.bytes(data);
  return x224_data(mcs);
}

struct Person {
  std::string user = "alice", domain = "HOST", password = "s3cret", program, folder;
  std::uint32_t flags = 0x000B47FB;
  Bytes cookie;
};

/// Security header, TS_INFO_PACKET and the extended packet.
inline Bytes client_info(const Person& person, bool extended = true) {
  Bytes out = hex("4000 0000 00000000");
  ByteWriter writer(out);
  writer.u32le(person.flags);
  std::vector<Bytes> texts;
  for (const auto* text : {&person.domain, &person.user, &person.password, &person.program, &person.folder}) {
    texts.push_back(utf8_to_utf16le(*text));
    writer.u16le(static_cast<std::uint16_t>(texts.back().size()));
  }
  for (const auto& text : texts) {
    writer.bytes(text);
    writer.u16le(0);
  }
  if (!extended) return out;
  writer.u16le(2);
  for (std::string_view text : {"10.1.2.3", "C:\\client"}) {
    Bytes units = utf8_to_utf16le(text);
    writer.u16le(static_cast<std::uint16_t>(units.size() + 2));
    writer.bytes(units);
    writer.u16le(0);
  }
  writer.u32le(static_cast<std::uint32_t>(-60));
  writer.zeros(168);  // rest of the time zone
  writer.u32le(0);    // session id
  writer.u32le(0x86);
  writer.u16le(static_cast<std::uint16_t>(person.cookie.size()));
  writer.bytes(person.cookie);
  return out;
}

inline Bytes share(std::uint16_t type, std::uint16_t user, const Bytes& body) {
  Bytes out;
  ByteWriter writer(out);
  writer.u16le(static_cast<std::uint16_t>(6 + body.size()));
  writer.u16le(static_cast<std::uint16_t>(0x10 | type));
  writer.u16le(user);
  writer.bytes(body);
  return out;
}

inline Bytes data_pdu(std::uint8_t type, std::uint16_t user, const Bytes& body) {
  Bytes data;
  ByteWriter writer(data);
  writer.u32le(0x000103EA);
  writer.u16le(0x0100);
  writer.u16le(static_cast<std::uint16_t>(4 + body.size()));
  writer.u8(type);
  writer.u8(0);
  writer.u16le(0);
  writer.bytes(body);
  return share(7, user, data);
}

inline Bytes confirm_active(const ClientShape& shape) {
  Bytes sets;
  ByteWriter writer(sets);
  auto set = [&](std::uint16_t type, const Bytes& body) {
    writer.u16le(type);
    writer.u16le(static_cast<std::uint16_t>(4 + body.size()));
    writer.bytes(body);
  };
  Bytes general = hex("0400 0700 0002 0000 0000 0000 0000 0000 0000 01 01");
  unsigned extra_flags = 0x0014;
  if (!shape.compression_header) extra_flags |= 0x0400;
  if (shape.fast_path) extra_flags |= 0x0001;
  if (shape.auto_reconnect) extra_flags |= 0x0008;
  ByteWriter(general).patch_u16le(10, static_cast<std::uint16_t>(extra_flags));
  set(1, general);
  Bytes bitmap = hex("2000 0100 0100 0100 0000 0000 0000 0100 0100 00 08 0100 0000");
  ByteWriter(bitmap).patch_u16le(8, shape.width);
  ByteWriter(bitmap).patch_u16le(10, shape.height);
  set(2, bitmap);
  set(3, Bytes(84));
  set(19, Bytes(36));
  Bytes pointer = hex("0100 1400 0000");
  ByteWriter(pointer).patch_u16le(4, shape.pointer_cache);
  set(8, pointer);
  Bytes input = hex("3D00 0000 07040000");
  input.resize(84);
  set(13, input);
  Bytes large;
  ByteWriter(large).u16le(shape.large_pointer);
  set(27, large);
  Bytes fragments;
  ByteWriter(fragments).u32le(shape.fragments);
  set(26, fragments);

  Bytes body;
  ByteWriter out(body);
  out.u32le(0x000103EA);
  out.u16le(0x03EA);
  out.u16le(7);
  out.u16le(static_cast<std::uint16_t>(4 + sets.size()));
  out.bytes(hex("4D 53 54 53 43 00 00"));
  out.u16le(8);  // number of sets
  out.u16le(0);
  out.bytes(sets);
  return body;
}

/// The user channel that the acceptor gives to this client: above all others.
inline std::uint16_t user_channel(const ClientShape& shape) {
  return static_cast<std::uint16_t>(1004 + shape.channels.size() + (shape.message_channel ? 1 : 0));
}

inline Bytes on_io(const ClientShape& shape, const Bytes& data) {
  return send_data(user_channel(shape), 1003, data);
}

inline Bytes synchronize(const ClientShape& shape) {
  return on_io(shape, data_pdu(0x1F, user_channel(shape), hex("0100 EA03")));
}
inline Bytes cooperate(const ClientShape& shape) {
  return on_io(shape, data_pdu(0x14, user_channel(shape), hex("0400 0000 00000000")));
}
inline Bytes request_control(const ClientShape& shape) {
  return on_io(shape, data_pdu(0x14, user_channel(shape), hex("0100 0000 00000000")));
}
inline Bytes font_list(const ClientShape& shape) {
  return on_io(shape, data_pdu(0x27, user_channel(shape), hex("0000 0000 0300 3200")));
}
/// rdesktop's input: one event per PDU.
inline Bytes slow_input(const ClientShape& shape, std::string_view event) {
  Bytes body = hex("0100 0000 00000000");
  Bytes tail = hex(event);
  body.insert(body.end(), tail.begin(), tail.end());
  return on_io(shape, data_pdu(0x1C, user_channel(shape), body));
}

/// From MCS on to the last PDU before Confirm Active.
inline std::vector<Bytes> connect_pdus(const ClientShape& shape, const Person& person = {}) {
  std::vector<Bytes> pdus;
  pdus.push_back(x224_data(connect_initial(client_blocks(shape))));
  pdus.push_back(x224_data(hex("04 01 00 01 00")));
  pdus.push_back(x224_data(hex("28")));
  std::uint16_t user = user_channel(shape);
  if (!(shape.early_flags & 0x0800)) {
    pdus.push_back(channel_join(user, user));
    for (std::uint16_t channel = 1003; channel < user; ++channel) pdus.push_back(channel_join(user, channel));
  }
  pdus.push_back(on_io(shape, client_info(person)));
  return pdus;
}

/// Confirm Active and finalisation, in the order of xfreerdp: all at once.
inline std::vector<Bytes> activate_pdus(const ClientShape& shape) {
  return {on_io(shape, share(3, user_channel(shape), confirm_active(shape))), synchronize(shape),
          cooperate(shape), request_control(shape), font_list(shape)};
}

inline std::vector<Bytes> handshake(const ClientShape& shape, const Person& person = {}) {
  std::vector<Bytes> pdus{connection_request("Cookie: mstshash=alice", 3)};
  for (auto& pdu : connect_pdus(shape, person)) pdus.push_back(std::move(pdu));
  for (auto& pdu : activate_pdus(shape)) pdus.push_back(std::move(pdu));
  return pdus;
}

inline std::vector<Bytes> freerdp_handshake() {
  return handshake(ClientShape{});
}

/// rdesktop: fewer optional fields, five channels, no message channel, slow-path input before the font list.
inline ClientShape rdesktop_shape() {
  ClientShape shape;
  shape.name = "desk";
  shape.auto_reconnect = true;
  shape.early_flags = 0x0001;
  shape.channels = {"cliprdr", "rdpsnd", "snddbg", "rdpdr", "drdynvc"};
  shape.message_channel = false;
  shape.core_size = 212;
  shape.large_pointer = 1;
  shape.fragments = 65535;
  return shape;
}
inline std::vector<Bytes> rdesktop_handshake() {
  ClientShape shape = rdesktop_shape();
  Person person{.flags = 0x0000013B};
  auto pdus = handshake(shape, person);
  pdus.insert(pdus.end() - 1, slow_input(shape, "0000 0000 02000000"));
  return pdus;
}

}  // namespace ts::rdp::test
