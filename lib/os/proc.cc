#include "lib/os/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {
namespace {

constexpr std::size_t kMaxStat = 4096;  // bytes; it has about 350
constexpr std::size_t kMaxStatus = 16 * 1024;
constexpr std::size_t kMaxChildren = 65536;  // bytes, some 10,000 children

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string read_file(const char* path, std::size_t limit) {
  std::string out;
  UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  char buffer[8192];
  while (fd && out.size() < limit) {
    ssize_t size = ::read(fd.get(), buffer, std::min(sizeof buffer, limit - out.size()));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    out.append(buffer, static_cast<std::size_t>(size));
  }
  return out;
}

}  // namespace

std::string read_proc(pid_t pid, const char* name, std::size_t limit) {
  return read_file(fmt::format("/proc/{}/{}", pid, name).c_str(), limit);
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> out;
  std::unique_ptr<DIR, CloseFolder> folder(::opendir("/proc"));
  while (dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    auto [stop, error] = std::from_chars(entry->d_name, end, pid);
    if (error == std::errc() && stop == end) out.push_back(pid);
  }
  return out;
}

std::optional<Uids> uids_of(pid_t pid) {
  const std::string text = read_proc(pid, "status", kMaxStatus);
  const auto at = text.find("\nUid:");
  Uids uids;
  if (at == std::string::npos || std::sscanf(text.c_str() + at, "\nUid: %u %u %u %u", &uids.real,
                                             &uids.effective, &uids.saved, &uids.files) != 4)
    return std::nullopt;
  return uids;
}

std::vector<pid_t> own_children() {
  std::vector<pid_t> out;
  std::string text = read_file("/proc/thread-self/children", kMaxChildren);
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    pid_t pid = 0;
    auto [stop, error] = std::from_chars(at, end, pid);
    if (error == std::errc()) out.push_back(pid);
    at = stop + 1;  // the blank
  }
  return out;
}

/// proc(5): "PID (NAME) STATE PPID PGRP SESSION TTY TPGID FLAGS ..."; threads are field 20, the start is
/// field 22. The name may hold anything, so from the last parenthesis on.
Process process_of(pid_t pid) {
  Process out;
  std::string text = read_proc(pid, "stat", kMaxStat);
  auto close = text.rfind(')');
  if (close == std::string::npos ||
      std::sscanf(text.c_str() + close + 1,
                  " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu",
                  &out.state, &out.parent, &out.flags, &out.threads, &out.began) != 5) {
    out.state = 'X';
  }
  return out;
}

}  // namespace ts::os
