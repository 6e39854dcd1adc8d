// GCC Conference Create Request and Response (T.124 8.7): the envelope in aligned PER around the client's and
// the server's settings ([MS-RDPBCGR] 2.2.1.3, 2.2.1.4), and the block header that all settings share.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::rdp {

inline constexpr std::size_t kGccBlockHeader = 2 /* type */ + 2 /* length with this header */;

/// The client's settings blocks inside a Conference Create Request.
[[nodiscard]] Result<ByteView> decode_conference_create_request(ByteView user_data);

/// A Conference Create Response around the server's settings blocks. Its part before their length is 21 bytes
/// long: rdesktop skips so many without looking.
void encode_conference_create_response(ByteView blocks, Bytes& out);

/// The client's half: a Conference Create Request around its settings blocks, and the server's blocks inside
/// the response. kRefused when the server's result is not success.
void encode_conference_create_request(ByteView blocks, Bytes& out);
[[nodiscard]] Result<ByteView> decode_conference_create_response(ByteView user_data);

/// Takes the next settings block off `in`; sets it to failed when the block's length is impossible.
struct GccBlock {
  std::uint16_t type = 0;
  ByteView body;
};
GccBlock read_gcc_block(ByteReader& in);

}  // namespace ts::rdp
