#include "lib/os/process_signal.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>
#include <vector>

#include "lib/base/unique_fd.h"
#include "lib/os/proc.h"

namespace ts::os {
namespace {

constexpr std::size_t kBatch = 128;     // processes held at a time: each is a descriptor
constexpr std::size_t kShownName = 15;  // TASK_COMM_LEN of Linux' include/linux/sched.h without its NUL
constexpr int kSenderTime = 2000;       // ms; an account can stop what runs under its uid

/// Neither waits for the process, which the first argument would (proc.h).
bool is_called(pid_t pid, const std::string& name) {
  auto shown = read_proc(pid, "comm", kShownName + 1);
  shown.resize(std::min(shown.find('\n'), shown.size()));
  if (shown == name) return true;
  if (shown.size() < kShownName || name.compare(0, shown.size(), shown) != 0) return false;
  std::array<char, PATH_MAX> buffer;
  ssize_t size = ::readlink(fmt::format("/proc/{}/exe", pid).c_str(), buffer.data(), buffer.size());
  std::string_view program(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return program.substr(program.rfind('/') + 1) == name;
}

struct Held {
  pid_t pid = 0;
  UniqueFd handle;
};

/// errno of one, or 0.
int send(const Held& process, int signal) {
  bool sent = ::syscall(SYS_pidfd_send_signal, process.handle.get(), signal, nullptr, 0) == 0;
  return sent ? 0 : errno;
}

/// Each one's error number, in order. Only what may be done between fork and exec.
[[noreturn]] void send_as(uid_t uid, const std::vector<Held>& processes, int signal, int answers) {
  // All three at once: with it the capabilities go, and nobody may trace us.
  int refused = ::syscall(SYS_setresuid, uid, uid, uid) == 0 ? 0 : errno;
  for (const auto& process : processes) {
    int number = refused != 0 ? refused : send(process, signal);
    if (::write(answers, &number, sizeof number) != sizeof number) break;
  }
  ::_exit(0);
}

/// The kernel decides what the account may: a child of ours is that account while it sends.
std::vector<int> sent_as(uid_t uid, const std::vector<Held>& processes, int signal) {
  std::vector<int> numbers;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {errno};
  UniqueFd answers(ends[0]), given(ends[1]);
  pid_t sender = ::fork();
  if (sender < 0) return {errno};
  if (sender == 0) send_as(uid, processes, signal, given.get());
  given.reset();
  pollfd ready{answers.get(), POLLIN, 0};
  for (int number = 0; numbers.size() < processes.size(); numbers.push_back(number)) {
    if (::poll(&ready, 1, kSenderTime) != 1) break;
    if (::read(answers.get(), &number, sizeof number) != sizeof number) break;
  }
  if (numbers.size() < processes.size()) ::kill(sender, SIGKILL);
  while (::waitpid(sender, nullptr, 0) < 0 && errno == EINTR) {
  }
  return numbers;
}

/// False: the account keeps the sender from its work, and is not waited for again.
bool signal_held(const std::vector<Held>& processes, const SignalOrder& order, SignalOutcome& outcome) {
  std::vector<int> numbers;
  bool in_time = true;
  if (order.as && *order.as != ::geteuid()) {
    numbers = sent_as(*order.as, processes, order.signal);
    in_time = numbers.size() == processes.size();
    numbers.resize(processes.size(), EAGAIN);
  } else {
    for (const auto& process : processes) numbers.push_back(send(process, order.signal));
  }
  for (int number : numbers) {
    if (number == ESRCH) continue;  // it has ended meanwhile
    ++outcome.found;
    if (number == 0) ++outcome.signalled;
    if (number != 0) outcome.error_number = number;
  }
  return in_time;
}

}  // namespace

SignalOutcome signal_members(ProcessTree& tree, const SignalOrder& order) {
  std::vector<pid_t> wanted{order.pid};
  if (order.pid <= 0) {
    wanted = tree.members();
    std::erase_if(wanted, [&](pid_t pid) { return !is_called(pid, order.name); });
  }
  SignalOutcome outcome;
  for (std::size_t at = 0; at < wanted.size(); at += kBatch) {
    std::vector<Held> held;
    for (std::size_t i = at; i < std::min(wanted.size(), at + kBatch); ++i) {
      UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, wanted[i], 0)));
      if (handle) held.push_back({wanted[i], std::move(handle)});
    }
    auto members = tree.members();
    std::set<pid_t> known(members.begin(), members.end());
    std::erase_if(held, [&](const Held& process) { return !known.contains(process.pid); });
    if (!signal_held(held, order, outcome)) break;
  }
  return outcome;
}

}  // namespace ts::os
