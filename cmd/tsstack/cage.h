// The cage of a stack, and the two descriptors that tsspawn starts it with. Everything that tsstack is kept
// from is kept from it here; tests/e2e/cage_probe.cc enters the same cage and tries its walls.
#pragma once

#include "lib/base/result.h"

namespace ts::stack {

inline constexpr int kControlFd = 3;    // SEQPACKET, to tsd
inline constexpr int kEmptyRootFd = 4;  // the empty folder that becomes the root, or not there

/// Irreversible (os::enter_sandbox). The empty folder's descriptor is closed afterwards.
[[nodiscard]] Result<> enter_cage();

}  // namespace ts::stack
