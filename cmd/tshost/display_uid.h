// One uid for one session's display server and tsdisplay, from a configured range: a user who breaks their
// display server gains that uid and nothing of another session.
#pragma once

#include <sys/types.h>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/config/config.h"

namespace ts::host {

/// Holds the uid for as long as it lives, against every other host on this machine.
struct DisplayUid {
  uid_t uid = 0;
  UniqueFd claim;
};

/// The first uid, counted from the session's own place in the range, that no process runs under and nobody
/// claims.
[[nodiscard]] Result<DisplayUid> claim_display_uid(const config::UidRange& range, std::uint32_t session_id);

}  // namespace ts::host
