#include "lib/session/session_choice.h"

#include <algorithm>
#include <tuple>

namespace ts::session {
namespace {

LogonChoice::Entry entry_of(const HostState& state) {
  const bool attached = state.attached != 0;
  const ClientInfo& client = attached ? state.client : state.last_client;
  LogonChoice::Entry entry;
  entry.id = state.session_id;
  entry.state = state.state;
  entry.connect_time = attached ? state.connect_time : 0;
  entry.disconnect_time = attached ? 0 : state.disconnect_time;
  entry.width = client.width;
  entry.height = client.height;
  entry.client = client.name;
  entry.program.assign(state.program.view());
  return entry;
}

auto rank(const Record* record) {
  const HostState& state = record->state;
  const bool attached = state.attached != 0;
  return std::tuple(attached, attached ? -state.connect_time : -state.disconnect_time, state.session_id);
}

}  // namespace

LogonChoice make_choice(std::vector<const Record*> sessions, bool may_start_new, Notice notice) {
  std::sort(sessions.begin(), sessions.end(),
            [](const Record* one, const Record* other) { return rank(one) < rank(other); });
  LogonChoice choice;
  for (const Record* record : sessions) {
    if (choice.count == LogonChoice::kMost) break;
    choice.entries[choice.count++] = entry_of(record->state);
  }
  choice.may_start_new = may_start_new ? 1 : 0;
  choice.notice = notice;
  return choice;
}

bool offers(const LogonChoice& choice, SessionId chosen) {
  if (chosen == LogonChosen::kNewSession) return choice.may_start_new != 0;
  const std::size_t count = std::min<std::size_t>(choice.count, LogonChoice::kMost);
  return std::any_of(choice.entries.begin(), choice.entries.begin() + count,
                     [&](const LogonChoice::Entry& entry) { return entry.id == chosen; });
}

}  // namespace ts::session
