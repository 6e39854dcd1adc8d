// Xvfb as a session's display server. One screen of the largest size at 24 bits, no GLX (it would cost 50
// MB), no network and no abstract socket, no reset when the last client leaves. Cookie and framebuffer are
// memory files which the server reaches through its own /proc/self/fd: nothing secret has a name, nothing is
// left by a crash. It is handed its listening socket, and as root a /tmp of its own for the compiled keymap:
// what others create in the common one cannot keep it from starting.
//
// As root the server runs under the session's display uid with CAP_IPC_OWNER, because the user's
// shared-memory images (mode 0600) belong to somebody else.
#pragma once

#include "lib/display/server.h"

namespace ts::display {

/// Starts it; on_ready or on_exit follows from the loop. Also makes /tmp/.X11-unix where that is missing.
Result<std::unique_ptr<DisplayServer>> start_xvfb(net::Loop& loop, const ServerOptions& options,
                                                  DisplayServer::Handlers handlers);

}  // namespace ts::display
