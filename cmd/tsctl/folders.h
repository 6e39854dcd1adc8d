// The folders that a service needs, made and checked before anything runs.
//
// RUNTIME is ours for as long as we run: it is emptied at the start (of what a killed predecessor left) and
// at the end, but for what sessions need that go on. INVARIANT: only a folder that is empty or has our lock
// file is ever emptied.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "lib/base/layout.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::tsctl {

/// RUNTIME, locked against a second `tsctl up`; emptied when this goes, and removed if it was made here.
class RuntimeFolder {
 public:
  static Result<std::unique_ptr<RuntimeFolder>> take(const Layout& layout);
  /// With what everybody needs there, and nothing else but what is left of a predecessor whose sessions live.
  Result<> prepare(const Layout& layout);
  /// Sessions go on in it: until this is called with false, what they need stays there whatever becomes of
  /// us.
  void set_in_use(bool in_use) { in_use_ = in_use; }
  ~RuntimeFolder();
  RuntimeFolder(const RuntimeFolder&) = delete;
  RuntimeFolder& operator=(const RuntimeFolder&) = delete;

 private:
  RuntimeFolder(std::filesystem::path path, UniqueFd lock, bool made)
      : path_(std::move(path)), lock_(std::move(lock)), made_(made) {}

  std::filesystem::path path_;
  UniqueFd lock_;
  bool made_;
  bool in_use_ = false;
};

/// STATE with what each role keeps there. The system users exist already.
Result<> prepare_state(const Layout& layout);

/// May a process of this identity, which has no other rights, look names up below `folder`?
bool reachable(const std::filesystem::path& folder, uid_t uid, gid_t gid);

/// Writes a small file of ours, replacing what was there.
Result<> write_file(const std::filesystem::path& path, const std::string& text, mode_t mode);

}  // namespace ts::tsctl
