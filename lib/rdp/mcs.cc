#include "lib/rdp/mcs.h"

#include <array>
#include <cassert>

namespace ts::rdp {
namespace {

constexpr std::uint8_t kConnectInitialTag = 101;
constexpr std::uint8_t kConnectResponseTag = 102;

// DomainMCSPDU choices (T.125 7); they stand in the upper six bits of the first byte.
constexpr std::uint8_t kErectDomainRequest = 1;
constexpr std::uint8_t kDisconnectProviderUltimatum = 8;
constexpr std::uint8_t kAttachUserRequest = 10;
constexpr std::uint8_t kChannelJoinRequest = 14;
constexpr std::uint8_t kSendDataRequest = 25;

// DomainParameters answered: channels, users, tokens, priorities, throughput, height, PDU size, version.
constexpr std::array<std::uint32_t, 8> kDomainParameters{34, 3, 0, 1, 0, 1, 65528, 2};

std::uint16_t read_user(ByteReader& in) {
  std::uint32_t user = in.u16be() + std::uint32_t{kMcsBaseUser};
  if (user > 0xFFFF) in.set_failed();
  return static_cast<std::uint16_t>(user);
}

Result<DomainPdu> decode_send_data(ByteReader in) {
  SendDataRequest request;
  request.user = read_user(in);
  request.channel = in.u16be();
  in.skip(1);  // priority and segmentation: RDP neither orders nor segments
  std::size_t length = read_per_length(in);
  request.data = in.take(length);
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS data is cut short");
  if (!in.at_end()) return fail(ErrorCode::kMalformed, "MCS data has {} bytes too many", in.remaining());
  return DomainPdu(request);
}

}  // namespace

Result<ByteView> decode_connect_initial(ByteView mcs) {
  ByteReader outer(mcs);
  ByteReader in(read_ber_application(outer, kConnectInitialTag));
  if (outer.failed()) return fail(ErrorCode::kMalformed, "MCS Connect Initial has no valid BER header");
  read_ber(in, kBerOctetString);                           // callingDomainSelector
  read_ber(in, kBerOctetString);                           // calledDomainSelector
  read_ber(in, kBerBoolean);                               // upwardFlag
  for (int i = 0; i < 3; ++i) read_ber(in, kBerSequence);  // target, minimum, maximum parameters
  ByteView user_data = read_ber(in, kBerOctetString);
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Connect Initial is not valid BER");
  return user_data;
}

void encode_connect_response(ByteView user_data, Bytes& out) {
  std::size_t parameters = 0;
  for (auto value : kDomainParameters) parameters += ber_integer_size(value);
  std::size_t length = 3 /* result */ + 3 /* calledConnectId */ + 2 + parameters + 4 + user_data.size();
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(0x7F);
    write_ber_header(writer, kConnectResponseTag, length);
    writer.u8(kBerEnumerated);
    writer.u8(1);
    writer.u8(0);  // rt-successful
    write_ber_integer(writer, 0);
    writer.u8(kBerSequence);
    writer.u8(static_cast<std::uint8_t>(parameters));
    for (auto value : kDomainParameters) write_ber_integer(writer, value);
    write_ber_header(writer, kBerOctetString, user_data.size());
    writer.bytes(user_data);
  });
}

Result<DomainPdu> decode_domain_pdu(ByteView mcs) {
  ByteReader in(mcs);
  std::uint8_t first = in.u8();
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS PDU is empty");
  if (first == kBerSequence) return DomainPdu(DisconnectUltimatum{});
  switch (first >> 2) {
    case kErectDomainRequest:  // two heights that mean nothing with two parties
      return DomainPdu(ErectDomainRequest{});
    case kDisconnectProviderUltimatum:
      return DomainPdu(DisconnectUltimatum{});
    case kAttachUserRequest:
      return DomainPdu(AttachUserRequest{});
    case kChannelJoinRequest: {
      ChannelJoinRequest join;
      join.user = read_user(in);
      join.channel = in.u16be();
      if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Channel Join Request is cut short");
      return DomainPdu(join);
    }
    case kSendDataRequest:
      return decode_send_data(in);
    default:
      return fail(ErrorCode::kMalformed, "MCS PDU type {} is not one that a client sends", first >> 2);
  }
}

void encode_attach_user_confirm(std::uint16_t user, Bytes& out) {
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(0x2E);  // choice 11, initiator present
    writer.u8(0);     // rt-successful
    writer.u16be(static_cast<std::uint16_t>(user - kMcsBaseUser));
  });
}

void encode_channel_join_confirm(std::uint16_t user, std::uint16_t channel, Bytes& out) {
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(0x3E);  // choice 15, channelId present
    writer.u8(0);     // rt-successful
    writer.u16be(static_cast<std::uint16_t>(user - kMcsBaseUser));
    writer.u16be(channel);  // requested
    writer.u16be(channel);  // given
  });
}

void encode_disconnect_ultimatum(DisconnectReason reason, Bytes& out) {
  auto code = static_cast<unsigned>(reason);
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    // Six bits of choice, then three of reason, which spill into the second byte.
    writer.u8(static_cast<std::uint8_t>(kDisconnectProviderUltimatum << 2 | code >> 1));
    writer.u8(static_cast<std::uint8_t>((code & 1) << 7));
  });
}

}  // namespace ts::rdp
