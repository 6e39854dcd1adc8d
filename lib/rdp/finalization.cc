#include "lib/rdp/finalization.h"

namespace ts::rdp {
namespace {

void encode_control(const ShareEnd& end, ControlAction action, std::uint16_t grant_id,
                    std::uint32_t control_id, Bytes& out) {
  write_data_pdu(out, end, DataType::kControl, [&](ByteWriter& writer) {
    writer.u16le(static_cast<std::uint16_t>(action));
    writer.u16le(grant_id);
    writer.u32le(control_id);
  });
}

void encode_synchronize_from(const ShareEnd& end, std::uint16_t target_user, Bytes& out) {
  write_data_pdu(out, end, DataType::kSynchronize, [&](ByteWriter& writer) {
    writer.u16le(1);  // SYNCMSGTYPE_SYNC
    writer.u16le(target_user);
  });
}

}  // namespace

Result<ControlAction> decode_control(ByteView body) {
  ByteReader in(body);
  std::uint16_t action = in.u16le();
  in.skip(2 /* grantId */ + 4 /* controlId */);
  if (in.failed()) return fail(ErrorCode::kMalformed, "control PDU is cut short");
  return static_cast<ControlAction>(action);
}

void encode_synchronize(std::uint16_t target_user, Bytes& out) {
  encode_synchronize_from({}, target_user, out);
}

void encode_control_cooperate(Bytes& out) {
  encode_control({}, ControlAction::kCooperate, 0, 0, out);
}

void encode_control_granted(std::uint16_t user, Bytes& out) {
  encode_control({}, ControlAction::kGrantedControl, user, kServerChannel, out);
}

void encode_font_map(Bytes& out) {
  write_data_pdu(out, DataType::kFontMap, [](ByteWriter& writer) {
    writer.u16le(0);  // numberEntries
    writer.u16le(0);  // totalNumEntries
    writer.u16le(3);  // FONTMAP_FIRST | FONTMAP_LAST
    writer.u16le(4);  // entrySize
  });
}

void encode_client_finalization(const ShareEnd& client, Bytes& out) {
  encode_synchronize_from(client, kServerChannel, out);
  encode_control(client, ControlAction::kCooperate, 0, 0, out);
  encode_control(client, ControlAction::kRequestControl, 0, 0, out);
  write_data_pdu(out, client, DataType::kFontList, [](ByteWriter& writer) {
    writer.u16le(0);   // numberFonts
    writer.u16le(0);   // totalNumFonts
    writer.u16le(3);   // FONTLIST_FIRST | FONTLIST_LAST
    writer.u16le(50);  // entrySize
  });
}

}  // namespace ts::rdp
