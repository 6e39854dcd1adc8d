// Whether new logons are refused, over restarts of this process: a file that is there or not. Small and rare,
// so it blocks.
#pragma once

#include <filesystem>

#include "lib/base/result.h"

namespace ts::tssession {

class DrainFile {
 public:
  explicit DrainFile(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] Result<bool> is_there() const;
  [[nodiscard]] Result<> make() const;
  [[nodiscard]] Result<> remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace ts::tssession
