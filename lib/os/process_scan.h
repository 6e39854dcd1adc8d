// What /proc tells of many processes, some of which may not want to be read: a child reads (reader_child.h).
// One that it gets stuck at is told without arguments and memory, and the next child goes on behind it; when
// all takes too long, the rest is told so, too. Each process is told once, in order, unless it has ended.
//
// Never blocks: look() takes what has come, and is to be called again after a moment.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "lib/os/process_info.h"
#include "lib/os/reader_child.h"

namespace ts::os {

class ProcessScan {
 public:
  struct Patience {
    std::chrono::milliseconds one{500};    // for one process
    std::chrono::milliseconds all{5'000};  // for all of them
  };
  explicit ProcessScan(std::vector<pid_t> pids) : ProcessScan(std::move(pids), Patience()) {}
  ProcessScan(std::vector<pid_t> pids, Patience patience);

  /// Adds what has come to `out`. True: that was all.
  bool look(std::vector<ProcessInfo>& out);
  /// The child that reads, while there is one.
  std::optional<pid_t> reader() const;

 private:
  using Clock = std::chrono::steady_clock;
  bool take(std::vector<ProcessInfo>& out);
  void skip(std::vector<ProcessInfo>& out);
  void read_on();

  std::vector<pid_t> pids_;
  std::size_t next_ = 0;  // that has not been told
  Patience patience_;
  Clock::time_point heard_at_, began_at_;
  std::optional<ReaderChild> child_;
};

}  // namespace ts::os
