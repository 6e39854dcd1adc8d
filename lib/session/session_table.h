// What the session manager knows of every session: copies of what the hosts said (the hosts are the truth)
// and what it has itself asked for. Pure data and queries; the rules are in broker.h.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/session/host_messages.h"
#include "lib/session/limits.h"
#include "lib/session/types.h"

namespace ts::session {

/// Whose session it is: the account's uid. The domain is no part of it, as long as it is only what a client
/// says: whoever changes it would have another session with each.
struct UserKey {
  std::uint32_t uid = kNoUid;
  auto operator<=>(const UserKey&) const = default;
};

struct Record {
  HostState state;         // as last announced
  bool announced = false;  // its host is connected to us; false: asked of tsspawn, not heard of yet
  bool ending = false;     // told to end: nothing new comes here
  bool found = false;      // begun before us: its host came by itself
  TimePoint asked{};       // when it was asked for, or first heard of
  std::optional<TimePoint> ready_since;  // the display server came up
  /// The connection that this session was given to, from before its host knows of it until the host says that
  /// nobody is attached any more.
  std::optional<ConnectionId> taken_by;
  bool taken_seen = false;              // the host has said that it is attached
  bool used = false;                    // a connection has been here
  bool returning = false;               // it was taken elsewhere: idle again soon, or ended
  std::optional<TimePoint> release_at;  // its connection went before that: free again then

  SessionId id() const { return state.session_id; }
  bool is_console() const { return id() == kConsoleSession; }
  bool logged_on() const {
    return announced && !state.user.empty() && (state.state == State::kActive || state.state == State::kDisc);
  }
  /// Ready to be given to a connection.
  bool idle() const {
    return announced && !is_console() && !ending && !taken_by && state.state == State::kIdle;
  }
  /// Will be idle() when its display server is up.
  bool starting() const {
    return !is_console() && !ending && !taken_by && !ready_since && state.state != State::kDown;
  }
  UserKey user_key() const { return {state.uid}; }
  /// Their desktop, which they can come back to.
  bool belongs_to(const UserKey& user) const { return !ending && logged_on() && user_key() == user; }
};

class SessionTable {
 public:
  static constexpr SessionId kMaxId = 65535;

  /// A new record for a session that is to be started. Ids go up and come round, so that one that has just
  /// ended is not soon another session; ids in use are passed over.
  Record& add(TimePoint now);
  Record& add(SessionId id, TimePoint now);
  void erase(SessionId id) { records_.erase(id); }
  /// This id is in use by a host that we do not know (yet).
  void skip(SessionId id) { last_id_ = std::max(last_id_, id); }

  Record* find(SessionId id);
  const Record* find(SessionId id) const;
  /// The sessions that a user is logged on to, by their ids.
  std::vector<const Record*> of_user(const UserKey& user) const;
  /// The lowest idle session, nullptr when there is none.
  Record* find_idle();
  /// The highest.
  Record* find_last_idle();

  /// Without the console.
  std::size_t count() const { return records_.size() - records_.count(kConsoleSession); }
  template <typename Predicate>
  std::size_t count_if(Predicate predicate) const {
    std::size_t count = 0;
    for (const auto& [id, record] : records_) count += predicate(record) ? 1 : 0;
    return count;
  }
  const std::map<SessionId, Record>& records() const { return records_; }
  std::map<SessionId, Record>& records() { return records_; }

 private:
  std::map<SessionId, Record> records_;  // ordered as they are listed
  SessionId last_id_ = 0;
};

}  // namespace ts::session
