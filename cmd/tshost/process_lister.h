// Lists the session's processes for tssession, some at a turn of the loop, so that a session with many of
// them does not keep its host from its other work. What the session's own programs do to delay it delays
// nobody else.
#pragma once

#include <functional>
#include <vector>

#include "lib/net/loop.h"
#include "lib/os/cgroup.h"
#include "lib/session/process_messages.h"

namespace ts::host {

class ProcessLister {
 public:
  struct Handlers {
    std::function<std::vector<pid_t>()> in_groups;  // the members of the session's control groups
    std::function<void(const session::ProcessPage&)> on_page;
  };

  ProcessLister(net::Loop& loop, Handlers handlers);
  /// The pages follow from the loop, the last of them always; an answer that is not finished is given up.
  void list(std::uint32_t request);

 private:
  void go_on();
  void add(pid_t pid);
  void send(bool last);

  Handlers handlers_;
  std::vector<pid_t> left_;  // from the back
  session::ProcessPage page_;
  net::Timer turn_;
};

}  // namespace ts::host
