#include "lib/session/access.h"

#include <fmt/format.h>

namespace ts::session {
namespace {

bool is_own(const Record& record, const Caller& caller) {
  return record.logged_on() && record.state.uid == caller.uid && caller.uid != kNoUid;
}

/// What all requests have in common. kAllowed: go on with what is special.
Verdict may_steer(const Record* record, SessionId id, const Caller& caller) {
  if (record == nullptr) {
    if (id != kListenerSession) return Verdict::kNoSuchSession;
    return caller.administrator ? Verdict::kAllowed : Verdict::kNotPermitted;
  }
  return may_see(*record, caller) ? Verdict::kAllowed : Verdict::kNotPermitted;
}

}  // namespace

bool may_see(const Record& record, const Caller& caller) {
  return caller.administrator || is_own(record, caller);
}

Verdict may_look(const SessionTable& table, SessionId id, const Caller& caller) {
  const Record* record = table.find(id);
  if (record == nullptr) return Verdict::kNoSuchSession;
  return may_see(*record, caller) ? Verdict::kAllowed : Verdict::kNotPermitted;
}

Verdict may_disconnect(const SessionTable& table, SessionId id, const Caller& caller) {
  const Record* record = table.find(id);
  Verdict verdict = may_steer(record, id, caller);
  if (verdict != Verdict::kAllowed) return verdict;
  return record != nullptr && record->state.attached != 0 ? Verdict::kAllowed : Verdict::kNotConnected;
}

Verdict may_log_off(const SessionTable& table, SessionId id, const Caller& caller) {
  const Record* record = table.find(id);
  Verdict verdict = may_steer(record, id, caller);
  if (verdict != Verdict::kAllowed) return verdict;
  bool something_to_end = record != nullptr && (record->logged_on() || record->state.attached != 0);
  return something_to_end ? Verdict::kAllowed : Verdict::kNotLoggedOn;
}

Verdict may_reach(const SessionTable& table, SessionId id, const Caller& caller) {
  const Record* record = table.find(id);
  Verdict verdict = may_steer(record, id, caller);
  // The listener is listed among sessions and is none.
  return verdict == Verdict::kAllowed && record == nullptr ? Verdict::kNoSuchSession : verdict;
}

Verdict may_show(const SessionTable& table, SessionId id, const Caller& caller) {
  Verdict verdict = may_reach(table, id, caller);
  if (verdict != Verdict::kAllowed) return verdict;
  return table.find(id)->logged_on() ? Verdict::kAllowed : Verdict::kNotLoggedOn;
}

Verdict may_move(const SessionTable& table, SessionId id, const Caller& caller) {
  Verdict verdict = may_show(table, id, caller);
  if (verdict != Verdict::kAllowed) return verdict;
  return table.find(id)->state.attached != 0 ? Verdict::kAllowed : Verdict::kNotConnected;
}

EndReason disconnect_reason(const Record& record, const Caller& caller) {
  return is_own(record, caller) ? EndReason::kDisconnectedByUser : EndReason::kDisconnectedByAdmin;
}

EndReason logoff_reason(const Record& record, const Caller& caller) {
  return is_own(record, caller) ? EndReason::kLoggedOffByUser : EndReason::kLoggedOffByAdmin;
}

std::string session_name(const Record& record) {
  if (record.is_console()) return "console";
  return record.state.attached != 0 ? fmt::format("rdp-tcp#{}", record.id()) : "";
}

std::string session_type(const Record& record) {
  if (record.is_console()) return "console";
  return record.state.attached != 0 ? "rdpwd" : "";
}

}  // namespace ts::session
