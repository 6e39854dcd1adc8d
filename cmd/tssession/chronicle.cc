#include "cmd/tssession/chronicle.h"

#include <string.h>
#include <sys/wait.h>

namespace ts::tssession {
namespace {

using namespace session;
using events::Event;
using events::Kind;

constexpr std::string_view kClientLeft = "the client left";
constexpr std::string_view kClientMoved = "its client was given another session";
constexpr std::string_view kSessionEnded = "the session ended";
constexpr std::string_view kAutomatic = "automatic reconnection";
constexpr std::string_view kHostDied = "its host ended unexpectedly";

Event event_of(Kind kind, const HostState& state) {
  Event event{.kind = kind};
  event.session = state.session_id;
  event.user = state.user.str();
  event.domain = state.domain.str();
  event.client = state.client.name.str();
  event.address = state.client.address.str();
  return event;
}

std::string reason_text(EndReason reason, std::string_view otherwise) {
  return std::string(reason == EndReason::kNone ? otherwise : end_reason_text(reason));
}

std::string end_text(int wait_status) {
  if (WIFSIGNALED(wait_status))
    return fmt::format("{}: signal {} ({})", kHostDied, WTERMSIG(wait_status),
                       ::strsignal(WTERMSIG(wait_status)));
  return fmt::format("{}: exit status {}", kHostDied, WEXITSTATUS(wait_status));
}

}  // namespace

void Chronicle::host_announced(const HostState& state) {
  auto [entry, is_new] = sessions_.try_emplace(state.session_id, Known{state});
  Known& known = entry->second;
  known.gone = false;
  if (is_new) return;
  compare(known, state);
  if (state.attached == 0) known.moved.reset();
  if (state.state == State::kIdle) known.temporary = false;
  known.state = state;
}

void Chronicle::compare(const Known& known, const HostState& now) {
  const HostState& old = known.state;
  bool was = old.attached != 0, is = now.attached != 0;
  if (was && is && old.connection != now.connection) {
    Event event = event_of(Kind::kTakeover, now);
    event.replaced_client = old.client.name.str();
    event.replaced_address = old.client.address.str();
    if (now.automatic != 0) event.reason = kAutomatic;
    sink_.write(event);
  } else if (was && !is && !known.temporary) {
    bool with_session = !old.user.empty() && now.state == State::kDown;
    bool moved = known.moved == old.connection;
    disconnected(old, reason_text(now.end_reason, with_session ? kSessionEnded
                                                  : moved      ? kClientMoved
                                                               : kClientLeft));
  } else if (!was && is) {
    Event event = event_of(old.user.empty() ? Kind::kConnect : Kind::kReconnect, now);
    if (now.automatic != 0) event.reason = kAutomatic;
    sink_.write(event);
  }
  if (old.user.empty() && !now.user.empty()) sink_.write(event_of(Kind::kLogon, now));
  if (old.state == State::kDown || now.state != State::kDown || old.user.empty()) return;
  bool by_itself = now.end_reason == EndReason::kNone;
  Event event = event_of(by_itself ? Kind::kSessionEnded : Kind::kLogoff, old);
  event.reason = reason_text(now.end_reason, "its display server or the parent of its shell died");
  sink_.write(event);
}

void Chronicle::disconnected(const HostState& state, std::string_view reason) {
  Event event = event_of(Kind::kDisconnect, state);
  event.reason = std::string(reason);
  sink_.write(event);
}

/// A session whose host is no more. What it has announced as its end has been told.
Chronicle::Sessions::iterator Chronicle::ended(Sessions::iterator entry, const std::string& reason) {
  const Known& known = entry->second;
  if (known.state.state != State::kDown && !known.temporary) {
    if (known.state.attached != 0) disconnected(known.state, kSessionEnded);
    Event event = event_of(Kind::kSessionEnded, known.state);
    event.reason = reason;
    sink_.write(event);
  }
  return sessions_.erase(entry);
}

void Chronicle::host_gone(SessionId id) {
  auto entry = sessions_.find(id);
  if (entry == sessions_.end()) return;
  entry->second.gone = true;
  if (entry->second.orphan || entry->second.state.state == State::kDown) ended(entry, std::string(kHostDied));
}

void Chronicle::host_ended(SessionId id, int wait_status) {
  if (auto entry = sessions_.find(id); entry != sessions_.end()) ended(entry, end_text(wait_status));
}

void Chronicle::spawn_lost() {
  for (auto entry = sessions_.begin(); entry != sessions_.end();) {
    entry->second.orphan = true;
    entry = entry->second.gone ? ended(entry, std::string(kHostDied)) : std::next(entry);
  }
}

void Chronicle::logon_failed(SessionId id, const LogonFailed& message) {
  auto entry = sessions_.find(id);
  if (entry == sessions_.end()) return;
  Event event = event_of(Kind::kLogonFailed, entry->second.state);
  event.user = message.user.str();
  event.domain = message.domain.str();
  event.reason = message.message.str();
  sink_.write(event);
}

void Chronicle::reconnect_failed(const ReconnectFailedAction& action) {
  Event event{.kind = Kind::kLogonFailed};
  event.session = action.session;
  event.user = action.user;
  event.client = action.client.name.str();
  event.address = action.client.address.str();
  event.reason = fmt::format("{}: {}", kAutomatic, action.message);
  sink_.write_limited(std::move(event), reconnects_);
}

void Chronicle::moved(const AttachAction& action) {
  if (action.moved_from)
    if (auto entry = sessions_.find(*action.moved_from); entry != sessions_.end())
      entry->second.moved = action.connection;
  if (!action.temporary) return;
  if (auto entry = sessions_.find(*action.temporary); entry != sessions_.end())
    entry->second.temporary = true;
}

void Chronicle::refused(const RefuseAction& action) {
  if (!action.limit.empty()) {
    auto& gate = limits_.try_emplace(action.limit, 1, std::chrono::seconds(60)).first->second;
    Event event{.kind = Kind::kLimit};
    event.limit = action.limit;
    event.reason = action.message;
    sink_.write_limited(std::move(event), gate);
  }
  Event event{.kind = Kind::kRefused};
  event.client = action.client.name.str();
  event.address = action.client.address.str();
  event.reason = action.message;
  sink_.write_limited(std::move(event), refusals_);
}

}  // namespace ts::tssession
