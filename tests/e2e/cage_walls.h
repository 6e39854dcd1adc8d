// The trials of cage_trials.h: what is attempted, and what has to come of it.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <functional>
#include <vector>

#include "tests/e2e/cage_trials.h"

namespace cage {

/// Opened before the cage is closed, as if somebody had forgotten to close them: what can be done with them?
struct Held {
  int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int program = ::open("/bin/true", O_RDONLY | O_CLOEXEC);
  int memory = ::memfd_create("held", MFD_CLOEXEC);
  int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int other_tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);  // a trial may leave its mark on one
  int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int local = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int abstract = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int stack = -1;  // a pidfd
  int client = -1;
};

struct Trial {
  const char* name;
  const char* caged;              // what has to come of it in the cage
  const char* free;               // and without anything in the way; "": whatever this kernel says
  std::function<long()> attempt;  // negative, and errno: it failed
};
inline constexpr const char* kDone = "done";
inline constexpr const char* kAnything = "";

std::vector<Trial> files(const Targets& to, const Held& held);
std::vector<Trial> sockets(const Targets& to, const Held& held);
std::vector<Trial> processes(const Targets& to, const Held& held);
std::vector<Trial> kernel();

}  // namespace cage
