#include "lib/session/broker.h"

#include <algorithm>
#include <cerrno>

namespace ts::session {
namespace {

constexpr std::chrono::milliseconds kFirstPause{1'000};  // after a session that failed to start; doubles
constexpr std::chrono::milliseconds kLongestPause{60'000};
constexpr std::chrono::seconds kUnstable{10};  // a session that ends by itself sooner than this has failed
constexpr std::chrono::seconds kShortagePause{2};  // until it is seen whether there is enough again

}  // namespace

void Broker::spawn_connected(TimePoint now) {
  spawn_there_ = true;
  // The console's host came back to us by itself: this is a restart, and others may be on their way.
  if (!settled_ && table_.find(kConsoleSession) != nullptr) settle_at_ = now + limits_.settle;
  update(now);
}

void Broker::spawn_lost(TimePoint now) {
  spawn_there_ = false;
  console_host_ = false;
  // Whatever was asked for and has not announced itself is not coming.
  for (auto entry = table_.records().begin(); entry != table_.records().end();)
    entry = entry->second.announced ? std::next(entry) : table_.records().erase(entry);
  update(now);
}

void Broker::settle(TimePoint now) {
  if (settled_) return;
  settled_ = true;
  settle_at_.reset();
  update(now);
}

void Broker::spawn_replied(SessionId id, int error_number, const std::string& message, TimePoint now) {
  if (error_number == EEXIST) {
    table_.skip(id);
    if (id == kConsoleSession && !settled_) settle_at_ = now + limits_.settle;
    // The console's record stays: its host is there and will announce itself. Another session takes another
    // id.
    const Record* record = table_.find(id);
    if (record != nullptr && !record->announced && id != kConsoleSession) table_.erase(id);
    return update(now);
  }
  if (error_number != 0) {
    if (id == kConsoleSession) console_host_ = false;
    remove(id, message, now);
  }
  if (id == kConsoleSession) settle(now);  // tsspawn is as new as we are
  update(now);
}

void Broker::host_ended(SessionId id, int /*wait_status*/, TimePoint now) {
  if (id == kConsoleSession) console_host_ = false;
  remove(id, "its host ended, and said why in the lines above", now);
}

void Broker::host_gone(SessionId id, TimePoint now) {
  remove(id, "its host ended, and said why in the lines above", now);
}

void Broker::host_announced(const HostState& state, TimePoint now) {
  SessionId id = state.session_id;
  if (id > SessionTable::kMaxId) return;
  Record* record = table_.find(id);
  if (record == nullptr) {
    record = &table_.add(id, now);
    record->found = true;
  }
  record->state = state;
  record->announced = true;
  if (record->is_console()) console_host_ = true;
  if (state.state != State::kInit && state.state != State::kDown && !record->ready_since) {
    record->ready_since = now;
    failures_ = 0;
    retry_at_.reset();
  }
  follow_attachment(*record);
  // Idle again: its client went before the shell was started.
  if (record->logged_on() || state.state == State::kIdle) resolve_claims(id);
  update(now);
}

/// What `taken_by` is after a host's announcement.
void Broker::follow_attachment(Record& record) {
  if (record.state.attached != 0) {
    // A connection that another manager mapped is taken over as it is; one that we have just mapped may cross
    // an announcement that is older.
    record.used = true;
    if (!record.taken_by) record.taken_by = record.state.connection;
    if (record.taken_by == record.state.connection) record.taken_seen = true;
  } else if (record.taken_seen) {
    record.taken_by.reset();
  }
  if (!record.taken_by || record.taken_seen) record.release_at.reset();
  if (record.taken_by) return;
  record.taken_seen = false;
  // As new: nobody was shown it.
  if (record.state.state == State::kIdle) record.used = record.returning = false;
}

/// The session is gone, for one reason or the other. Heard from its socket and from tsspawn, in either order.
void Broker::remove(SessionId id, const std::string& why, TimePoint now) {
  Record* record = table_.find(id);
  if (record == nullptr) return update(now);
  bool early = !record->ready_since || now - *record->ready_since < kUnstable;
  bool failed = early && !record->ending && !record->used;
  table_.erase(id);
  stop_proving(id, now);
  if (failed) start_failed(id, why, now);
  resolve_claims(id);
  update(now);
}

void Broker::start_failed(SessionId id, const std::string& why, TimePoint now) {
  // Without tsspawn its hosts end too: that is no fault of theirs, and told already. They are asked for when
  // it is back.
  if (!spawn_there_) return;
  // Of several that fail at once, one is told and one pause begun.
  if (retry_at_ && now < *retry_at_) return;
  auto pause = std::min(kLongestPause, kFirstPause * (1 << std::min(failures_, 6U)));
  ++failures_;
  retry_at_ = now + pause;
  act(StartFailedAction{id, why, pause});
}

void Broker::end_session(SessionId id, EndReason reason) {
  Record* record = table_.find(id);
  if (record == nullptr || record->ending) return;
  record->ending = true;
  act(EndSessionAction{id, reason});
}

void Broker::reset_session(SessionId id, EndReason reason) {
  Record* record = table_.find(id);
  if (record == nullptr) return;
  record->ending = true;
  if (record->announced)
    act(EndSessionAction{id, reason, true});
  else
    act(EndHostAction{id});  // nobody to be told yet
}

void Broker::end_all(EndReason reason) {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    act(RefuseAction{waiting_.front(), reason, closed_ ? closed_->message : "",
                     connections_.at(waiting_.front()).client, ""});
    connections_.erase(waiting_.front());
  }
  for (const auto& [id, record] : table_.records())
    if (record.used || record.logged_on()) end_session(id, reason);
}

bool Broker::in_use() const {
  return table_.count_if([](const Record& record) {
    return !record.is_console() && (record.used || record.logged_on() || record.ending);
  }) > 0;
}

/// After every event: connections that wait get sessions, and the pool what it lacks.
void Broker::update(TimePoint now) {
  updated_ = now;
  if (assign_waiting(now) && !refill_at_) refill_at_ = now + limits_.refill_pause;
  if (refill_at_ && now >= *refill_at_) refill_at_.reset();
  if (look_at_ && now >= *look_at_) look_at_.reset();
  if (retry_at_ && now >= *retry_at_) retry_at_.reset();
  if (spawn_there_ && !retry_at_) {
    start_console(now);
    if (settled_) start_missing(now);
  }
  if (settled_) {
    refuse_hopeless();
    end_surplus(now);
  }
}

void Broker::start(const Record& record) {
  act(StartHostAction{record.id()});
}

void Broker::start_console(TimePoint now) {
  if (table_.find(kConsoleSession) != nullptr || console_host_) return;
  console_host_ = true;
  start(table_.add(kConsoleSession, now));
}

/// It has waited so long that what it was started with may have changed, or was begun with another version
/// than we are. (One that is of another version and was started by us would have no better successor.)
bool Broker::is_stale(const Record& record, TimePoint now) const {
  if (!record.idle()) return false;
  if (record.found && record.state.version != kHostProtocolVersion) return true;
  return limits_.idle_lifetime.count() > 0 && record.ready_since &&
         now - *record.ready_since >= limits_.idle_lifetime;
}

/// Tells of it when it begins and when it is over.
bool Broker::is_short(TimePoint now) {
  auto why = shortage_ ? shortage_(table_.count_if([](const Record& record) { return record.starting(); }))
                       : std::nullopt;
  if (why.has_value() != !short_of_.empty()) act(ShortageAction{why.value_or("")});
  short_of_ = why.value_or("");
  if (why) look_at_ = now + kShortagePause;
  return why.has_value();
}

/// Who waits for a session gets one started at once, the pool after a pause.
void Broker::start_missing(TimePoint now) {
  std::size_t wanted = (refill_at_ ? 0 : limits_.idle) + std::min(waiting_.size(), all_debts_.room("", now));
  auto available = table_.count_if(
      [&](const Record& record) { return (record.idle() && !is_stale(record, now)) || record.starting(); });
  for (; available < wanted && table_.count() < limits_.max; ++available) {
    if (is_short(now)) return;
    start(table_.add(now));
  }
}

/// More are idle than are wanted: stale ones whose successors are there, after a restart, or when those they
/// were started for have gone.
void Broker::end_surplus(TimePoint now) {
  auto idle = table_.count_if([](const Record& record) { return record.idle(); });
  for (; idle > limits_.idle + waiting_.size(); --idle) {
    auto& records = table_.records();
    auto stale = std::find_if(records.begin(), records.end(),
                              [&](const auto& entry) { return is_stale(entry.second, now); });
    end_session(stale != records.end() ? stale->first : table_.find_last_idle()->id(), EndReason::kNone);
  }
}

void Broker::tick(TimePoint now) {
  if (settle_at_ && now >= *settle_at_) settle(now);
  std::vector<SessionId> late;
  for (auto& [id, record] : table_.records()) {
    if (record.release_at && now >= *record.release_at) {
      record.release_at.reset();
      if (record.state.attached == 0) record.taken_by.reset();
    }
    if (!record.ready_since && !record.ending && now - record.asked >= limits_.start_timeout)
      late.push_back(id);
  }
  for (SessionId id : late) {
    act(EndHostAction{id});
    remove(id, "its display server did not come up in time", now);
  }
  prove_due(now);
  while (!waiting_.empty()) {
    const auto& connected = connections_.at(waiting_.front());
    if (now - std::get<Waiting>(connected.stage).since < limits_.connection_wait) break;
    act(RefuseAction{waiting_.front(), EndReason::kServerDenied, "no session became ready in time",
                     connected.client, ""});
    connections_.erase(waiting_.front());
    waiting_.pop_front();
  }
  update(now);
}

std::optional<TimePoint> Broker::next_deadline() const {
  std::optional<TimePoint> next = settle_at_;
  auto consider = [&](TimePoint deadline) { next = next ? std::min(*next, deadline) : deadline; };
  for (const auto& [id, record] : table_.records()) {
    if (record.release_at) consider(*record.release_at);
    if (!record.ready_since && !record.ending) consider(record.asked + limits_.start_timeout);
  }
  for (const auto& [id, connected] : connections_)
    if (const auto* proving = std::get_if<Proving>(&connected.stage)) consider(proving->next);
  if (!waiting_.empty())
    consider(std::get<Waiting>(connections_.at(waiting_.front()).stage).since + limits_.connection_wait);
  if (!waiting_.empty() && turn_at_) consider(*turn_at_);
  if (retry_at_) consider(*retry_at_);
  if (refill_at_) consider(*refill_at_);
  if (look_at_) consider(*look_at_);
  if (limits_.idle_lifetime.count() > 0) {
    for (const auto& [id, record] : table_.records())
      if (record.idle() && record.ready_since && !is_stale(record, updated_))
        consider(*record.ready_since + limits_.idle_lifetime);
  }
  return next;
}

bool Broker::ready() const {
  const Record* console = table_.find(kConsoleSession);
  auto up = table_.count_if([](const Record& record) { return !record.is_console() && record.ready_since; });
  return settled_ && console != nullptr && console->ready_since &&
         (up >= std::min(limits_.idle, limits_.max) || look_at_);
}

}  // namespace ts::session
