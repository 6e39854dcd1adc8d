// Who is at the other end of a Unix socket (SO_PEERCRED), and what that allows.
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/base/result.h"

namespace ts::os {

struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// As of connect(2); later changes of the peer's identity do not show.
Result<Peer> peer_of(int unix_socket);

/// May see and steer all sessions: root, the account this process runs as, members of group `tsadmin`.
bool is_administrator(const Peer& peer);

/// The uid of a system user such as "tsd"; kNotFound when there is none.
Result<uid_t> uid_of_user(const std::string& name);

}  // namespace ts::os
