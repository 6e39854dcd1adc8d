// TPKT, fast-path length, preconnection PDU and X.224 negotiation.
#include <gtest/gtest.h>

#include "lib/rdp/tpkt.h"
#include "lib/rdp/x224.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::hex;

std::optional<std::size_t> clear_size(std::string_view bytes) {
  auto size = clear_pdu_size(hex(bytes));
  EXPECT_TRUE(size.has_value()) << size.error().message;
  return size.value_or(std::nullopt);
}
std::optional<std::size_t> size_of(std::string_view bytes) {
  auto size = pdu_size(hex(bytes));
  EXPECT_TRUE(size.has_value()) << size.error().message;
  return size.value_or(std::nullopt);
}

TEST(Framing, TpktLengthIsBigEndianAndCountsItsHeader) {
  EXPECT_EQ(clear_size(""), std::nullopt);
  EXPECT_EQ(clear_size("03 00 01"), std::nullopt);
  EXPECT_EQ(clear_size("03 00 01 02"), 0x102);
  EXPECT_EQ(size_of("03 00 FF FF"), 0xFFFF);
}

TEST(Framing, FastPathLengthHasOneOrTwoBytes) {
  EXPECT_EQ(size_of("04"), std::nullopt);
  EXPECT_EQ(size_of("04 05"), 5);
  EXPECT_EQ(size_of("04 81"), std::nullopt);
  EXPECT_EQ(size_of("04 81 02"), 0x102);
}

TEST(Framing, ImpossibleLengthsAreMalformed) {
  for (auto bytes :
       {"03 00 00 05", "03 00 00 00", "03 00 10 01" /* 4097 */, "47 45 54 20 2F 20 48 54" /* HTTP */,
        "0E 00 00 00 00 00 00 00", "02 10 00 00 00 00 00 00" /* 4098 */, "11 00 00 00 00 00 00 00"}) {
    EXPECT_FALSE(clear_pdu_size(hex(bytes)).has_value()) << bytes;
  }
  for (auto bytes : {"03 00 00 05", "04 01", "04 00", "04 80 02", "05 10", "01 00", "02 05"}) {
    EXPECT_FALSE(pdu_size(hex(bytes)).has_value()) << bytes;
  }
}

TEST(Framing, PreconnectionPduOfBothVersions) {
  auto first = hex("10 00 00 00 00 00 00 00 01 00 00 00 2A 00 00 00");
  EXPECT_EQ(*clear_pdu_size(first), 16);
  EXPECT_EQ(decode_preconnection(first)->id, 42u);
  auto second = hex("18 00 00 00 00 00 00 00 02 00 00 00 07 00 00 00 03 00 68 00 69 00 00 00");
  auto decoded = decode_preconnection(second);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->id, 7u);
  EXPECT_EQ(decoded->text, "hi");
  for (std::size_t size = 0; size < second.size(); ++size) {
    EXPECT_FALSE(decode_preconnection(ByteView(second).first(size)).has_value()) << size;
  }
}

TEST(X224, RequestWithCookieAndNegotiation) {
  auto request = decode_connection_request(test::connection_request("Cookie: mstshash=alice", 0x0B));
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->cookie_user, "alice");
  EXPECT_EQ(request->routing_token, "");
  EXPECT_EQ(request->requested_protocols, 0x0Bu);
}

TEST(X224, AnyOtherLineIsARoutingToken) {
  for (std::string_view token :
       {"Cookie: msts=3640205228.15629.0000", "tsv://MS Terminal Services Plugin.1.Farm", "x"}) {
    auto request = decode_connection_request(test::connection_request(token, 1));
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(request->routing_token, token);
    EXPECT_EQ(request->requested_protocols, 1u);
  }
}

TEST(X224, RequestWithoutNegotiation) {
  auto request = decode_connection_request(test::connection_request("Cookie: mstshash=a", 0, false));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->cookie_user, "a");
  EXPECT_FALSE(request->requested_protocols.has_value());
}

TEST(X224, NegotiationThatHoldsCrLfIsNoToken) {
  auto request = decode_connection_request(test::connection_request("", 0x000A0D01));
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->requested_protocols, 0x000A0D01u);
  EXPECT_EQ(request->routing_token, "");
}

TEST(X224, CorrelationInfoIsReadOver) {
  auto pdu = hex("03 00 00 37 32 E0 0000 0000 00 01 08 0800 03000000 06 00 2400");
  pdu.resize(0x37);
  auto request = decode_connection_request(pdu);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->requested_protocols, 3u);
  pdu[15 - 3] = std::byte{0};  // without the flag these are 36 bytes too many
  EXPECT_FALSE(decode_connection_request(pdu).has_value());
}

TEST(X224, EveryTruncationOfARequestIsMalformedOrWithoutNegotiation) {
  auto whole = test::connection_request("Cookie: mstshash=alice", 3);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_connection_request(ByteView(whole).first(size)).has_value()) << size;
  }
}

TEST(X224, ConfirmAndFailureBytes) {
  Bytes out;
  encode_connection_confirm(kProtocolSsl, kExtendedClientDataSupported, out);
  EXPECT_EQ(out, hex("03 00 00 13 0E D0 00 00 12 34 00 02 01 08 00 01 00 00 00"));
  out.clear();
  encode_negotiation_failure(NegotiationFailure::kSslRequired, out);
  EXPECT_EQ(out, hex("03 00 00 13 0E D0 00 00 12 34 00 03 00 08 00 01 00 00 00"));
}

TEST(X224, DataDisconnectAndNonsense) {
  Bytes pdu = hex("03 00 00 09 02 F0 80 AB CD");
  auto data = decode_data_or_disconnect(pdu);
  ASSERT_TRUE(data.has_value() && data->has_value());
  EXPECT_EQ(Bytes((*data)->begin(), (*data)->end()), hex("AB CD"));
  auto disconnect = decode_data_or_disconnect(hex("03 00 00 0B 06 80 00 00 00 00 00"));
  ASSERT_TRUE(disconnect.has_value());
  EXPECT_FALSE(disconnect->has_value());
  for (auto bytes :
       {"03 00 00 08 02 F0 80", "03 00 00 06 02 F0", "03 00 00 07 02 F0 00", "03 00 00 07 03 F0 80"}) {
    EXPECT_FALSE(decode_data_or_disconnect(hex(bytes)).has_value()) << bytes;
  }
}

}  // namespace
}  // namespace ts::rdp
