// Everything in lib/varlink that reads what somebody else wrote. The first byte chooses what the rest is:
// 0 a stream from a client, 1 a stream from a service, 2 an interface definition with a value to check
// against it.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "lib/varlink/client.h"
#include "lib/varlink/frame.h"
#include "lib/varlink/interface.h"
#include "ts_logon_varlink.h"
#include "ts_session_varlink.h"

namespace {

using namespace ts;
using namespace ts::varlink;

const Interface& known(bool logon) {
  static const Interface session = Interface::parse(k_ts_session).value();
  static const Interface other = Interface::parse(k_ts_logon).value();
  return logon ? other : session;
}

void require(bool holds) {
  if (!holds) std::abort();
}

/// Frames come out the same however the stream was cut.
void read_calls(ByteView bytes) {
  Limits limits{.frame_bytes = 1024};
  FrameReader whole(limits), bit_by_bit(limits);
  auto all = whole.feed(bytes, {});
  Result<> pieces;
  for (std::size_t i = 0; i < bytes.size() && pieces; ++i) pieces = bit_by_bit.feed(bytes.subspan(i, 1), {});
  require(all.has_value() == pieces.has_value());
  while (auto frame = whole.next()) {
    auto same = bit_by_bit.next();
    require(same && same->text == frame->text && frame->text.size() <= limits.frame_bytes);
    require(!frame->text.empty());
    auto object = parse_object(frame->text, limits);
    if (!object) continue;
    for (bool logon : {false, true})
      for (const auto& method : known(logon).methods()) (void)known(logon).check(method.parameters, *object);
    auto again = parse_object(frame->text, limits);
    require(again && *again == *object && !frame_bytes(*object).empty());
  }
}

void read_replies(ByteView bytes) {
  static const Expectations expectations = [] {
    Expectations out;
    require(out.add(k_ts_session).has_value() && out.add(k_ts_logon).has_value());
    return out;
  }();
  FrameReader reader(kReplyLimits);
  (void)reader.feed(bytes, {});
  while (auto frame = reader.next()) {
    auto reply = parse_reply(std::move(*frame));
    if (!reply) continue;
    require(reply->parameters->is_object() && (reply->ok() || !reply->as_error().message.empty()));
    if (!reply->ok() || !expectations.check("ts.Session.List", *reply)) continue;
    // What has passed the check can be read without looking.
    for (const auto& row : reply->parameters->at("sessions"))
      require(!row.at("state").get<std::string>().empty() && row.at("id").is_number_integer());
  }
}

void read_definition(std::string_view text) {
  auto cut = text.find('\0');
  auto interface = Interface::parse(text.substr(0, cut));
  if (!interface || cut == std::string_view::npos) return;
  require(Interface::parse(interface->text()).has_value());
  auto object = parse_object(text.substr(cut + 1), {});
  if (!object) return;
  for (const auto& method : interface->methods()) {
    (void)interface->check(method.parameters, *object);
    (void)interface->check(method.reply, *object);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ByteView rest = std::as_bytes(std::span(data + 1, size - 1));
  if (data[0] == 0) read_calls(rest);
  if (data[0] == 1) read_replies(rest);
  if (data[0] == 2) read_definition({reinterpret_cast<const char*>(rest.data()), rest.size()});
  return 0;
}
