#include "cmd/tssession/session_watch.h"

#include <nlohmann/json.hpp>

#include "cmd/tssession/session_rows.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::SessionId;

std::string text_of(const json& row) {
  return row.dump(-1, ' ', false, json::error_handler_t::replace);
}

json change(const char* kind, const std::string& row) {
  return {{"kind", kind}, {"session", json::parse(row)}};
}

}  // namespace

SessionWatch::Rows SessionWatch::current_rows() const {
  Rows rows;
  for (const auto& [id, record] : table_.records()) rows[id] = text_of(session_row(record));
  if (auto addresses = listening_()) rows[session::kListenerSession] = text_of(listener_row(*addresses));
  return rows;
}

bool SessionWatch::may_see(SessionId id, const session::Caller& caller) const {
  if (id == session::kListenerSession) return caller.administrator;
  const auto* record = table_.find(id);
  return record != nullptr && session::may_see(*record, caller);
}

void SessionWatch::add(const std::shared_ptr<varlink::Call>& call, const session::Caller& caller) {
  update();  // the others are told what is new before it is taken for known
  if (watchers_.empty()) rows_ = current_rows();
  Watcher watcher{call, caller, {}};
  json changes = json::array();
  for (const auto& [id, row] : rows_) {
    if (!may_see(id, caller)) continue;
    watcher.seen.insert(id);
    changes.push_back(change("present", row));
  }
  if (!call->more()) {
    (void)call->reply({{"changes", changes}});
  } else if (call->reply_continues({{"changes", changes}})) {
    watchers_.push_back(std::move(watcher));
  }
}

void SessionWatch::update() {
  std::erase_if(watchers_, [](const Watcher& watcher) { return !watcher.call->open(); });
  if (watchers_.empty()) return rows_.clear();
  Rows before = std::exchange(rows_, current_rows());
  std::set<SessionId> changed;
  for (const auto& [id, row] : rows_)
    if (auto old = before.find(id); old == before.end() || old->second != row) changed.insert(id);
  for (const auto& [id, row] : before)
    if (!rows_.contains(id)) changed.insert(id);
  if (changed.empty()) return;
  std::erase_if(watchers_, [&](Watcher& watcher) { return !tell(watcher, before, changed); });
}

bool SessionWatch::tell(Watcher& watcher, const Rows& before, const std::set<SessionId>& changed) {
  json changes = json::array();
  for (SessionId id : changed) {
    bool was = watcher.seen.contains(id);
    bool is = may_see(id, watcher.caller);
    if (is) {
      watcher.seen.insert(id);
      changes.push_back(change(was ? "changed" : "new", rows_.at(id)));
    } else if (was) {
      watcher.seen.erase(id);
      // What somebody may no longer see is told as they last saw it.
      changes.push_back(change("gone", before.at(id)));
    }
  }
  return changes.empty() || watcher.call->reply_continues({{"changes", changes}}).has_value();
}

}  // namespace ts::tssession
