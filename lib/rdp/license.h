// The licensing phase as far as a server without licensing needs it ([MS-RDPBCGR] 2.2.1.12): the error alert
// that says "valid client" and ends the phase at once.
#pragma once

#include "lib/base/bytes.h"

namespace ts::rdp {

/// LICENSE_VALID_CLIENT_DATA with its security header: 20 bytes, for the I/O channel.
void encode_valid_client(ByteWriter& writer);

}  // namespace ts::rdp
