#include "lib/session/session_table.h"

#include <cassert>

namespace ts::session {

Record& SessionTable::add(SessionId id, TimePoint now) {
  assert(!records_.contains(id));
  Record& record = records_[id];
  record.state.session_id = id;
  record.asked = now;
  skip(id);
  return record;
}

Record& SessionTable::add(TimePoint now) {
  SessionId id = last_id_;
  // sessions.max is far below kMaxId, so a free one is found.
  do {
    id = id >= kMaxId ? 1 : id + 1;
  } while (records_.contains(id));
  Record& record = add(id, now);
  last_id_ = id;
  return record;
}

Record* SessionTable::find(SessionId id) {
  auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

const Record* SessionTable::find(SessionId id) const {
  auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

std::vector<const Record*> SessionTable::of_user(const UserKey& user) const {
  std::vector<const Record*> out;
  for (const auto& [id, record] : records_)
    if (record.belongs_to(user)) out.push_back(&record);
  return out;
}

Record* SessionTable::find_idle() {
  for (auto& [id, record] : records_)
    if (record.idle()) return &record;
  return nullptr;
}

Record* SessionTable::find_last_idle() {
  for (auto entry = records_.rbegin(); entry != records_.rend(); ++entry)
    if (entry->second.idle()) return &entry->second;
  return nullptr;
}

}  // namespace ts::session
