#include "lib/net/folder_watcher.h"

#include <uv.h>

namespace ts::net {

void FolderWatcher::Close::operator()(uv_fs_event_s* handle) const noexcept {
  handle->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_fs_event_t*>(closed); });
}

FolderWatcher::FolderWatcher(Loop& loop, std::function<void()> callback)
    : handle_(new uv_fs_event_t), callback_(std::move(callback)) {
  uv_fs_event_init(loop.uv(), handle_.get());  // cannot fail: it only fills in the structure
  handle_->data = this;
}

Result<std::unique_ptr<FolderWatcher>> FolderWatcher::open(Loop& loop, const std::filesystem::path& folder,
                                                           std::function<void()> callback) {
  std::unique_ptr<FolderWatcher> watcher(new FolderWatcher(loop, std::move(callback)));
  int status = uv_fs_event_start(
      watcher->handle_.get(),
      [](uv_fs_event_t* handle, const char*, int, int) {
        auto* self = static_cast<FolderWatcher*>(handle->data);
        if (self == nullptr) return;
        auto callback = self->callback_;  // the owner may go while it runs
        callback();
      },
      folder.c_str(), 0);
  if (status != 0) return fail_errno(fmt::format("watching '{}'", folder.native()), -status);
  return watcher;
}

}  // namespace ts::net
