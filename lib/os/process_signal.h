// Signals to processes of a session that somebody asked for by number or name. Linux gives the number of a
// process that has ended to another one: each process is held by a descriptor (pidfd) first, and found to be
// a member after that. May wait, for an instant, for a child that sends with an account's rights.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "lib/os/process_tree.h"

namespace ts::os {

struct SignalOrder {
  pid_t pid = 0;            // 0: all members that are called `name`
  std::string name;         // as ps -o comm= has it, or the name of the program's file where that is cut
  int signal = 0;           // 1 or more
  std::optional<uid_t> as;  // with this account's rights; empty: with ours
};

struct SignalOutcome {
  std::uint32_t found = 0;      // members that are meant
  std::uint32_t signalled = 0;  // those of them that got it
  int error_number = 0;         // why one did not
};

SignalOutcome signal_members(ProcessTree& tree, const SignalOrder& order);

}  // namespace ts::os
