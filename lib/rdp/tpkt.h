// Where one PDU ends and the next begins: TPKT ([MS-RDPBCGR] 2.2.1.1, RFC 2126 section 4.3), the fast-path
// length
// ([MS-RDPBCGR] 2.2.8.1.2.1) and the preconnection PDU ([MS-RDPEPS] 2.2.1). Looks at headers only.
#pragma once

#include <optional>
#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::rdp {

inline constexpr std::size_t kTpktHeaderSize =
    1 /* version 3 */ + 1 /* reserved */ + 2 /* length, big-endian */;
inline constexpr std::size_t kMaxClearPduSize = 4096;  // before TLS: requests are below 300, texts below 2 KB
inline constexpr std::size_t kMaxPduSize = 65535;      // the TPKT length's own limit

/// True if a PDU with this first byte is fast-path input (action 0) instead of TPKT (3).
inline bool is_fast_path(std::byte first) {
  return (std::to_integer<unsigned>(first) & 3) == 0;
}

/// Length of the PDU at the start: preconnection PDU or TPKT, in the clear.
[[nodiscard]] Result<std::optional<std::size_t>> clear_pdu_size(ByteView received);
/// Length of the PDU at the start: TPKT or fast-path.
[[nodiscard]] Result<std::optional<std::size_t>> pdu_size(ByteView received);

/// The content of a TPKT whose length must be that of `pdu`.
[[nodiscard]] Result<ByteView> tpkt_content(ByteView pdu);

/// Appends a TPKT around what `body(ByteWriter&)` writes.
template <typename Body>
void write_tpkt(Bytes& out, Body&& body) {
  ByteWriter writer(out);
  std::size_t start = writer.size();
  writer.u8(3);
  writer.u8(0);
  writer.u16be(0);
  body(writer);
  writer.patch_u16be(start + 2, static_cast<std::uint16_t>(writer.size() - start));
}

struct Preconnection {
  std::uint32_t id = 0;
  std::string text;
};
/// [MS-RDPEPS] 2.2.1.1 and 2.2.1.2: both versions.
[[nodiscard]] Result<Preconnection> decode_preconnection(ByteView pdu);

}  // namespace ts::rdp
