// Lists the session's processes for tssession. They are read by a child (lib/os/process_scan.h), so that
// neither many of them nor one that does not want to be read keeps the host from its other work.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "lib/net/loop.h"
#include "lib/os/process_scan.h"
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
  /// The session ends, and a child of its host's would be one more process to wait for: from now on nothing
  /// is listed.
  void stop();

 private:
  void look();
  void add(const os::ProcessInfo& info);
  void send(bool last);

  Handlers handlers_;
  std::optional<os::ProcessScan> scan_;
  session::ProcessPage page_;
  net::Timer tick_;
  bool stopped_ = false;
};

}  // namespace ts::host
