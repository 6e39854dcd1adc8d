// ts.Session.Processes: asks a session's host for the session's processes and hands its pages on as they
// come. Hosts answer one request at a time: who asks meanwhile gets the next listing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "lib/net/loop.h"
#include "lib/session/process_messages.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class ProcessService {
 public:
  using Ask = std::function<Result<>(session::SessionId, const session::ListProcesses&)>;

  ProcessService(net::Loop& loop, Ask ask);

  /// The caller may look at this session.
  void list(const std::shared_ptr<varlink::Call>& call, session::SessionId id);
  void on_page(session::SessionId id, const session::ProcessPage& page);
  void host_gone(session::SessionId id);

 private:
  using Calls = std::vector<std::shared_ptr<varlink::Call>>;
  struct Listing {
    std::uint32_t request = 0;
    Calls calls;  // that it answers
    Calls next;   // that came since
    net::TimePoint deadline;
  };
  void start(session::SessionId id);
  void finish(session::SessionId id, const session::ProcessPage& page);
  void give_up();

  Ask ask_;
  std::uint32_t last_request_ = 0;
  std::map<session::SessionId, Listing> listings_;
  net::Timer late_;
};

}  // namespace ts::tssession
