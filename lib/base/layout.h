// Where everything lives below the two folders that --state and --runtime move.
//
//   RUNTIME/tssession.sock   Varlink (ts.Session, ts.Logon); callers are known by SO_PEERCRED
//   RUNTIME/hosts.sock       SEQPACKET, hosts announce themselves to tssession (host_messages.h)
//   RUNTIME/tsspawn.sock     SEQPACKET, tssession and tsd ask tsspawn (spawn_messages.h)
//   RUNTIME/up.passwd        0600, `user:yescrypt` of the password that `tsctl up` printed
//   RUNTIME/empty/           what a stack sees as its root folder
//   STATE/pki/tsd/           certificate and private key of the listener, 0700
//   STATE/session/drain      there while tssession takes no new logons; the folder is tssession's, 0700
//   STATE/accounts/passwd    0600, the file account back end
//   STATE/events/ROLE/       a role's event log (lib/events): the role's own, read by group tsadmin
#pragma once

#include <filesystem>

namespace ts {

struct Layout {
  std::filesystem::path state;
  std::filesystem::path runtime;

  std::filesystem::path session_socket() const { return runtime / "tssession.sock"; }
  std::filesystem::path hosts_socket() const { return runtime / "hosts.sock"; }
  std::filesystem::path spawn_socket() const { return runtime / "tsspawn.sock"; }
  std::filesystem::path up_passwd() const { return runtime / "up.passwd"; }
  std::filesystem::path empty_root() const { return runtime / "empty"; }
  std::filesystem::path listener_pki() const { return state / "pki" / "tsd"; }
  std::filesystem::path manager_state() const { return state / "session"; }
  std::filesystem::path drain_file() const { return manager_state() / "drain"; }
  std::filesystem::path accounts_file() const { return state / "accounts" / "passwd"; }
  std::filesystem::path events() const { return state / "events"; }
  std::filesystem::path events_of(const char* role) const { return events() / role; }
};

}  // namespace ts
