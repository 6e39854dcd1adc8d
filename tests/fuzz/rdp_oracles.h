// What must hold for any bytes in the decoders of lib/rdp. One function per fuzz target; the unit tests
// replay the same functions over the saved corpora (tests/unit/rdp/corpus_test.cc). A broken promise ends the
// process.
#pragma once

#include <cstdlib>

#include "lib/rdp/acceptor.h"
#include "lib/rdp/capabilities.h"
#include "lib/rdp/client_info.h"
#include "lib/rdp/connector.h"
#include "lib/rdp/gcc.h"
#include "lib/rdp/gcc_client.h"
#include "lib/rdp/input.h"
#include "lib/rdp/mcs.h"
#include "lib/rdp/output_control.h"
#include "lib/rdp/share.h"
#include "lib/rdp/tpkt.h"
#include "lib/rdp/x224.h"
#include "tests/unit/rdp/both_ends.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp::oracle {

inline void require(bool promise) {
  if (!promise) std::abort();
}

inline void x224(ByteView bytes) {
  if (auto size = clear_pdu_size(bytes); size && *size) require(**size >= 6 && **size <= kMaxClearPduSize);
  if (auto request = decode_connection_request(bytes)) {
    require(request->cookie_user.size() + request->routing_token.size() <= 255);
    require(request->cookie_user.empty() || request->routing_token.empty());
  }
  (void)decode_data_or_disconnect(bytes);
  if (auto preconnection = decode_preconnection(bytes))
    require(preconnection->text.size() <= 3 * bytes.size());
}

inline void connect_initial(ByteView bytes) {
  auto user_data = decode_connect_initial(bytes);
  auto blocks = decode_conference_create_request(user_data ? *user_data : bytes);
  auto settings = decode_client_settings(blocks ? *blocks : bytes);
  if (!settings) return;
  require(settings->channels.size() <= kMaxStaticChannels && settings->monitors.size() <= kMaxMonitors);
  auto depth = requested_depth(settings->core);
  require(depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32);
}

inline void domain_pdu(ByteView bytes) {
  auto pdu = decode_domain_pdu(bytes);
  if (!pdu) return;
  if (auto* data = std::get_if<SendDataRequest>(&*pdu)) require(data->data.size() <= kMaxMcsData);
}

inline void client_info(ByteView bytes) {
  auto info = decode_client_info(bytes);
  if (!info) return;
  for (auto* text : {&info->user, &info->domain, &info->program, &info->folder}) {
    require(text->size() <= 2 * kMaxInfoText);
  }
}

inline void input_events(const std::vector<Event>& events) {
  for (const auto& event : events) {
    if (auto* key = std::get_if<UnicodeInput>(&event)) {
      require(key->code_point != 0 && key->code_point <= 0x10FFFF);
      require(key->code_point < 0xD800 || key->code_point > 0xDFFF);
    } else if (auto* mouse = std::get_if<MouseInput>(&event)) {
      require(mouse->wheel_vertical >= -0x200 && mouse->wheel_vertical <= 0x1FF);
    } else if (auto* locks = std::get_if<SynchronizeInput>(&event)) {
      require(locks->locks <= 0x0F);
    }
  }
}

inline void fastpath_input(ByteView bytes) {
  InputDecoder decoder;
  std::vector<Event> events;
  (void)decoder.fast_path(bytes, events);
  require(events.size() <= 3 * 255);  // a mouse event may carry three buttons
  input_events(events);
}

inline void share_pdu(ByteView bytes) {
  ByteReader in(bytes);
  InputDecoder decoder;
  std::vector<Event> events;
  while (!in.at_end()) {
    std::size_t before = in.remaining();
    auto pdu = decode_share_pdu(in);
    if (!pdu) return;
    require(in.remaining() < before);  // a loop over these ends
    (void)decode_confirm_active(pdu->body);
    auto data = decode_data_pdu(pdu->body);
    if (!data) continue;
    (void)decoder.slow_path(data->body, events);
    (void)decode_suppress_output(data->body);
    if (auto refresh = decode_refresh_rect(data->body)) require(refresh->rects.size() <= 255);
  }
  input_events(events);
}

// Whatever was written is a sequence of whole PDUs.
inline void whole_pdus(ByteView out) {
  while (!out.empty()) {
    auto size = pdu_size(out);
    require(size && *size && **size <= out.size());
    out = out.subspan(**size);
  }
}

// What a driver does with an active client; nothing of it may depend on the client's good will.
inline void draw(const UpdateWriter& updates, Bytes& out) {
  static const Bytes raw(64 * 64 * 4);
  BitmapRect rect{.right = 63, .bottom = 63, .width = 64, .height = 64, .depth = 32, .data = raw};
  require(updates.bitmaps({&rect, 1}, out).has_value());
  rect.compressed = true;
  rect.data = ByteView(raw).first(std::min(raw.size(), updates.max_compressed()));
  require(updates.bitmaps({&rect, 1}, out).has_value());
  auto [bits, largest] = updates.pointer_limits();
  require((bits == 24 || bits == 32) && largest >= 32 && largest % 16 == 0);
  static const Bytes mask(384 * 384 * 4);
  std::size_t area = std::size_t{largest} * largest;
  require(area * bits / 8 <= mask.size());
  PointerMasks pointer{.width = largest,
                       .height = largest,
                       .bits_per_pixel = bits,
                       .xor_mask = ByteView(mask).first(area * bits / 8),
                       .and_mask = ByteView(mask).first(area / 8)};
  require(updates.pointer_shape(pointer, 0, out).has_value());
}

// Feeds a stream of client bytes as a driver does.
inline void feed(Acceptor& acceptor, ByteView bytes) {
  Bytes out;
  std::vector<Event> events;
  for (;;) {
    auto size = acceptor.frame_size(bytes);
    if (!size || !*size || **size > bytes.size()) break;
    require(**size > 0);
    auto step = acceptor.step(bytes.first(**size), out, events);
    bytes = bytes.subspan(**size);
    for (const auto& event : events) {
      if (std::holds_alternative<Activated>(event)) {
        if (auto* updates = acceptor.updates()) draw(*updates, out);
      } else if (std::holds_alternative<ShutdownRequested>(event)) {
        acceptor.reactivate(1024, 768, out);
      }
    }
    input_events(events);
    events.clear();
    whole_pdus(out);
    out.clear();
    if (!step) {
      require(!acceptor.active());
      break;
    }
  }
  acceptor.end(5, out);
  whole_pdus(out);
  require(acceptor.state_name() == "ended");
}

inline void acceptor(ByteView bytes) {
  Acceptor fresh;
  feed(fresh, bytes);
}

/// The same for a client that is active already.
inline void acceptor_active(ByteView bytes) {
  Acceptor active;
  Bytes out;
  std::vector<Event> events;
  for (const auto& pdu : test::freerdp_handshake()) require(active.step(pdu, out, events).has_value());
  require(active.active());
  feed(active, bytes);
}

// Feeds a stream of server bytes as a driver does. Whatever the server says, the client's memory stays in
// proportion to it, and what it answers are whole PDUs.
inline void feed(Connector& connector, ByteView bytes) {
  Bytes out;
  std::vector<ServerEvent> events;
  for (;;) {
    auto size = connector.frame_size(bytes);
    if (!size || !*size || **size > bytes.size()) break;
    require(**size > 0);
    auto step = connector.step(bytes.first(**size), out, events);
    bytes = bytes.subspan(**size);
    for (const auto& event : events) {
      if (std::holds_alternative<TlsSelected>(event)) connector.secured(out);
      if (std::holds_alternative<ReadyForLogon>(event)) require(connector.log_on({}, out).has_value());
      if (auto* update = std::get_if<BitmapUpdate>(&event)) {
        for (const auto& piece : update->pieces) {
          require(piece.left <= piece.right && piece.top <= piece.bottom && piece.data.size() <= 0xFFFF);
        }
      } else if (auto* desktop = std::get_if<DesktopReady>(&event)) {
        require(desktop->width > 0 && desktop->height > 0 && desktop->depth >= 8 && desktop->depth <= 32);
      } else if (auto* redirected = std::get_if<Redirected>(&event)) {
        require(redirected->addresses.size() <= 64 && redirected->load_balance_info.size() <= 1024);
      }
    }
    events.clear();
    whole_pdus(out);
    out.clear();
    if (!step) {
      require(!connector.active());
      break;
    }
  }
  connector.leave(out);
  whole_pdus(out);
  require(connector.state_name() == "ended");
}

inline void connector(ByteView bytes) {
  Connector fresh({});
  Bytes out;
  fresh.start(out);
  feed(fresh, bytes);
}

/// The same for a client that shows a desktop already.
inline void connector_active(ByteView bytes) {
  test::BothEnds ends;
  ends.connect();
  require(ends.broken.empty() && ends.client.active());
  feed(ends.client, bytes);
}

}  // namespace ts::rdp::oracle
