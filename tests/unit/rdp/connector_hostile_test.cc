// The connector against servers that say no, say it wrongly, or say too much.
#include <gtest/gtest.h>

#include "lib/rdp/capabilities.h"
#include "lib/rdp/error_info.h"
#include "lib/rdp/gcc.h"
#include "lib/rdp/gcc_server.h"
#include "lib/rdp/license.h"
#include "lib/rdp/session_info.h"
#include "tests/unit/rdp/both_ends.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::BothEnds;
using test::hex;

// A connector, and the server's part played by hand.
struct Client {
  Connector connector{ConnectorOptions{}};
  Bytes out;
  std::vector<ServerEvent> events;

  /// The server's half of a whole conversation up to active, one PDU after the other.
  static std::vector<Bytes> script() {
    BothEnds ends;
    ends.connect();
    EXPECT_EQ(ends.broken, "");
    return ends.from_server;
  }
  Client() { connector.start(out); }

  Result<> feed(const Bytes& pdu) {
    auto size = connector.frame_size(pdu);
    if (!size) return pass(size.error());
    if (!*size || **size != pdu.size()) return fail(ErrorCode::kMalformed, "not one PDU");
    std::size_t before = events.size();
    TS_TRY(connector.step(pdu, out, events));
    for (std::size_t i = before; i < events.size(); ++i) {
      if (std::holds_alternative<TlsSelected>(events[i])) connector.secured(out);
      if (std::holds_alternative<ReadyForLogon>(events[i])) TS_TRY(connector.log_on({}, out));
    }
    return {};
  }
  /// Plays the script up to (without) PDU `count`.
  void play(std::size_t count) {
    auto pdus = script();
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(feed(pdus[i]).has_value()) << i;
  }
  template <typename E>
  const E* last() const {
    return events.empty() ? nullptr : std::get_if<E>(&events.back());
  }
};

// Positions in script(): X.224 confirm, connect response, attach, two joins, licence, demand active, ...
constexpr std::size_t kLicence = 5, kDemandActive = 6;

Bytes on_io(const Bytes& data) {
  Bytes out;
  write_send_data(out, kIoChannel, [&](ByteWriter& writer) { writer.bytes(data); });
  return out;
}

TEST(ConnectorRefused, ByNegotiation) {
  for (std::uint8_t code : {1, 2, 3, 4, 5, 6, 77}) {
    Client client;
    Bytes pdu = hex("03 00 00 13 0E D0 00 00 12 34 00 03 00 08 00 00 00 00 00");
    pdu[15] = std::byte{code};
    ASSERT_TRUE(client.feed(pdu).has_value());
    ASSERT_NE(client.last<NegotiationRefused>(), nullptr);
    EXPECT_EQ(client.last<NegotiationRefused>()->code, code);
    EXPECT_EQ(client.last<NegotiationRefused>()->text, negotiation_failure_text(code));
    EXPECT_EQ(client.connector.state_name(), "ended");
  }
}

TEST(ConnectorRefused, ByAProtocolThatWasNotOffered) {
  for (const char* pdu :
       {"03 00 00 13 0E D0 00 00 12 34 00 02 00 08 00 02 00 00 00", "03 00 00 0B 06 D0 00 00 12 34 00"}) {
    Client client;
    ASSERT_TRUE(client.feed(hex(pdu)).has_value());
    ASSERT_NE(client.last<NegotiationRefused>(), nullptr);
    EXPECT_FALSE(client.last<NegotiationRefused>()->code.has_value());
  }
}

TEST(ConnectorRefused, ByMcs) {
  Client client;
  client.play(2);
  auto done = client.feed(test::x224_data(hex("2E 02 00 06")));  // rt-no-such-domain or another
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::kRefused);
  EXPECT_FALSE(client.feed(client.script()[2]).has_value()) << "nothing more may be fed in";
}

TEST(ConnectorRefused, ByRdpEncryptionUnderTls) {
  Client client;
  client.play(1);
  Bytes blocks, response, pdu;
  encode_server_settings({.encryption_method = 2, .encryption_level = 2}, blocks);
  encode_conference_create_response(blocks, response);
  encode_connect_response(response, pdu);
  EXPECT_FALSE(client.feed(pdu).has_value());
}

TEST(ConnectorLicensing, ARequestIsAnsweredWithNoLicence) {
  Client client;
  client.play(kLicence);
  client.out.clear();
  Bytes request = hex("8000 0000 01 03 0800 00000000");
  ASSERT_TRUE(client.feed(on_io(request)).has_value());
  // MCS Send Data Request, security header, error alert: ERR_NO_LICENSE, ST_TOTAL_ABORT.
  Bytes answer(client.out.end() - 20, client.out.end());
  EXPECT_EQ(answer, hex("8000 0000 FF 03 1000 02000000 01000000 0400 0000"));
  ASSERT_TRUE(client.feed(client.script()[kLicence]).has_value());
  EXPECT_TRUE(client.last<LicensingDone>()->requested);
  EXPECT_FALSE(client.last<LicensingDone>()->refused);
  ASSERT_TRUE(client.feed(client.script()[kDemandActive]).has_value());

  Client twice;
  twice.play(kLicence);
  ASSERT_TRUE(twice.feed(on_io(request)).has_value());
  EXPECT_FALSE(twice.feed(on_io(request)).has_value());
}

TEST(ConnectorLicensing, RefusalHasItsCode) {
  Client client;
  client.play(kLicence);
  ASSERT_TRUE(client.feed(on_io(hex("8000 0000 FF 03 1000 06000000 01000000 0400 0000"))).has_value());
  EXPECT_TRUE(client.last<LicensingDone>()->refused);
  EXPECT_EQ(client.last<LicensingDone>()->error, 6u);
}

TEST(ConnectorLicensing, AnErrorInfoBeforeItsEndIsNotLost) {
  Client client;
  client.play(kLicence);
  Bytes out;
  encode_set_error_info(0x10A, out);
  ASSERT_TRUE(client.feed(out).has_value());
  ASSERT_NE(client.last<ErrorInfo>(), nullptr);
  EXPECT_EQ(client.last<ErrorInfo>()->code, 0x10Au);
}

TEST(ConnectorLicensing, WhatIsNoLicenceIsSkippedOrRefused) {
  Client client;
  client.play(kLicence);
  ASSERT_TRUE(client.feed(on_io(hex("0010 0000 06 00 0000 1000"))).has_value());  // auto-detection
  for (const char* wrong : {"8000 0000 02 03 0800 00000000", "8000", "8000 0000 FF 03 1000 0700",
                            "8800 0000 FF 03 1000 07000000 02000000 0400 0000", "8000 0000 01 03 0300"}) {
    Client fresh;
    fresh.play(kLicence);
    EXPECT_FALSE(fresh.feed(on_io(hex(wrong))).has_value()) << wrong;
  }
}

TEST(ConnectorHostile, EveryMessageInEveryWrongStateIsRefusedOrHarmless) {
  auto pdus = Client::script();
  for (std::size_t state = 0; state < pdus.size(); ++state) {
    for (std::size_t wrong = 0; wrong < pdus.size(); ++wrong) {
      if (wrong == state) continue;
      Client client;
      client.play(state);
      bool was_active = client.connector.active();
      auto done = client.feed(pdus[wrong]);
      // Up to the share every message has one place. After it a few mean nothing out of turn.
      if (state < kDemandActive && wrong <= kDemandActive && !(state == kLicence && wrong > kLicence)) {
        EXPECT_FALSE(done.has_value()) << state << " " << wrong;
      }
      // The last is the font map, which ends the finalisation whatever of the rest came before it.
      bool finished = state > kDemandActive && wrong == pdus.size() - 1;
      EXPECT_EQ(client.connector.active(), (was_active || finished) && done.has_value())
          << state << " " << wrong;
    }
  }
}

TEST(ConnectorHostile, TruncationAtEveryByte) {
  auto pdus = Client::script();
  for (std::size_t at = 0; at < pdus.size(); ++at) {
    for (std::size_t size = 0; size < pdus[at].size(); ++size) {
      Client client;
      client.play(at);
      Bytes cut(pdus[at].begin(), pdus[at].begin() + static_cast<std::ptrdiff_t>(size));
      // The frame says that more is to come; whoever feeds it all the same gets an error.
      auto framed = client.connector.frame_size(cut);
      EXPECT_TRUE(!framed || !*framed || **framed > size);
      EXPECT_FALSE(client.connector.step(cut, client.out, client.events).has_value()) << at << " " << size;
    }
  }
}

TEST(ConnectorHostile, TruncationInsideTheFrame) {
  auto pdus = Client::script();
  for (std::size_t at = 0; at < pdus.size(); ++at) {
    for (std::size_t size = 7; size < pdus[at].size(); ++size) {
      Client client;
      client.play(at);
      Bytes cut(pdus[at].begin(), pdus[at].begin() + static_cast<std::ptrdiff_t>(size));
      ByteWriter(cut).patch_u16be(2, static_cast<std::uint16_t>(size));
      auto done = client.feed(cut);
      EXPECT_FALSE(done.has_value()) << at << " " << size;
    }
  }
}

TEST(ConnectorHostile, DemandActiveWithoutADesktop) {
  for (auto [width, height, depth] : {std::tuple{0, 600, 32}, {800, 0, 32}, {800, 600, 0}, {800, 600, 12}}) {
    Client client;
    client.play(kDemandActive);
    Bytes pdu;
    encode_demand_active(static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height),
                         static_cast<std::uint16_t>(depth), pdu);
    EXPECT_FALSE(client.feed(pdu).has_value());
  }
}

TEST(ConnectorHostile, UnknownDataAndOtherChannelsAreSkipped) {
  auto count = Client::script().size();
  Client client;
  client.play(count);
  ASSERT_TRUE(client.connector.active());
  std::size_t events = client.events.size();
  client.out.clear();
  for (std::uint8_t type : {0x2D, 0x37, 0x38, 0x54, 0xFF})
    ASSERT_TRUE(client.feed(on_io(test::data_pdu(type, 1002, hex("01020304")))).has_value());
  Bytes elsewhere;
  write_send_data(elsewhere, 1004, [](ByteWriter& writer) { writer.zeros(40); });
  ASSERT_TRUE(client.feed(elsewhere).has_value());
  ASSERT_TRUE(client.feed(hex("00 80 08 03 02 00 AA BB")).has_value()) << "fast-path synchronize";
  ASSERT_TRUE(client.feed(hex("00 80 08 00 02 00 00 00")).has_value()) << "orders";
  EXPECT_EQ(client.events.size(), events);
  EXPECT_TRUE(client.out.empty());
}

TEST(ConnectorHostile, GoodbyesOfBothKinds) {
  Client x224;
  x224.play(Client::script().size());
  ASSERT_TRUE(x224.feed(hex("03 00 00 0B 06 80 00 00 00 00 00")).has_value());
  EXPECT_FALSE(x224.last<ServerDisconnects>()->reason.has_value());
  Client early;
  early.play(3);
  ASSERT_TRUE(early.feed(test::x224_data(hex("21 80"))).has_value());
  EXPECT_EQ(early.last<ServerDisconnects>()->reason, 3);
  EXPECT_TRUE(early.feed(hex("03 00 00 07 AA BB CC")).has_value()) << "nothing is looked at after it";
}

TEST(ConnectorHostile, RedirectionInsteadOfDemandActive) {
  Client client;
  client.play(kDemandActive);
  Bytes share = test::share(10, 1002, hex("0000 0004 0C00 05000000 00000000"));
  share.push_back(std::byte{0});  // the byte of padding that it may have
  ASSERT_TRUE(client.feed(on_io(share)).has_value());
  ASSERT_NE(client.last<Redirected>(), nullptr);
  EXPECT_EQ(client.last<Redirected>()->session_id, 5u);
}

}  // namespace
}  // namespace ts::rdp
