// What a role does for itself when nobody has prepared its start, because it was started by hand: the folders
// it needs are made or checked, and one that was started as root goes on as its own account once it has what
// only root can get. Under `tsctl up` and systemd all of it is there already and none of this changes
// anything.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/layout.h"
#include "lib/base/result.h"

namespace ts::os {

/// RUNTIME, made if it is missing: for everybody to look names up in as root, else for the caller alone.
/// Refused where others could put their sockets in place of ours.
[[nodiscard]] Result<> prepare_runtime(const Layout& layout);

/// RUNTIME/empty, which stacks have as their root.
[[nodiscard]] Result<> prepare_empty_root(const Layout& layout);

/// As root: STATE/pki/tsd, made if it is missing, the account's alone.
[[nodiscard]] Result<> prepare_listener_pki(const Layout& layout, const std::string& account);

/// STATE/events/ROLE, made if it is missing: as root the account's of the same name, with group tsadmin as
/// its readers. What does not work is no error: a role serves without events, too.
void prepare_events(const Layout& layout, const std::string& role);

/// As root: from now on the process is this account's, for good, and gains no rights by what it starts.
/// Otherwise nothing happens.
[[nodiscard]] Result<> become_account(const std::string& account);

/// As many descriptors as we may have: the usual 1,024 are for programs that use select().
void raise_descriptor_limit();

}  // namespace ts::os
