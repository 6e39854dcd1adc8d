#include "lib/events/event_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/events/event_log.h"

namespace ts::events {
namespace {

constexpr unsigned kOldestAge = 10'000;  // nobody keeps more files
constexpr std::size_t kMaxRoles = 64;
constexpr std::size_t kReadBytes = 64 * 1024;

Unexpected not_permitted(const std::filesystem::path& path) {
  return fail(ErrorCode::kNotPermitted, "the events in '{}' are for root and members of the group 'tsadmin'",
              path.native());
}

}  // namespace

Result<std::unique_ptr<RoleReader>> RoleReader::open(std::filesystem::path folder, From from) {
  std::unique_ptr<RoleReader> reader(new RoleReader(std::move(folder)));
  TS_TRY(reader->find_newer());
  if (from == From::kNow) reader->start_at_end();
  return reader;
}

Result<std::optional<RoleReader::File>> RoleReader::open_file(const std::filesystem::path& path) {
  File file;
  file.fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.fd && (errno == EACCES || errno == EPERM)) return not_permitted(path.parent_path());
  struct stat info {};
  if (!file.fd || ::fstat(file.fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  file.device = info.st_dev;
  file.inode = info.st_ino;
  return file;
}

/// Files that are newer than the last that we have. From the newest back: a file that is turned over
/// meanwhile is met a second time, never missed.
Result<> RoleReader::find_newer() {
  std::vector<File> newer;
  unsigned missing = 0;  // one may be, while files are renamed or since a crash in the middle of that
  auto same = [](const File& a, const File& b) { return a.device == b.device && a.inode == b.inode; };
  for (unsigned age = 0; age < kOldestAge; ++age) {
    TS_TRY_ASSIGN(auto file, open_file(file_path(folder_, age)));
    if (!file) {
      if (++missing > 1) break;
      continue;
    }
    if (!files_.empty() && same(files_.back(), *file)) break;
    if (!newer.empty() && same(newer.back(), *file)) continue;
    newer.push_back(std::move(*file));
  }
  for (auto file = newer.rbegin(); file != newer.rend(); ++file) files_.push_back(std::move(*file));
  return {};
}

void RoleReader::start_at_end() {
  if (files_.empty()) return;
  files_.erase(files_.begin(), files_.end() - 1);
  File& file = files_.front();
  struct stat info {};
  if (::fstat(file.fd.get(), &info) != 0 || info.st_size == 0) return;
  file.offset = static_cast<std::uint64_t>(info.st_size);
  char last = '\n';
  skipping_ = ::pread(file.fd.get(), &last, 1, static_cast<off_t>(file.offset - 1)) == 1 && last != '\n';
}

/// More bytes into the buffer. False: there are none.
bool RoleReader::fill() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  for (;;) {
    if (files_.empty() && (!find_newer() || files_.empty())) return false;
    File& file = files_.front();
    auto old = buffer_.size();
    buffer_.resize(old + kReadBytes);
    ssize_t got = ::pread(file.fd.get(), buffer_.data() + old, kReadBytes, static_cast<off_t>(file.offset));
    buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0) {
      file.offset += static_cast<std::uint64_t>(got);
      return true;
    }
    struct stat info {};
    if (got == 0 && ::fstat(file.fd.get(), &info) == 0 &&
        static_cast<std::uint64_t>(info.st_size) < file.offset) {
      file.offset = 0;  // somebody has emptied it
      continue;
    }
    // The end of a file is final once there is a newer one: what came between our two looks is read first.
    if (files_.size() == 1 && (!find_newer() || files_.size() == 1)) return false;
    std::byte more;
    if (::pread(files_.front().fd.get(), &more, 1, static_cast<off_t>(files_.front().offset)) == 1) continue;
    files_.pop_front();
    if (within_line()) ++broken_;
    buffer_.clear();
    skipping_ = false;
  }
}

std::optional<std::string> RoleReader::next_line() {
  for (;;) {
    auto end = buffer_.find('\n', consumed_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(consumed_, end - consumed_);
      consumed_ = end + 1;
      if (!std::exchange(skipping_, false)) return line;
      continue;
    }
    if (skipping_ || buffer_.size() - consumed_ > kMaxLine) {
      if (!std::exchange(skipping_, true)) ++broken_;
      consumed_ = buffer_.size();
    }
    if (!fill()) return std::nullopt;
  }
}

std::optional<Record> RoleReader::next() {
  while (auto line = next_line()) {
    if (line->empty()) continue;  // ends a line that was torn
    if (line->size() <= kMaxLine) {
      if (auto record = parse_line(*line)) return record;
    }
    ++broken_;
  }
  return std::nullopt;
}

Result<EventReader> EventReader::open(std::filesystem::path folder, RoleReader::From from) {
  EventReader reader(std::move(folder));
  TS_TRY(reader.add_roles(from));
  return reader;
}

Result<> EventReader::add_roles(RoleReader::From from) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_, error), end;
  if (error == std::errc::permission_denied) return not_permitted(folder_);
  if (error)
    return fail(ErrorCode::kNotFound,
                "there are no events in '{}': {}; 'tsctl up' starts a service, --state names its folder",
                folder_.native(), error.message());
  for (; entry != end && roles_.size() < kMaxRoles; entry.increment(error)) {
    if (error) break;
    auto role = entry->path().filename().string();
    if (!std::filesystem::is_directory(entry->symlink_status(error)) || roles_.contains(role)) continue;
    TS_TRY_ASSIGN(auto reader, RoleReader::open(entry->path(), from));
    roles_.emplace(role, Source{std::move(reader), std::nullopt});
  }
  return {};
}

std::optional<Record> EventReader::next() {
  Source* first = nullptr;
  for (auto& [role, source] : roles_) {
    if (!source.head) source.head = source.reader->next();
    if (source.head && (first == nullptr || source.head->time < first->head->time)) first = &source;
  }
  if (first == nullptr) return std::nullopt;
  return std::exchange(first->head, std::nullopt);
}

std::vector<std::filesystem::path> EventReader::folders() const {
  std::vector<std::filesystem::path> out;
  for (const auto& [role, source] : roles_) out.push_back(source.reader->folder());
  return out;
}

std::vector<EventReader::Broken> EventReader::take_broken(bool at_end) {
  std::vector<Broken> out;
  for (auto& [role, source] : roles_) {
    auto lines = source.reader->take_broken() + (at_end && source.reader->within_line() ? 1 : 0);
    if (lines > 0) out.push_back({source.reader->folder(), lines});
  }
  return out;
}

}  // namespace ts::events
