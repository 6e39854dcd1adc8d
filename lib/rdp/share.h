// Share Control and Share Data headers ([MS-RDPBCGR] 2.2.8.1.1.1): what all PDUs on the I/O channel after
// licensing start with. Several may stand in one MCS PDU.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/mcs.h"

namespace ts::rdp {

inline constexpr std::uint32_t kShareId = 0x000103EA;  // one share per connection; any number would do

enum class ShareType : std::uint8_t {  // low four bits of pduType
  kDemandActive = 1,
  kConfirmActive = 3,
  kDeactivateAll = 6,
  kData = 7,
  kRedirection = 10,
  kFlow = 0xFF  // no pduType at all: a flow PDU of T.128 (8 bytes), which means nothing any more
};

enum class DataType : std::uint8_t {  // pduType2
  kUpdate = 0x02,
  kControl = 0x14,
  kPointer = 0x1B,
  kInput = 0x1C,
  kSynchronize = 0x1F,
  kRefreshRect = 0x21,
  kSuppressOutput = 0x23,
  kShutdownRequest = 0x24,
  kShutdownDenied = 0x25,
  kSaveSessionInfo = 0x26,
  kFontList = 0x27,
  kFontMap = 0x28,
  kKeyboardIndicators = 0x29,
  kSetErrorInfo = 0x2F,
  kReconnectStatus = 0x32
};

inline constexpr std::size_t kShareControlHeader = 2 /* totalLength */ + 2 /* pduType */ + 2 /* pduSource */;
inline constexpr std::size_t kShareDataHeader =
    kShareControlHeader + 4 /* shareId */ + 1 /* pad */ + 1 /* streamId */ + 2 /* uncompressedLength */ +
    1 /* pduType2 */ + 1 /* compressedType */ + 2 /* compressedLength */;

struct SharePdu {
  ShareType type = ShareType::kFlow;
  ByteView body;  // after the Share Control header
};
/// Takes the next PDU off `in`.
[[nodiscard]] Result<SharePdu> decode_share_pdu(ByteReader& in);

struct DataPdu {
  DataType type = DataType::kUpdate;  // may hold a number that has no name here
  ByteView body;                      // after the Share Data header
};
/// `body` of a SharePdu of type kData. Compressed ones are refused: nobody sends them to whom compression was
/// not offered.
[[nodiscard]] Result<DataPdu> decode_data_pdu(ByteView body);

/// Which side writes, and where: PDUs of server and client differ in this only.
struct ShareEnd {
  McsSender sender = kMcsServer;
  std::uint16_t channel = kIoChannel;
  std::uint32_t share_id = kShareId;
};

/// A whole PDU on the I/O channel: Share Control header around what `body(ByteWriter&)` writes.
template <typename Body>
void write_share_pdu(Bytes& out, const ShareEnd& end, ShareType type, Body&& body) {
  write_send_data(out, end.sender, end.channel, [&](ByteWriter& writer) {
    std::size_t start = writer.size();
    writer.u16le(0);
    writer.u16le(static_cast<std::uint16_t>(0x10 | static_cast<unsigned>(type)));  // protocol version 1
    writer.u16le(end.sender.user);
    body(writer);
    writer.patch_u16le(start, static_cast<std::uint16_t>(writer.size() - start));
  });
}

/// The same with a Share Data header.
template <typename Body>
void write_data_pdu(Bytes& out, const ShareEnd& end, DataType type, Body&& body) {
  write_share_pdu(out, end, ShareType::kData, [&](ByteWriter& writer) {
    writer.u32le(end.share_id);
    writer.u8(0);
    writer.u8(1);  // streamId: low priority
    std::size_t length_at = writer.size();
    writer.u16le(0);
    writer.u8(static_cast<std::uint8_t>(type));
    writer.u8(0);     // not compressed
    writer.u16le(0);  // compressedLength
    body(writer);
    // Counts from pduType2 on.
    writer.patch_u16le(length_at, static_cast<std::uint16_t>(writer.size() - length_at - 2));
  });
}

/// Both from the server.
template <typename Body>
void write_share_pdu(Bytes& out, ShareType type, Body&& body) {
  write_share_pdu(out, ShareEnd{}, type, body);
}
template <typename Body>
void write_data_pdu(Bytes& out, DataType type, Body&& body) {
  write_data_pdu(out, ShareEnd{}, type, body);
}

}  // namespace ts::rdp
