#include "lib/rdp/fast_path.h"

#include <algorithm>

namespace ts::rdp {
namespace {

void write_pdu(FastPathCode code, FastPathFragment fragment, ByteView data, Bytes& out) {
  ByteWriter writer(out);
  writer.u8(0);  // action: fast-path, no encryption
  // Two bytes always: rdesktop reads four bytes of any PDU before it looks at them.
  writer.u16be(static_cast<std::uint16_t>(0x8000 | (kFastPathHeader + data.size())));
  writer.u8(static_cast<std::uint8_t>(code | fragment << 4));
  writer.u16le(static_cast<std::uint16_t>(data.size()));
  writer.bytes(data);
}

}  // namespace

void write_fast_path(FastPathCode code, ByteView data, Bytes& out) {
  if (data.size() <= kMaxFastPathData) return write_pdu(code, kSingle, data, out);
  FastPathFragment fragment = kFirst;
  while (data.size() > kMaxFastPathData) {
    write_pdu(code, fragment, data.first(kMaxFastPathData), out);
    data = data.subspan(kMaxFastPathData);
    fragment = kNext;
  }
  write_pdu(code, kLast, data, out);
}

}  // namespace ts::rdp
