// ts.Session.Watch: those that are told of changes. Rows are made and compared only while somebody watches;
// each is told of what they may see, nobody of anything else.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/session/access.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class SessionWatch {
 public:
  /// The listener's addresses, empty optional when there is none.
  using Listening = std::function<std::optional<std::vector<std::string>>()>;

  SessionWatch(const session::SessionTable& table, Listening listening)
      : table_(table), listening_(std::move(listening)) {}

  /// Answers at once; with `more` again at every change until the caller goes.
  void add(const std::shared_ptr<varlink::Call>& call, const session::Caller& caller);
  /// Something may have changed.
  void update();

 private:
  struct Watcher {
    std::shared_ptr<varlink::Call> call;
    session::Caller caller;
    std::set<session::SessionId> seen;
  };
  using Rows = std::map<session::SessionId, std::string>;  // as JSON

  Rows current_rows() const;
  bool may_see(session::SessionId id, const session::Caller& caller) const;
  /// False: they do not read, or have gone.
  bool tell(Watcher& watcher, const Rows& before, const std::set<session::SessionId>& changed);

  const session::SessionTable& table_;
  Listening listening_;
  Rows rows_;  // as last told
  std::vector<Watcher> watchers_;
};

}  // namespace ts::tssession
