// Connector from Demand Active on: capabilities, finalisation, updates, what the server tells.
#include "lib/rdp/capabilities.h"
#include "lib/rdp/capability_types.h"
#include "lib/rdp/connector_machine.h"
#include "lib/rdp/finalization.h"
#include "lib/rdp/redirection.h"
#include "lib/rdp/session_info.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kOsMajorUnix = 4;
constexpr std::uint16_t kOsMinorNativeX = 7;
constexpr std::uint16_t kPointerSlots = 20;

bool is_depth(std::uint16_t depth) {
  return depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32;
}

}  // namespace

Result<> Connector::Machine::on_share_pdus(ByteView data, Bytes& out, Events& events) {
  ByteReader in(data);
  while (!in.at_end() && !is<Over>()) {
    TS_TRY_ASSIGN(SharePdu pdu, decode_share_pdu(in));
    switch (pdu.type) {
      case ShareType::kDemandActive:
        TS_TRY(on_demand_active(pdu.body, out));
        break;
      case ShareType::kDeactivateAll:
        updates.reset();
        if (is<Running>()) events.emplace_back(DesktopGone{});
        state = AwaitingDemandActive{.again = true};
        break;
      case ShareType::kData: {
        TS_TRY_ASSIGN(DataPdu data_pdu, decode_data_pdu(pdu.body));
        TS_TRY(on_data_pdu(data_pdu, events));
        break;
      }
      case ShareType::kRedirection: {
        TS_TRY_ASSIGN(Redirected redirected, decode_redirection(pdu.body));
        events.emplace_back(std::move(redirected));
        // The packet may have a byte of padding after it; and after it nothing comes.
        return {};
      }
      case ShareType::kFlow:
        break;
      default:
        return fail(ErrorCode::kMalformed, "share PDU of type {} is not one that a server sends",
                    static_cast<unsigned>(pdu.type));
    }
  }
  return {};
}

Result<> Connector::Machine::on_demand_active(ByteView body, Bytes& out) {
  auto* waiting = std::get_if<AwaitingDemandActive>(&state);
  if (!waiting) return fail(ErrorCode::kMalformed, "demand active out of turn");
  TS_TRY_ASSIGN(ServerCapabilities server, decode_demand_active(body));
  if (server.width == 0 || server.height == 0 || !is_depth(server.depth)) {
    return fail(ErrorCode::kMalformed, "demand active for a desktop of {}x{} at {} bits", server.width,
                server.height, server.depth);
  }
  share_id = server.share_id;
  ClientCapabilities capabilities{.os_major = kOsMajorUnix,
                                  .os_minor = kOsMinorNativeX,
                                  .fast_path_output = options.fast_path,
                                  .long_credentials = true,
                                  .no_bitmap_compression_header = true,
                                  .preferred_depth = server.depth,
                                  .width = server.width,
                                  .height = server.height,
                                  .desktop_resize = true,
                                  .skip_alpha = true,
                                  .color_pointer_cache = kPointerSlots,
                                  .pointer_cache = kPointerSlots,
                                  .input_flags = kInputScancodes | kInputUnicode,
                                  .keyboard_layout = options.keyboard_layout,
                                  .max_fragmented_update = kMaxReassembledUpdate};
  encode_confirm_active(end(), capabilities, out);
  encode_client_finalization(end(), out);
  state = AwaitingFontMap{
      {.width = server.width, .height = server.height, .depth = server.depth, .again = waiting->again}};
  return {};
}

Result<> Connector::Machine::on_data_pdu(const DataPdu& pdu, Events& events) {
  switch (pdu.type) {
    case DataType::kFontMap:
      if (auto* waiting = std::get_if<AwaitingFontMap>(&state)) {
        events.emplace_back(waiting->desktop);
        state = Running{};
      }
      return {};
    case DataType::kUpdate:
      return is<Running>() ? updates.slow_path(pdu.body, events) : Result<>();
    case DataType::kSaveSessionInfo:
      return decode_session_info(pdu.body, events);
    case DataType::kSetErrorInfo: {
      TS_TRY_ASSIGN(std::uint32_t code, decode_set_error_info(pdu.body));
      events.emplace_back(ErrorInfo{code});
      return {};
    }
    default:  // synchronise, control, pointers, lights and what later servers may say: nothing hangs on them
      return {};
  }
}

}  // namespace ts::rdp
