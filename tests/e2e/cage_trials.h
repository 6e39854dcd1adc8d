// What somebody who has taken a stack over would try first: one trial a wall, each in a process of its own
// that has entered a stack's cage, or has not, so that a trial that could never succeed is noticed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace cage {

/// Whom the trials are after.
struct Targets {
  pid_t stack = 0;         // another connection's stack
  pid_t daemon = 0;        // of another account
  std::uint16_t port = 0;  // somebody listens there on 127.0.0.1
  std::string socket;      // and on this Unix socket
  std::string abstract;    // and on this one without a file
};

enum class Where {
  kCaged,    // as a stack is
  kUncaged,  // as a stack would be without its cage: other walls still stand
  kFree      // as root, with nothing in the way: every trial has to succeed
};

/// Prints a line for each trial: "NAME: OUTCOME", where the outcome is "done", an errno's name or a signal's,
/// and after it " (wanted OUTCOME)" where it is not what it has to be. `client`: the client's socket, or -1.
void run_trials(Where where, const Targets& targets, int client,
                const std::function<void(const std::string&)>& print);

}  // namespace cage
