// What happens to sessions and connections, as lines that people and programs read later: one event is one
// JSON object on one line of printable ASCII. The table of this folder is the schema; ts-events(7) is its
// page, and a test holds the two together. Which transition becomes which event is for those who write them
// (cmd/tssession/chronicle.h and the other roles). No I/O here.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ts::events {

using Time = std::chrono::system_clock::time_point;

enum class Kind {
  kConnect,
  kLogon,
  kLogonFailed,
  kDisconnect,
  kReconnect,
  kTakeover,
  kLogoff,
  kSessionEnded,
  kLimit,
  kRefused,
  kRoleStarted,
  kRoleStopped,
  kRoleRestarted,
  kServiceStarted,
  kServiceStopped,
  kDrain,
  kShutdown
};

struct Event {
  Kind kind = Kind::kConnect;
  std::optional<std::uint32_t> session;
  std::string user, domain;
  std::string client, address;  // the client's computer name as it says, and where it connects from
  std::string replaced_client, replaced_address;
  std::string reason;
  std::string limit;          // key of the configuration
  std::string daemon;         // of which role, where that is not the one that writes
  std::string mode;           // what is so from now on
  std::string ends;           // RFC 3339: when sessions end
  std::uint64_t skipped = 0;  // events of this kind that were not written before this one
};

/// What an event of one kind has besides `time`, `event` and `role`: always all of these, in this order.
struct Schema {
  Kind kind;
  std::string_view name;
  std::vector<std::string_view> fields;
};
std::span<const Schema> schema();
const Schema& schema_of(Kind kind);
inline constexpr std::string_view kCommonFields[] = {"time", "event", "role"};

/// The line with its end. Text is cut at kMaxText bytes; what is not UTF-8 becomes U+FFFD.
inline constexpr std::size_t kMaxText = 512;
std::string line_of(const Event& event, std::string_view role, Time time);

/// A line as it was read, whoever wrote it, and of whatever later version: not more is known of it than that
/// it has a time and a name.
struct Record {
  std::string time;  // as time_text() writes it: compares as text
  std::string event, role;
  std::optional<std::uint32_t> session;
  std::map<std::string, std::string, std::less<>> texts;  // all fields that are text
  std::string line;  // the same object again, printable ASCII without the line's end

  std::string text(std::string_view field) const;
};
/// Nothing if that is no event: not one flat JSON object with a time and a name.
std::optional<Record> parse_line(std::string_view line);

/// RFC 3339 in UTC with microseconds: 2026-11-21T01:02:03.456789Z.
std::string time_text(Time time);

}  // namespace ts::events
