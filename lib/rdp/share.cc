#include "lib/rdp/share.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kFlowMarker = 0x8000;  // where other PDUs have their length
constexpr std::size_t kFlowRest = 6;
constexpr std::uint8_t kCompressed = 0x20;

}  // namespace

Result<SharePdu> decode_share_pdu(ByteReader& in) {
  SharePdu pdu;
  std::size_t length = in.u16le();
  if (length == kFlowMarker) {
    in.skip(kFlowRest);
    if (in.failed()) return fail(ErrorCode::kMalformed, "flow PDU is cut short");
    return pdu;
  }
  std::uint16_t type = in.u16le();
  in.skip(2 /* pduSource */);
  if (in.failed() || length < kShareControlHeader) {
    return fail(ErrorCode::kMalformed, "share control header with length {} is cut short", length);
  }
  pdu.type = static_cast<ShareType>(type & 0x0F);
  pdu.body = in.take(length - kShareControlHeader);
  if (in.failed()) return fail(ErrorCode::kMalformed, "share PDU of {} bytes is cut short", length);
  return pdu;
}

Result<DataPdu> decode_data_pdu(ByteView body) {
  ByteReader in(body);
  DataPdu pdu;
  in.skip(4 /* shareId */ + 1 /* pad */ + 1 /* streamId */ + 2 /* uncompressedLength */);
  pdu.type = static_cast<DataType>(in.u8());
  std::uint8_t compression = in.u8();
  in.skip(2 /* compressedLength */);
  if (in.failed()) return fail(ErrorCode::kMalformed, "share data header is cut short");
  if (compression & kCompressed) return fail(ErrorCode::kMalformed, "share data is compressed");
  pdu.body = in.rest();
  return pdu;
}

}  // namespace ts::rdp
