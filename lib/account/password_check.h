// The part that both back ends share: who may log on at all, and the password that `tsctl up` printed.
#pragma once

#include <optional>
#include <string>

#include "lib/account/logon.h"

namespace ts::account {

/// A verdict that ends the logon before any password is asked for: no password, or not the caller's own
/// account where the caller is not root. `ask_anyway` of such a user would tell nothing more.
std::optional<Verdict> refused_at_once(const Request& request);

/// Is it the password of `tsctl up` for this user? Trouble with the file is logged and is a no.
bool matches_up_password(const Options& options, const Request& request);

Verdict bad_credentials();

/// The account on this system if it may log on here (Options::allow), or bad credentials.
Verdict accepted(const Options& options, const std::string& user);

std::unique_ptr<Logon> make_file_logon(const Options& options);
std::unique_ptr<Logon> make_pam_logon(const Options& options);

}  // namespace ts::account
