// The sockets that a service listens on. The supervisor makes and holds them, so that a role that is started
// again finds them as they were, with whoever waits in their queues.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/layout.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::tsctl {

struct ListeningSocket {
  std::string name;  // as in LISTEN_FDNAMES
  UniqueFd fd;
};

/// Refuses, in words, a runtime folder below which a socket's path would be too long.
Result<> check_socket_paths(const Layout& layout);

/// "rdp" for each address, "tssession", "hosts", "tsspawn". The last is `spawn` where a tsspawn runs already.
Result<std::vector<ListeningSocket>> open_listeners(const Layout& layout,
                                                    const std::vector<std::string>& addresses,
                                                    UniqueFd spawn = {});

/// "HOST:PORT" of the first RDP listener as a client on this host dials it.
std::string dialled_address(const std::vector<ListeningSocket>& sockets);

/// "0.0.0.0:3389" -> "127.0.0.1:3389", "[::]:3389" -> "[::1]:3389", others as they are.
std::string as_dialled(const std::string& address);

}  // namespace ts::tsctl
