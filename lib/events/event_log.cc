#include "lib/events/event_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "lib/base/log.h"

namespace ts::events {
namespace {

constexpr mode_t kMode = 0640;  // the folder's group reads

/// Size of an open file that is still there under its name; nothing when somebody has removed it.
Result<std::optional<std::uint64_t>> size_of(int file) {
  struct stat info {};
  if (::fstat(file, &info) != 0) return fail_errno("looking at the file");
  if (info.st_nlink == 0) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

/// A crash may have torn the last line: the next one does not continue it.
bool ends_within_line(int file, std::uint64_t size) {
  char last = '\n';
  return size > 0 && ::pread(file, &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

}  // namespace

std::filesystem::path file_path(const std::filesystem::path& folder, unsigned age) {
  return folder / (age == 0 ? std::string("events.jsonl") : fmt::format("events.jsonl.{}", age));
}

void EventLog::write(const Event& event) {
  auto written = append(line_of(event, role_, std::chrono::system_clock::now()));
  if (written) {
    if (std::exchange(told_, false)) log::info("Events are written again folder={}", folder_.native());
    return;
  }
  file_.reset();
  if (!std::exchange(told_, true))
    log::warning("Events are lost until they can be written folder={} reason=\"{}\"", folder_.native(),
                 written.error().message);
}

void EventLog::write(Event event, log::Limited& gate) {
  unsigned kept_back = 0;
  if (!gate.admit(log::Limited::Clock::now(), kept_back)) return;
  event.skipped = kept_back;
  write(event);
}

Result<> EventLog::open() {
  auto path = file_path(folder_, 0);
  // O_NONBLOCK: whatever somebody has put there, we do not wait for it.
  file_.reset(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
  if (!file_) return fail_errno(fmt::format("opening '{}'", path.native()));
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return fail(ErrorCode::kRefused, "'{}' is not a file", path.native());
  // Whatever our umask is.
  if ((info.st_mode & 0777) != kMode && ::fchmod(file_.get(), kMode) != 0)
    return fail_errno(fmt::format("chmod '{}'", path.native()));
  return {};
}

Result<> EventLog::turn_over() {
  // What an earlier configuration kept beyond that goes, too.
  for (unsigned age = rotation_.keep + 1; ::unlink(file_path(folder_, age).c_str()) == 0;) ++age;
  for (unsigned age = rotation_.keep; age > 0; --age) {
    if (::rename(file_path(folder_, age - 1).c_str(), file_path(folder_, age).c_str()) != 0 &&
        errno != ENOENT)
      return fail_errno(fmt::format("renaming '{}'", file_path(folder_, age - 1).native()));
  }
  if (rotation_.keep == 0 && ::unlink(file_path(folder_, 0).c_str()) != 0)
    return fail_errno(fmt::format("removing '{}'", file_path(folder_, 0).native()));
  return open();
}

Result<> EventLog::append(const std::string& line) {
  if (!file_) TS_TRY(open());
  TS_TRY_ASSIGN(auto size, size_of(file_.get()));
  if (!size) {
    TS_TRY(open());
    size = 0;
  }
  if (*size > 0 && *size + line.size() > rotation_.max_size) {
    TS_TRY(turn_over());
    size = 0;
  }
  std::string text = ends_within_line(file_.get(), *size) ? "\n" + line : line;
  ssize_t written = ::write(file_.get(), text.data(), text.size());
  if (written < 0) return fail_errno("writing");
  if (static_cast<std::size_t>(written) == text.size()) return {};
  // Half a line helps nobody. If this fails, the next line begins with an end of line.
  (void)!::ftruncate(file_.get(), static_cast<off_t>(*size));
  return fail(ErrorCode::kSystem, "the disk is full");
}

}  // namespace ts::events
