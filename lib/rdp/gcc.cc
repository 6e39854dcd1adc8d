#include "lib/rdp/gcc.h"

#include <algorithm>
#include <array>

#include "lib/rdp/ber.h"

namespace ts::rdp {
namespace {

// T.124 object identifier {0 0 20 124 0 1} as a Key, with its choice and length.
constexpr std::array<std::uint8_t, 7> kT124Key{0x00, 0x05, 0x00, 0x14, 0x7C, 0x00, 0x01};
// ConnectGCCPDU: conferenceCreateRequest with user data, conference name "1", one set with an h221NonStandard
// key.
constexpr std::size_t kRequestPrefix = 8;
constexpr std::string_view kClientKey = "Duca";
constexpr std::string_view kServerKey = "McDn";

bool take_equal(ByteReader& in, std::string_view expected) {
  ByteView bytes = in.take(expected.size());
  return in.ok() && std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span(expected)).begin());
}

Result<> take_envelope(ByteReader& in) {
  ByteView key = in.take(kT124Key.size());
  auto expected = std::as_bytes(std::span(kT124Key));
  if (in.failed() || !std::equal(key.begin(), key.end(), expected.begin())) {
    return fail(ErrorCode::kMalformed, "GCC user data does not start with the T.124 key");
  }
  read_per_length(in);  // of the connectPDU: says nothing that the outer length does not
  return {};
}

}  // namespace

Result<ByteView> decode_conference_create_request(ByteView user_data) {
  ByteReader in(user_data);
  TS_TRY(take_envelope(in));
  in.skip(kRequestPrefix);
  if (!take_equal(in, kClientKey)) {
    return fail(ErrorCode::kMalformed, "GCC Conference Create Request has no '{}' key", kClientKey);
  }
  std::size_t length = read_per_length(in);
  ByteView blocks = in.take(length);
  if (in.failed()) return fail(ErrorCode::kMalformed, "GCC client data of {} bytes is cut short", length);
  return blocks;
}

void encode_conference_create_response(ByteView blocks, Bytes& out) {
  ByteWriter writer(out);
  writer.bytes(std::as_bytes(std::span(kT124Key)));
  // Length of the connectPDU, in one byte whatever it is: every client ignores it, rdesktop counts on one
  // byte.
  writer.u8(0x2A);
  writer.u8(0x14);       // conferenceCreateResponse, user data present
  writer.u16be(0x760A);  // nodeID
  writer.u16be(0x0101);  // tag, one byte: 1
  writer.u8(0x00);       // result: success
  writer.u16be(0x01C0);  // one set of user data, value present, h221NonStandard
  writer.u8(0x00);       // key length - 4
  writer.text(kServerKey);
  write_per_length(writer, blocks.size());
  writer.bytes(blocks);
}

void encode_conference_create_request(ByteView blocks, Bytes& out) {
  ByteWriter writer(out);
  writer.bytes(std::as_bytes(std::span(kT124Key)));
  write_per_length(writer, kRequestPrefix + kClientKey.size() + 2 + blocks.size());
  writer.u16be(0x0008);  // conferenceCreateRequest, user data present
  writer.u16be(0x0010);  // conference name of one character: "1"
  writer.u8(0x00);
  writer.u16be(0x01C0);  // one set of user data, value present, h221NonStandard
  writer.u8(0x00);       // key length - 4
  writer.text(kClientKey);
  write_per_length(writer, blocks.size());
  writer.bytes(blocks);
}

Result<ByteView> decode_conference_create_response(ByteView user_data) {
  ByteReader in(user_data);
  TS_TRY(take_envelope(in));
  in.skip(1 /* choice */ + 2 /* nodeID */);
  std::size_t tag_size = in.u8();
  in.skip(tag_size);
  std::uint8_t result = in.u8();
  if (in.ok() && result != 0) {
    return fail(ErrorCode::kRefused, "GCC Conference Create Response says no: result {}", result);
  }
  in.skip(1 /* number of sets */ + 1 /* choice */ + 1 /* key length - 4 */);
  if (!take_equal(in, kServerKey)) {
    return fail(ErrorCode::kMalformed, "GCC Conference Create Response has no '{}' key", kServerKey);
  }
  std::size_t length = read_per_length(in);
  ByteView blocks = in.take(length);
  if (in.failed()) return fail(ErrorCode::kMalformed, "GCC server data of {} bytes is cut short", length);
  return blocks;
}

GccBlock read_gcc_block(ByteReader& in) {
  GccBlock block;
  block.type = in.u16le();
  std::size_t length = in.u16le();
  if (length < kGccBlockHeader) {
    in.set_failed();
    return block;
  }
  block.body = in.take(length - kGccBlockHeader);
  return block;
}

}  // namespace ts::rdp
