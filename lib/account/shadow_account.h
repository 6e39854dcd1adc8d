// Why an account of the system's shadow file is kept out. PAM's modules know it, but Debian's configuration
// turns what they say into one "no"; whoever has given the right password may hear the reason.
#pragma once

#include <optional>
#include <string>

#include "lib/session/logon_messages.h"

namespace ts::account {

/// kAccountExpired (shadow(5): the expiration date has come) or nothing. Only root can read it; blocks on the
/// name service.
std::optional<session::Notice> expired_account(const std::string& user);

/// kAccountLocked when the account's password is locked (passwd -l, usermod -L) and would be this one.
std::optional<session::Notice> locked_account(const std::string& user, const std::string& password);
/// The same for whoever needs no password; an account that never had one is not locked.
std::optional<session::Notice> locked_account(const std::string& user);

}  // namespace ts::account
