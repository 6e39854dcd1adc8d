// ts.Session.Kill: each request goes to the hosts of the sessions that it may reach, and is answered when all
// of them have answered, are gone, or have had their time. A host gets one at a time, and none whose caller
// has gone: each keeps it busy for a while, and what it has to be told besides must not wait behind them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "lib/net/loop.h"
#include "lib/session/host_messages.h"
#include "lib/session/session_table.h"
#include "lib/varlink/call.h"

namespace ts::tssession {

class KillRequests {
 public:
  using Send = std::function<Result<>(session::SessionId, const session::SignalProcesses&)>;

  KillRequests(net::Loop& loop, const session::SessionTable& table, Send send);

  /// `sessions`: those that the caller may reach.
  void start(std::shared_ptr<varlink::Call> call, std::set<session::SessionId> sessions,
             session::SignalProcesses message);
  void answered(session::SessionId id, const session::ProcessesSignalled& answer);
  /// Sessions have changed: nobody waits for those that are gone.
  void update();

 private:
  struct Request {
    std::shared_ptr<varlink::Call> call;
    session::SignalProcesses message;
    std::string what;  // "process 17", "process 'xterm' in session 3"
    std::set<session::SessionId> waiting;
    std::uint32_t found = 0, signalled = 0;
    net::TimePoint deadline{};
  };
  using Entry = std::map<std::uint32_t, Request>::iterator;
  struct Host {
    std::uint32_t asked = 0;  // what it has not answered yet, whoever still waits for that; 0: nothing
    std::deque<std::uint32_t> next;
  };
  void ask_next(session::SessionId id);
  void forget_gone_callers();
  void finish(Entry entry);
  void end_late();

  const session::SessionTable& table_;
  Send send_;
  std::map<std::uint32_t, Request> requests_;  // by the number that hosts repeat
  std::map<session::SessionId, Host> hosts_;
  std::uint32_t last_ = 0;
  net::Timer late_;
};

}  // namespace ts::tssession
