// What the tests of lib/os share: a folder of their own, and running a program to its end.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "lib/os/spawn.h"

namespace ts::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ts-os-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline bool is_root() {
  return ::geteuid() == 0;
}

inline std::string read_to_end(int fd) {
  std::string out;
  std::array<char, 4096> buffer;
  for (;;) {
    ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

inline int wait_for(pid_t pid) {
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Spawns with standard output in a pipe; its text, and the wait status.
struct Outcome {
  std::string output;
  int status = -1;
};
inline Result<Outcome> run(os::Spawn what) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd reader(ends[0]), writer(ends[1]);
  what.fds.push_back({writer.get(), 1});
  TS_TRY_ASSIGN(pid_t pid, os::spawn(what));
  writer.reset();
  Outcome out;
  out.output = read_to_end(reader.get());
  out.status = wait_for(pid);
  return out;
}

inline os::Spawn shell(const std::string& script) {
  os::Spawn what;
  what.program = "/bin/sh";
  what.arguments = {"-c", script};
  what.environment = {"PATH=/usr/bin:/bin"};
  return what;
}

}  // namespace ts::test
