// tsctl kill inside a session: what tssession asks, done to the session's processes and to no other.
#pragma once

#include "lib/os/process_tree.h"
#include "lib/session/host_messages.h"

namespace ts::host {

session::ProcessesSignalled signal_processes(os::ProcessTree& tree, const session::SignalProcesses& message);

}  // namespace ts::host
