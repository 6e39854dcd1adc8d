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
constexpr std::uint8_t kAttachUserConfirm = 11;
constexpr std::uint8_t kChannelJoinRequest = 14;
constexpr std::uint8_t kChannelJoinConfirm = 15;
constexpr std::uint8_t kSendDataRequest = 25;
constexpr std::uint8_t kSendDataIndication = 26;

// DomainParameters answered: channels, users, tokens, priorities, throughput, height, PDU size, version.
constexpr std::array<std::uint32_t, 8> kDomainParameters{34, 3, 0, 1, 0, 1, 65528, 2};

// DomainParameters asked for: wished, least, most ([MS-RDPBCGR] 3.2.5.3.3 leaves them to the client).
constexpr std::array<std::array<std::uint32_t, 8>, 3> kWishedParameters{
    {{34, 2, 0, 1, 0, 1, 65535, 2}, {1, 1, 1, 1, 0, 1, 1056, 2}, {65535, 64535, 65535, 1, 0, 1, 65535, 2}}};

void write_parameters(ByteWriter& writer, const std::array<std::uint32_t, 8>& parameters) {
  std::size_t size = 0;
  for (auto value : parameters) size += ber_integer_size(value);
  writer.u8(kBerSequence);
  writer.u8(static_cast<std::uint8_t>(size));
  for (auto value : parameters) write_ber_integer(writer, value);
}

std::uint16_t read_user(ByteReader& in) {
  std::uint32_t user = in.u16be() + std::uint32_t{kMcsBaseUser};
  if (user > 0xFFFF) in.set_failed();
  return static_cast<std::uint16_t>(user);
}

Result<SendDataRequest> decode_send_data(ByteReader in) {
  SendDataRequest request;
  request.user = read_user(in);
  request.channel = in.u16be();
  in.skip(1);  // priority and segmentation: RDP neither orders nor segments
  std::size_t length = read_per_length(in);
  request.data = in.take(length);
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS data is cut short");
  if (!in.at_end()) return fail(ErrorCode::kMalformed, "MCS data has {} bytes too many", in.remaining());
  return request;
}

// T.125 7, Result: 0 is rt-successful.
Result<> check_result(ByteReader& in, std::string_view what) {
  std::uint8_t result = in.u8();
  if (in.failed()) return fail(ErrorCode::kMalformed, "{} is cut short", what);
  if (result != 0) return fail(ErrorCode::kRefused, "{} says no: result {}", what, result);
  return {};
}

Result<ServerDomainPdu> decode_attach_user_confirm(ByteReader in) {
  TS_TRY(check_result(in, "MCS Attach User Confirm"));
  AttachUserConfirm confirm{read_user(in)};
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Attach User Confirm has no user");
  return ServerDomainPdu(confirm);
}

Result<ServerDomainPdu> decode_channel_join_confirm(ByteReader in) {
  TS_TRY(check_result(in, "MCS Channel Join Confirm"));
  ChannelJoinConfirm confirm;
  confirm.user = read_user(in);
  in.skip(2 /* requested */);
  confirm.channel = in.u16be();
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Channel Join Confirm is cut short");
  return ServerDomainPdu(confirm);
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
  Bytes parameters;
  ByteWriter parameter_writer(parameters);
  write_parameters(parameter_writer, kDomainParameters);
  std::size_t length = 3 /* result */ + 3 /* calledConnectId */ + parameters.size() + 4 + user_data.size();
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(0x7F);
    write_ber_header(writer, kConnectResponseTag, length);
    writer.u8(kBerEnumerated);
    writer.u8(1);
    writer.u8(0);  // rt-successful
    write_ber_integer(writer, 0);
    writer.bytes(parameters);
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
    case kSendDataRequest: {
      TS_TRY_ASSIGN(SendDataRequest request, decode_send_data(in));
      return DomainPdu(request);
    }
    default:
      return fail(ErrorCode::kMalformed, "MCS PDU type {} is not one that a client sends", first >> 2);
  }
}

void encode_connect_initial(ByteView user_data, Bytes& out) {
  Bytes content;
  ByteWriter writer(content);
  for (int i = 0; i < 2; ++i) {  // callingDomainSelector, calledDomainSelector
    writer.u8(kBerOctetString);
    writer.u8(1);
    writer.u8(1);
  }
  writer.u8(kBerBoolean);  // upwardFlag
  writer.u8(1);
  writer.u8(0xFF);
  for (const auto& parameters : kWishedParameters) write_parameters(writer, parameters);
  write_ber_header(writer, kBerOctetString, user_data.size());
  writer.bytes(user_data);
  write_tpkt(out, [&](ByteWriter& pdu) {
    write_x224_data_header(pdu);
    pdu.u8(0x7F);
    write_ber_header(pdu, kConnectInitialTag, content.size());
    pdu.bytes(content);
  });
}

Result<ByteView> decode_connect_response(ByteView mcs) {
  ByteReader outer(mcs);
  ByteReader in(read_ber_application(outer, kConnectResponseTag));
  if (outer.failed()) return fail(ErrorCode::kMalformed, "MCS Connect Response has no valid BER header");
  ByteReader result(read_ber(in, kBerEnumerated));
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Connect Response has no result");
  TS_TRY(check_result(result, "MCS Connect Response"));
  read_ber(in, kBerInteger);   // calledConnectId
  read_ber(in, kBerSequence);  // domainParameters
  ByteView user_data = read_ber(in, kBerOctetString);
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS Connect Response is not valid BER");
  return user_data;
}

Result<ServerDomainPdu> decode_server_domain_pdu(ByteView mcs) {
  ByteReader in(mcs);
  std::uint8_t first = in.u8();
  if (in.failed()) return fail(ErrorCode::kMalformed, "MCS PDU is empty");
  switch (first >> 2) {
    case kDisconnectProviderUltimatum: {
      // Three bits of reason, of which the last stands in the second byte; some servers leave that out.
      auto reason = static_cast<std::uint8_t>((first & 3) << 1 | in.peek() >> 7);
      return ServerDomainPdu(ServerUltimatum{reason});
    }
    case kAttachUserConfirm:
      return decode_attach_user_confirm(in);
    case kChannelJoinConfirm:
      return decode_channel_join_confirm(in);
    case kSendDataIndication: {
      TS_TRY_ASSIGN(SendDataRequest data, decode_send_data(in));
      return ServerDomainPdu(SendDataIndication{data.channel, data.data});
    }
    default:
      return fail(ErrorCode::kMalformed, "MCS PDU type {} is not one that a server sends", first >> 2);
  }
}

void encode_erect_domain_request(Bytes& out) {
  write_tpkt(out, [](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(kErectDomainRequest << 2);
    writer.u16be(0x0100);  // subHeight: one byte, 0
    writer.u16be(0x0100);  // subInterval
  });
}

void encode_attach_user_request(Bytes& out) {
  write_tpkt(out, [](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(kAttachUserRequest << 2);
  });
}

void encode_channel_join_request(std::uint16_t user, std::uint16_t channel, Bytes& out) {
  write_tpkt(out, [&](ByteWriter& writer) {
    write_x224_data_header(writer);
    writer.u8(kChannelJoinRequest << 2);
    writer.u16be(static_cast<std::uint16_t>(user - kMcsBaseUser));
    writer.u16be(channel);
  });
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
