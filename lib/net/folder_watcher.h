// Tells when something in a folder has changed: a file was written, made, renamed or removed. What it was is
// for the owner to find out: changes in quick succession may be told as one. By inotify, as libuv has it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "lib/net/loop.h"

struct uv_fs_event_s;

namespace ts::net {

class FolderWatcher {
 public:
  /// Fails when the folder is not there or may not be read. May be destroyed from inside its callback.
  static Result<std::unique_ptr<FolderWatcher>> open(Loop& loop, const std::filesystem::path& folder,
                                                     std::function<void()> callback);

 private:
  struct Close {
    void operator()(uv_fs_event_s* handle) const noexcept;
  };
  FolderWatcher(Loop& loop, std::function<void()> callback);

  std::unique_ptr<uv_fs_event_s, Close> handle_;
  std::function<void()> callback_;
};

}  // namespace ts::net
