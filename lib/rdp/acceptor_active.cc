// Acceptor from Demand Active on: capabilities, finalisation, input, the client's wishes.
#include "lib/rdp/acceptor_machine.h"
#include "lib/rdp/capabilities.h"
#include "lib/rdp/finalization.h"
#include "lib/rdp/output_control.h"

namespace ts::rdp {

Result<> Acceptor::Machine::on_share_pdus(ByteView data, Bytes& out, Events& events) {
  ByteReader in(data);
  while (!in.at_end()) {
    TS_TRY_ASSIGN(SharePdu pdu, decode_share_pdu(in));
    switch (pdu.type) {
      case ShareType::kConfirmActive:
        TS_TRY(on_confirm_active(pdu.body, out));
        break;
      case ShareType::kData: {
        TS_TRY_ASSIGN(DataPdu data_pdu, decode_data_pdu(pdu.body));
        TS_TRY(on_data_pdu(data_pdu, out, events));
        break;
      }
      case ShareType::kFlow:
        break;
      default:
        return fail(ErrorCode::kMalformed, "share PDU of type {} is not one that a client sends",
                    static_cast<unsigned>(pdu.type));
    }
  }
  return {};
}

Result<> Acceptor::Machine::on_confirm_active(ByteView body, Bytes& out) {
  auto* waiting = std::get_if<AwaitingConfirmActive>(&state);
  if (!waiting) return fail(ErrorCode::kMalformed, "confirm active out of turn");
  TS_TRY_ASSIGN(ClientCapabilities capabilities, decode_confirm_active(body));
  // At once, not in answer to the client's: some clients wait for the server's first.
  encode_synchronize(facts.user_channel, out);
  encode_control_cooperate(out);
  state = Finalizing{.again = waiting->again, .capabilities = capabilities};
  return {};
}

Result<> Acceptor::Machine::on_data_pdu(const DataPdu& pdu, Bytes& out, Events& events) {
  if (auto* waiting = std::get_if<AwaitingConfirmActive>(&state); waiting && !waiting->again) {
    return fail(ErrorCode::kMalformed, "data PDU before confirm active");
  }
  switch (pdu.type) {
    case DataType::kControl:
      return on_control(pdu.body, out);
    case DataType::kFontList:
      return on_font_list(out, events);
    case DataType::kInput:  // also before the font list: rdesktop's first synchronise event
      return input.slow_path(pdu.body, events);
    case DataType::kRefreshRect: {
      TS_TRY_ASSIGN(RefreshRect refresh, decode_refresh_rect(pdu.body));
      events.emplace_back(std::move(refresh));
      return {};
    }
    case DataType::kSuppressOutput: {
      TS_TRY_ASSIGN(SuppressOutput suppress, decode_suppress_output(pdu.body));
      events.emplace_back(suppress);
      return {};
    }
    case DataType::kShutdownRequest:
      events.emplace_back(ShutdownRequested{});
      return {};
    default:  // synchronise, persistent key lists and what later clients may say: nothing hangs on them
      return {};
  }
}

Result<> Acceptor::Machine::on_control(ByteView body, Bytes& out) {
  TS_TRY_ASSIGN(ControlAction action, decode_control(body));
  if (action == ControlAction::kRequestControl && is<Finalizing>())
    encode_control_granted(facts.user_channel, out);
  return {};
}

Result<> Acceptor::Machine::on_font_list(Bytes& out, Events& events) {
  auto* finalizing = std::get_if<Finalizing>(&state);
  if (!finalizing) return fail(ErrorCode::kMalformed, "font list out of turn");
  encode_font_map(out);
  facts.capabilities = finalizing->capabilities;
  bool again = finalizing->again;
  state = Active{UpdateWriter(facts.capabilities)};
  events.emplace_back(Activated{.width = facts.width,
                                .height = facts.height,
                                .depth = facts.depth,
                                .capabilities = facts.capabilities,
                                .again = again});
  return {};
}

}  // namespace ts::rdp
