// A picture of the desktop as it was at one moment, in a memory file that nobody can change or cut any more
// (sealed): it may be handed to whoever may see that moment, who sees nothing of what comes later. tsdisplay
// makes it, so that its memory counts as the session's; whoever is handed one checks first what it is.
#pragma once

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/display/display_messages.h"
#include "lib/display/framebuffer.h"
#include "lib/display/server.h"

namespace ts::display {

struct Snapshot {
  UniqueFd file;
  Geometry geometry;  // rows without gaps, from the file's start
};

/// Copies `size` pixels of the framebuffer. kMalformed when they do not fit into it.
[[nodiscard]] Result<Snapshot> take_snapshot(int framebuffer, const FramebufferLayout& layout, Size size);

/// Opens one that came from a stranger: kMalformed when it is no memory file, could still change, or does not
/// hold what the numbers say. Reading the view then neither faults nor waits.
[[nodiscard]] Result<FramebufferView> view_snapshot(const Snapshot& snapshot);

}  // namespace ts::display
