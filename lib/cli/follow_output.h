// Standard output of a command that goes on until it is told to stop: by SIGINT or SIGTERM, or by whoever
// read it having gone, which is noticed at once and not only at the next line. Owns the signals from open()
// on; blocks.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::cli {

class FollowOutput {
 public:
  static Result<FollowOutput> open();

  enum class Waited { kReadable, kTimedOut, kOver };
  /// Until `fd` can be read; without a timeout as long as that takes.
  Result<Waited> wait(int fd, std::optional<std::chrono::milliseconds> timeout = {});
  /// Whole lines; false: over, nobody needs more of them.
  Result<bool> write(std::string_view lines);

 private:
  explicit FollowOutput(UniqueFd signals) : signals_(std::move(signals)) {}

  UniqueFd signals_;
};

}  // namespace ts::cli
