// What /proc tells of processes, mostly for the rest of this folder. Everything here is written by strangers:
// reads are bounded. INVARIANT: `environ`, `cmdline`, `smaps_rollup` (and files we do not read: maps) take
// the lock of the other process's memory, which its owner can hold for as long as they like; so they are read
// by a child with a deadline only (reader_child.h), never by a daemon. Nothing else that we read here takes
// it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ts::os {

struct Process {
  pid_t parent = 0;
  char state = 'X';              // 'X': it is not there
  unsigned flags = 0;            // PF_* of Linux' include/linux/sched.h
  long threads = 0;              // of a zombie more than one: only its first thread has ended
  unsigned long long began = 0;  // clock ticks after boot; with the pid it names a process for good
  bool alive() const { return state != 'X' && (state != 'Z' || threads > 1); }
};

/// From /proc/PID/stat.
Process process_of(pid_t pid);

std::vector<pid_t> all_processes();

/// Whose a process is: proc(5), "Uid:".
struct Uids {
  uid_t real = 0, effective = 0, saved = 0, files = 0;
  bool has(uid_t uid) const { return real == uid || effective == uid || saved == uid || files == uid; }
  bool are_all(uid_t uid) const { return real == uid && effective == uid && saved == uid && files == uid; }
};
/// Nothing when it is not there.
std::optional<Uids> uids_of(pid_t pid);

/// The children of the calling thread, zombies too; empty where the kernel does not tell
/// (CONFIG_PROC_CHILDREN).
std::vector<pid_t> own_children();

/// The first `limit` bytes of /proc/PID/NAME, empty when it cannot be read.
std::string read_proc(pid_t pid, const char* name, std::size_t limit);

}  // namespace ts::os
