// BER, PER, MCS and the GCC envelope.
#include <gtest/gtest.h>

#include "lib/rdp/gcc.h"
#include "lib/rdp/mcs.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::hex;

TEST(Ber, LengthsInThreeForms) {
  for (auto [bytes, size] : {std::pair{"04 02 AA BB", 2}, {"04 81 02 AA BB", 2}, {"04 82 00 02 AA BB", 2}}) {
    Bytes data = hex(bytes);
    ByteReader in(data);
    EXPECT_EQ(read_ber(in, kBerOctetString).size(), static_cast<std::size_t>(size));
    EXPECT_TRUE(in.ok() && in.at_end());
  }
  for (auto bytes : {"04 83 00 00 02 AA BB", "04 80 AA BB", "04 03 AA BB", "05 02 AA BB", "04"}) {
    Bytes data = hex(bytes);
    ByteReader in(data);
    read_ber(in, kBerOctetString);
    EXPECT_TRUE(in.failed()) << bytes;
  }
}

TEST(Ber, IntegersTakeTheFewestBytesAndStayPositive) {
  for (auto [value, bytes] : {std::pair{0u, "02 01 00"},
                              {0x7Fu, "02 01 7F"},
                              {0x80u, "02 02 00 80"},
                              {0x7FFFu, "02 02 7F FF"},
                              {0xFFF8u, "02 03 00 FF F8"},
                              {0xFFFFFFFFu, "02 05 00 FF FF FF FF"}}) {
    Bytes out;
    ByteWriter writer(out);
    write_ber_integer(writer, value);
    EXPECT_EQ(out, hex(bytes)) << value;
    EXPECT_EQ(ber_integer_size(value), out.size());
  }
}

TEST(Mcs, ConnectResponseStartsAsClientsExpectIt) {
  Bytes out;
  encode_connect_response(hex("AA BB"), out);
  EXPECT_EQ(
      out,
      hex("03 00 00 34 02 F0 80 7F 66 82 00 28 0A 01 00 02 01 00 30 1A 02 01 22 02 01 03 02 01 00 02 01 01"
          "02 01 00 02 01 01 02 03 00 FF F8 02 01 02 04 82 00 02 AA BB"));
}

TEST(Gcc, ResponsePrefixIsTwentyOneBytes) {
  Bytes out;
  encode_conference_create_response(hex("01 02 03"), out);
  EXPECT_EQ(out, hex("00 05 00 14 7C 00 01 2A 14 76 0A 01 01 00 01 C0 00 4D 63 44 6E 80 03 01 02 03"));
}

TEST(Mcs, ConnectInitialAtEveryTruncation) {
  Bytes blocks = test::client_blocks({});
  Bytes whole = test::connect_initial(blocks);
  auto user_data = decode_connect_initial(whole);
  ASSERT_TRUE(user_data.has_value()) << user_data.error().message;
  auto inner = decode_conference_create_request(*user_data);
  ASSERT_TRUE(inner.has_value()) << inner.error().message;
  EXPECT_EQ(Bytes(inner->begin(), inner->end()), blocks);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_connect_initial(ByteView(whole).first(size)).has_value()) << size;
  }
  for (std::size_t size = 0; size < user_data->size(); ++size) {
    EXPECT_FALSE(decode_conference_create_request(user_data->first(size)).has_value()) << size;
  }
}

TEST(Mcs, DomainPdus) {
  EXPECT_TRUE(std::holds_alternative<ErectDomainRequest>(*decode_domain_pdu(hex("04 01 00 01 00"))));
  EXPECT_TRUE(std::holds_alternative<AttachUserRequest>(*decode_domain_pdu(hex("28"))));
  auto join = std::get<ChannelJoinRequest>(*decode_domain_pdu(hex("38 00 06 03 EB")));
  EXPECT_EQ(join.user, 1007);
  EXPECT_EQ(join.channel, 1003);
  for (auto bytes : {"64 00 06 03 EB 70 03 AA BB CC", "64 00 06 03 EB 70 80 03 AA BB CC"}) {
    Bytes pdu = hex(bytes);
    auto data = std::get<SendDataRequest>(*decode_domain_pdu(pdu));
    EXPECT_EQ(data.user, 1007);
    EXPECT_EQ(data.channel, 1003);
    EXPECT_EQ(Bytes(data.data.begin(), data.data.end()), hex("AA BB CC"));
  }
  EXPECT_TRUE(std::holds_alternative<DisconnectUltimatum>(*decode_domain_pdu(hex("21 80"))));
  EXPECT_TRUE(
      std::holds_alternative<DisconnectUltimatum>(*decode_domain_pdu(hex("30 06 02 02 00 03 30 00"))));
}

TEST(Mcs, BadDomainPdus) {
  for (auto bytes :
       {"", "38 00 06 03", "38 FF FF 03 EB", "64 00 06 03 EB 70", "64 00 06 03 EB 70 04 AA BB CC",
        "64 00 06 03 EB 70 02 AA BB CC", "64 00 06 03 EB 70 C1 00", "68 00 06 03 EB 70 01 AA", "FF", "00"}) {
    EXPECT_FALSE(decode_domain_pdu(hex(bytes)).has_value()) << bytes;
  }
}

TEST(Mcs, ServerPdus) {
  Bytes out;
  encode_attach_user_confirm(1007, out);
  EXPECT_EQ(out, hex("03 00 00 0B 02 F0 80 2E 00 00 06"));
  out.clear();
  encode_channel_join_confirm(1007, 1003, out);
  EXPECT_EQ(out, hex("03 00 00 0F 02 F0 80 3E 00 00 06 03 EB 03 EB"));
  out.clear();
  encode_disconnect_ultimatum(DisconnectReason::kProviderInitiated, out);
  EXPECT_EQ(out, hex("03 00 00 09 02 F0 80 20 80"));
  out.clear();
  encode_disconnect_ultimatum(DisconnectReason::kUserRequested, out);
  EXPECT_EQ(out, hex("03 00 00 09 02 F0 80 21 80"));
  out.clear();
  write_send_data(out, 1003, [](ByteWriter& writer) { writer.u8(0xAB); });
  EXPECT_EQ(out, hex("03 00 00 10 02 F0 80 68 00 01 03 EB 70 80 01 AB"));
}

}  // namespace
}  // namespace ts::rdp
