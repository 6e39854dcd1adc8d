// A display number that is ours alone, with the socket under which its X server is reached. Both names that X
// programs try are taken here, before there is a server: the abstract one is bound (never listened on) for as
// long as this lives, which the kernel does for one process only and undoes when that ends; the socket in
// /tmp/.X11-unix is bound and listened on, and handed to the server: what comes later finds it there, and in
// that sticky folder of root's only its owner may remove it.
//
// Anybody may create names in /tmp, bind abstract ones and fill the backlog of a socket. So nothing here
// waits, what is taken is passed over, and who takes all low numbers takes none of the 2^30 others: from
// those one is drawn by lot. X knows no largest number; only TCP, which our servers do not offer, ends at
// 59535.
#pragma once

#include <utility>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

class DisplayNumber {
 public:
  /// The smallest free one below 1000, else one by lot. Sockets behind which nobody listens are removed on
  /// the way where we may. /tmp/.X11-unix has to be there.
  [[nodiscard]] static Result<DisplayNumber> reserve();
  /// Removes the socket of a display whose holder was killed, if nobody serves or holds it.
  static void clear_after_death(int number);

  DisplayNumber() = default;
  DisplayNumber(DisplayNumber&&) = default;
  DisplayNumber& operator=(DisplayNumber&& other) noexcept;
  /// Removes the socket.
  ~DisplayNumber();

  int value() const { return value_; }
  /// The listening socket, for the server. While a copy is left here, programs that connect wait instead of
  /// failing.
  UniqueFd take_socket() { return std::move(listening_); }

 private:
  int value_ = -1;
  UniqueFd guard_;  // of the abstract name
  UniqueFd listening_;
};

}  // namespace ts::os
