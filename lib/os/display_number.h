// A display number that is ours alone: the abstract socket of that name is bound (never listened on) for as
// long as this lives, which the kernel does for one process only and undoes when that ends. Xvfb's own search
// for a free number (-displayfd) lets two servers that start at once take the same.
#pragma once

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::display {

class DisplayNumber {
 public:
  /// The smallest free one; sockets of servers that died are removed on the way.
  static Result<DisplayNumber> reserve();
  DisplayNumber() = default;
  DisplayNumber(DisplayNumber&&) = default;
  DisplayNumber& operator=(DisplayNumber&& other) noexcept;
  /// Removes what a killed server left.
  ~DisplayNumber();

  int value() const { return value_; }

 private:
  DisplayNumber(int value, UniqueFd guard) : value_(value), guard_(std::move(guard)) {}
  int value_ = -1;
  UniqueFd guard_;
};

}  // namespace ts::display
