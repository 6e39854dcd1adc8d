// What a server tells of while it runs, read by the client's halves: updates, redirections, session info.
#include <gtest/gtest.h>

#include "lib/base/utf.h"
#include "lib/rdp/reconnect_cookie.h"
#include "lib/rdp/redirection.h"
#include "lib/rdp/session_info.h"
#include "lib/rdp/share.h"
#include "lib/rdp/update_reader.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::hex;

// Fragments: order, code, and how much.
TEST(UpdateReader, FragmentsOutOfTurnAreRefused) {
  const Bytes single = hex("00 08 01 03 00 01 00 00"), first = hex("00 07 21 02 00 01 00"),
              next = hex("00 05 31 00 00"), last = hex("00 05 11 00 00"), other_next = hex("00 05 32 00 00");
  auto reads = [](std::vector<Bytes> pdus) {
    UpdateReader reader;
    std::vector<ServerEvent> events;
    for (const auto& pdu : pdus) {
      if (!reader.fast_path(pdu, events)) return false;
    }
    return true;
  };
  EXPECT_FALSE(reads({next}));
  EXPECT_FALSE(reads({last}));
  EXPECT_FALSE(reads({first, first}));
  EXPECT_FALSE(reads({first, single}));
  EXPECT_FALSE(reads({first, other_next}));
  EXPECT_TRUE(reads({first, next, next}));
  EXPECT_FALSE(reads({first, last}));  // put together, it is no bitmap update
  UpdateReader reader;
  std::vector<ServerEvent> events;
  ASSERT_TRUE(reader.fast_path(first, events).has_value());
  reader.reset();
  EXPECT_TRUE(reader.fast_path(first, events).has_value());
}

TEST(UpdateReader, FragmentsAreHeldToTheLimit) {
  UpdateReader reader;
  std::vector<ServerEvent> events;
  auto pdu = [](std::uint8_t header, std::size_t size) {
    Bytes out;
    ByteWriter writer(out);
    writer.u8(0);
    writer.u16be(static_cast<std::uint16_t>(0x8000 | (6 + size)));
    writer.u8(header);
    writer.u16le(static_cast<std::uint16_t>(size));
    writer.zeros(size);
    return out;
  };
  ASSERT_TRUE(reader.fast_path(pdu(0x21, 0x4000), events).has_value());
  for (std::size_t size = 0x4000; size < kMaxReassembledUpdate; size += 0x4000)
    ASSERT_TRUE(reader.fast_path(pdu(0x31, 0x4000), events).has_value()) << size;
  EXPECT_FALSE(reader.fast_path(pdu(0x31, 1), events).has_value());
}

TEST(UpdateReader, EncryptedCompressedAndCutUpdatesAreRefused) {
  for (const char* wrong :
       {"80 08 01 03 00 01 00 00", "00 09 81 20 03 00 01 00 00", "00 08 01 04 00 01 00 00",
        "00 06 01 01 00 01", "00 08 01 03 00 01 00 01", "00", "00 80"}) {
    UpdateReader reader;
    std::vector<ServerEvent> events;
    EXPECT_FALSE(reader.fast_path(hex(wrong), events).has_value()) << wrong;
  }
}

TEST(UpdateReader, RectanglesAreWithinTheirOwnEdges) {
  auto update = [](const char* edges) {
    Bytes body = hex("0100 0100");
    for (auto byte : hex(edges)) body.push_back(byte);
    for (auto byte : hex("0400 0100 2000 0000 0400 AABBCCDD")) body.push_back(byte);
    return body;
  };
  UpdateReader reader;
  std::vector<ServerEvent> events;
  EXPECT_TRUE(reader.slow_path(update("0100 0200 0100 0200"), events).has_value());
  EXPECT_FALSE(reader.slow_path(update("0200 0200 0100 0200"), events).has_value());
  EXPECT_FALSE(reader.slow_path(update("0100 0300 0100 0200"), events).has_value());
}

Bytes redirection_packet(std::uint32_t flags, const Bytes& fields) {
  Bytes body = hex("0000 0004 0000 05000000");
  ByteWriter writer(body);
  writer.u32le(flags);
  writer.bytes(fields);
  writer.patch_u16le(4, static_cast<std::uint16_t>(body.size() - 2));
  return body;
}

Bytes text_field(std::string_view text) {
  Bytes out, units = utf8_to_utf16le(text);
  ByteWriter writer(out);
  writer.u32le(static_cast<std::uint32_t>(units.size() + 2));
  writer.bytes(units);
  writer.u16le(0);
  return out;
}

TEST(Redirection, AllFieldsInOrder) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.bytes(text_field("10.0.0.7"));
  writer.u32le(20);
  writer.text("Cookie: msts=1.2.3\r\n");
  writer.bytes(text_field("alice"));
  writer.bytes(text_field("HOST"));
  writer.bytes(text_field("p4ss"));
  writer.bytes(text_field("b.example"));
  writer.bytes(text_field("B"));
  Bytes addresses = text_field("10.0.0.7");
  writer.u32le(static_cast<std::uint32_t>(4 + addresses.size()));
  writer.u32le(1);
  writer.bytes(addresses);
  Bytes body = redirection_packet(0x0B1F, fields);
  auto packet = decode_redirection(body);
  ASSERT_TRUE(packet.has_value()) << packet.error().message;
  EXPECT_EQ(packet->session_id, 5u);
  EXPECT_EQ(packet->address, "10.0.0.7");
  EXPECT_EQ(packet->load_balance_info, "Cookie: msts=1.2.3\r\n");
  EXPECT_EQ(packet->user, "alice");
  EXPECT_EQ(packet->domain, "HOST");
  EXPECT_EQ(packet->fqdn, "b.example");
  EXPECT_EQ(packet->netbios_name, "B");
  EXPECT_EQ(packet->addresses, std::vector<std::string>{"10.0.0.7"});
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_FALSE(decode_redirection(ByteView(body).first(size)).has_value()) << size;
}

TEST(Redirection, LimitsOfTextsAndCounts) {
  EXPECT_TRUE(decode_redirection(redirection_packet(1, text_field(std::string(511, 'x')))).has_value());
  EXPECT_FALSE(decode_redirection(redirection_packet(1, text_field(std::string(512, 'x')))).has_value());
  Bytes many = hex("00000000 41000000");
  for (int i = 0; i < 65; ++i) many.insert(many.end(), 4, std::byte{0});
  EXPECT_FALSE(decode_redirection(redirection_packet(0x800, many)).has_value());
  many[4] = std::byte{0x40};
  EXPECT_TRUE(decode_redirection(redirection_packet(0x800, many)).has_value());
}

TEST(SessionInfo, ReadsBothFormsAndTheExtended) {
  for (bool long_form : {true, false}) {
    Bytes pdu;
    encode_logon_info(long_form, 9, "bob", "D", pdu);
    ByteView body = ByteView(pdu).subspan(15 + kShareDataHeader);
    std::vector<ServerEvent> events;
    ASSERT_TRUE(decode_session_info(body, events).has_value());
    EXPECT_EQ(std::get<LoggedOn>(events.at(0)).user, "bob");
    EXPECT_EQ(std::get<LoggedOn>(events.at(0)).session_id, 9u);
    for (std::size_t size = 0; size < body.size(); ++size)
      EXPECT_FALSE(decode_session_info(body.first(size), events).has_value()) << size;
  }
  std::vector<ServerEvent> events;
  ASSERT_TRUE(decode_session_info(hex("02000000"), events).has_value());
  EXPECT_FALSE(std::get<LoggedOn>(events.at(0)).session_id.has_value());
  ASSERT_TRUE(
      decode_session_info(hex("03000000 2600 03000000 04000000 AABBCCDD 08000000 FEFFFFFF 01000000"), events)
          .has_value());
  EXPECT_EQ(std::get<LogonError>(events.at(1)).data, 1u);
  EXPECT_FALSE(decode_session_info(hex("03000000 2600 01000000 FFFFFF7F AABB"), events).has_value());
}

TEST(ReconnectCookie, IsReadAsItWasWritten) {
  ServerReconnectCookie cookie;
  cookie.session_id = 9;
  for (std::size_t i = 0; i < cookie.random_bits.size(); ++i) cookie.random_bits[i] = std::byte(0xF0 + i);
  Bytes pdu;
  encode_reconnect_cookie(cookie, pdu);
  ByteView body = ByteView(pdu).subspan(15 + kShareDataHeader);
  // Type, Length, FieldsPresent, cbFieldData, packet, pad.
  EXPECT_EQ(
      Bytes(body.begin(), body.begin() + 42),
      hex("03000000 2600 01000000 1C000000 1C000000 01000000 09000000 F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"));
  EXPECT_EQ(body.size(), 42u + 570u);
  std::vector<ServerEvent> events;
  ASSERT_TRUE(decode_session_info(body, events).has_value());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<ServerReconnectCookie>(events[0]).session_id, 9u);
  EXPECT_EQ(std::get<ServerReconnectCookie>(events[0]).random_bits, cookie.random_bits);
  for (std::size_t size = 0; size < 42; ++size)
    EXPECT_FALSE(decode_session_info(body.first(size), events).has_value()) << size;
}

TEST(ReconnectCookie, PacketsOfOtherSizesAndVersionsAreNone) {
  const Bytes good = hex("1C000000 01000000 09000000 000102030405060708090A0B0C0D0E0F");
  ASSERT_TRUE(read_server_cookie(good) && read_client_cookie(good));
  EXPECT_EQ(read_client_cookie(good)->verifier[1], std::byte{1});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_client_cookie(ByteView(good).first(size))) << size;
  for (std::size_t at : {0, 3, 4, 7}) {
    Bytes other = good;
    other[at] ^= std::byte{1};
    EXPECT_FALSE(read_client_cookie(other)) << at;
    EXPECT_FALSE(read_server_cookie(other)) << at;
  }
  Bytes longer = good;
  longer.push_back({});
  EXPECT_FALSE(read_client_cookie(longer));
}

TEST(ReconnectCookie, StatusHasANumberThatIsNotZero) {
  Bytes pdu;
  encode_reconnect_status(pdu);
  ByteView body = ByteView(pdu).subspan(15);
  EXPECT_EQ(std::to_integer<int>(body[kShareDataHeader - 4]), 0x32);  // pduType2
  EXPECT_EQ(Bytes(body.begin() + kShareDataHeader, body.end()), hex("01000000"));
}

}  // namespace
}  // namespace ts::rdp
