#include "cmd/tshost/process_signals.h"

#include <signal.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/os/process_signal.h"

namespace ts::host {

session::ProcessesSignalled signal_processes(os::ProcessTree& tree, const session::SignalProcesses& message) {
  session::ProcessesSignalled answer;
  answer.request = message.request;
  os::SignalOrder order;
  order.pid = message.pid;
  order.name = message.name.str();
  order.signal = message.signal;
  if (message.uid != session::kNoUid) order.as = message.uid;
  if (order.signal < 1 || order.signal > SIGRTMAX || order.pid < 0 ||
      (order.pid == 0 && order.name.empty())) {
    answer.error_number = EINVAL;
    return answer;
  }
  auto outcome = os::signal_members(tree, order);
  answer.found = outcome.found;
  answer.signalled = outcome.signalled;
  answer.error_number = outcome.error_number;
  if (outcome.found > 0) {
    log::info("Sent signal {} to {} of {} processes as asked", order.signal, outcome.signalled,
              outcome.found);
  }
  return answer;
}

}  // namespace ts::host
