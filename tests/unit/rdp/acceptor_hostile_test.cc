// The acceptor against clients that lie: wrong turns, cut and twisted PDUs in every state of a handshake.
#include <gtest/gtest.h>

#include "tests/fuzz/rdp_oracles.h"

namespace ts::rdp {
namespace {

using test::ClientShape;
using test::hex;

// An acceptor that has heard the first `count` PDUs.
Acceptor after(const std::vector<Bytes>& pdus, std::size_t count) {
  Acceptor acceptor;
  Bytes out;
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(acceptor.step(pdus[i], out, events).has_value()) << i;
  return acceptor;
}

Result<> step(Acceptor& acceptor, ByteView pdu) {
  Bytes out;
  std::vector<Event> events;
  auto result = acceptor.step(pdu, out, events);
  oracle::whole_pdus(out);
  return result;
}

TEST(Hostile, EveryPduCutAnywhereIsAnErrorInEveryState) {
  for (const auto& pdus : {test::freerdp_handshake(), test::rdesktop_handshake()}) {
    for (std::size_t i = 0; i < pdus.size(); ++i) {
      for (std::size_t size = 0; size < pdus[i].size(); ++size) {
        auto acceptor = after(pdus, i);
        Bytes part(pdus[i].begin(), pdus[i].begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(step(acceptor, part).has_value()) << "PDU " << i << " cut at " << size;
      }
    }
  }
}

// The same with headers that agree with the cut: the decoders inside must notice, or the rest is optional.
TEST(Hostile, EveryPduCutWithTrueLengthsStaysWithinBounds) {
  auto pdus = test::freerdp_handshake();
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    for (std::size_t size = 7; size < pdus[i].size(); ++size) {
      Bytes part(pdus[i].begin(), pdus[i].begin() + static_cast<std::ptrdiff_t>(size));
      ByteWriter(part).patch_u16be(2, static_cast<std::uint16_t>(size));
      bool data = size >= 15 && part[7] == std::byte{0x64};
      if (data) ByteWriter(part).patch_u16be(13, static_cast<std::uint16_t>(0x8000 | (size - 15)));
      auto acceptor = after(pdus, i);
      if (!step(acceptor, part)) {
        EXPECT_FALSE(acceptor.active());
        EXPECT_FALSE(step(acceptor, pdus[i]).has_value()) << "went on after an error";
      }
      Bytes out;
      acceptor.end(1, out);
      oracle::whole_pdus(out);
    }
  }
}

TEST(Hostile, EveryBitFlippedOnce) {
  for (const auto& pdus : {test::freerdp_handshake(), test::rdesktop_handshake()}) {
    for (std::size_t i = 0; i < pdus.size(); ++i) {
      for (std::size_t bit = 0; bit < 8 * pdus[i].size(); ++bit) {
        Bytes flipped = pdus[i];
        flipped[bit / 8] ^= std::byte(1 << bit % 8);
        auto acceptor = after(pdus, i);
        oracle::feed(acceptor, flipped);  // dies on a broken promise
      }
    }
  }
}

TEST(Hostile, PdusOutOfTurn) {
  ClientShape shape;
  auto pdus = test::freerdp_handshake();
  std::uint16_t user = test::user_channel(shape);
  // Every PDU of the handshake in every state: only the one whose turn it is, or one that may come at any
  // time.
  for (std::size_t state = 0; state <= pdus.size(); ++state) {
    for (std::size_t i = 0; i < pdus.size(); ++i) {
      bool finalising = state >= pdus.size() - 4;
      bool harmless = finalising && i >= pdus.size() - 4 && i != pdus.size() - 1;  // synchronise and control
      bool joining = state >= 4 && state <= 9;
      bool any_join = joining && i >= state && i < 10;     // in any order
      bool early_info = joining && state >= 6 && i == 10;  // user and I/O channel suffice
      bool font_list = finalising && state < pdus.size() && i == pdus.size() - 1;
      bool allowed = i == state || harmless || any_join || early_info || font_list;
      auto acceptor = after(pdus, state);
      EXPECT_EQ(step(acceptor, pdus[i]).has_value(), allowed) << "PDU " << i << " in state " << state;
    }
  }
  for (std::size_t state = 0; state < pdus.size() - 5; ++state) {
    auto acceptor = after(pdus, state);
    EXPECT_FALSE(step(acceptor, hex("04 04 00 1E")).has_value()) << "fast-path input in state " << state;
  }
  auto active = after(pdus, pdus.size());
  EXPECT_TRUE(step(active, test::send_data(user, 1004, Bytes(8))).has_value());
}

TEST(Hostile, ChannelsAndUsersThatAreNotTheClients) {
  ClientShape shape;
  auto pdus = test::freerdp_handshake();
  std::uint16_t user = test::user_channel(shape);
  for (const auto& bad :
       {test::channel_join(user, 1002), test::channel_join(user, 2000), test::channel_join(user + 1, 1003)}) {
    auto acceptor = after(pdus, 4);
    EXPECT_FALSE(step(acceptor, bad).has_value());
  }
  auto twice = after(pdus, 5);
  EXPECT_FALSE(step(twice, pdus[4]).has_value());
  for (const auto& bad : {test::send_data(user, 1002, Bytes(8)), test::send_data(user, 1009, Bytes(8)),
                          test::send_data(user - 1, 1004, Bytes(8))}) {
    auto acceptor = after(pdus, pdus.size());
    EXPECT_FALSE(step(acceptor, bad).has_value());
  }
}

TEST(Hostile, ClientInfoBeforeTheChannelsItNeeds) {
  ClientShape shape;
  auto pdus = test::freerdp_handshake();
  for (std::size_t joined : {4u, 5u}) {
    auto acceptor = after(pdus, joined);
    EXPECT_FALSE(step(acceptor, test::on_io(shape, test::client_info({}))).has_value());
  }
}

TEST(Hostile, SharePdusThatOnlyServersSend) {
  ClientShape shape;
  auto pdus = test::freerdp_handshake();
  std::uint16_t user = test::user_channel(shape);
  Bytes compressed = test::data_pdu(0x1F, user, hex("0100 EA03"));
  compressed[15] = std::byte{0x20};
  for (const auto& bad :
       {test::share(1, user, Bytes(8)), test::share(6, user, Bytes(8)), test::share(0xA, user, {}),
        compressed, hex("0500 1700 EA03"), hex("FF00 1700 EA03"), hex("0080 00")}) {
    auto acceptor = after(pdus, pdus.size());
    EXPECT_FALSE(step(acceptor, test::on_io(shape, bad)).has_value());
  }
}

TEST(Hostile, SizesBeforeTlsAreSmall) {
  Acceptor acceptor;
  EXPECT_FALSE(acceptor.frame_size(hex("03 00 FF FF")).has_value());
  auto tls = after(test::freerdp_handshake(), 1);
  EXPECT_EQ(*tls.frame_size(hex("03 00 FF FF")), 0xFFFF);
}

}  // namespace
}  // namespace ts::rdp
