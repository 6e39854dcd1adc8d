#include "lib/os/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/os/users.h"

namespace ts::os {

Result<Peer> peer_of(int unix_socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(unix_socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail_errno("asking who the peer is");
  }
  return Peer{credentials.pid, credentials.uid, credentials.gid};
}

bool is_administrator(const Peer& peer) {
  if (peer.uid == 0 || peer.uid == ::geteuid()) return true;
  auto group = group_by_name("tsadmin");
  if (!group) return false;
  if (peer.gid == *group) return true;
  auto user = user_by_uid(peer.uid);
  if (!user) return false;
  auto groups = groups_of(*user);
  return std::find(groups.begin(), groups.end(), *group) != groups.end();
}

Result<uid_t> uid_of_user(const std::string& name) {
  TS_TRY_ASSIGN(auto user, user_by_name(name));
  return user.uid;
}

}  // namespace ts::os
