// What the client asks of the server's output: Refresh Rect and Suppress Output
// ([MS-RDPBCGR] 2.2.11.2, 2.2.11.3).
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

/// `body` of the data PDU: at most 255 rectangles of 8 bytes.
[[nodiscard]] Result<RefreshRect> decode_refresh_rect(ByteView body);
/// `body` of the data PDU. The rectangle after an "allow" is not needed: everything is drawn again.
[[nodiscard]] Result<SuppressOutput> decode_suppress_output(ByteView body);

}  // namespace ts::rdp
