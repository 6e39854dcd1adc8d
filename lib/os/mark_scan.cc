#include "lib/os/mark_scan.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "lib/os/proc.h"

namespace ts::os {
namespace {

constexpr std::size_t kMaxEnvironment = 128 * 1024;  // bytes

/// `variable` as a whole: between NULs, or the ends of the text.
bool holds(std::string_view text, std::string_view variable) {
  for (std::size_t at = 0; (at = text.find(variable, at)) != std::string_view::npos; ++at) {
    std::size_t end = at + variable.size();
    if ((at == 0 || text[at - 1] == '\0') && (end == text.size() || text[end] == '\0')) return true;
  }
  return false;
}

void scan(const std::vector<std::string>& marks, int out) {
  for (pid_t pid : all_processes()) {
    if (pid == ::getpid()) continue;
    Process process = process_of(pid);
    if (!process.alive() || !environment_has(pid, marks)) continue;
    MarkScan::Found found{pid, process.began};
    if (::write(out, &found, sizeof found) != sizeof found) return;
  }
  MarkScan::Found end{};
  (void)!::write(out, &end, sizeof end);
}

}  // namespace

bool environment_has(pid_t pid, const std::vector<std::string>& variables) {
  std::string text = read_proc(pid, "environ", kMaxEnvironment);
  return std::all_of(variables.begin(), variables.end(),
                     [&](const std::string& variable) { return holds(text, variable); });
}

Result<MarkScan> MarkScan::start(const std::vector<std::string>& marks, std::chrono::milliseconds deadline) {
  TS_TRY_ASSIGN(auto child, ReaderChild::start([&marks](int pipe) { scan(marks, pipe); }));
  MarkScan out(std::move(child));
  out.late_at_ = std::chrono::steady_clock::now() + deadline;
  return out;
}

MarkScan::State MarkScan::look() {
  std::array<Found, 64> some{};
  for (;;) {
    // Records are shorter than PIPE_BUF: they come whole.
    ssize_t size = ::read(child_.fd(), some.data(), sizeof some);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN && std::chrono::steady_clock::now() < late_at_) return State::kRunning;
    if (size <= 0) return State::kLate;  // or it was killed by somebody else
    for (std::size_t i = 0; i < static_cast<std::size_t>(size) / sizeof(Found); ++i) {
      if (some[i].pid == 0) return State::kDone;
      found_.push_back(some[i]);
    }
  }
}

}  // namespace ts::os
