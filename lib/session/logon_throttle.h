// How long an attempt to log on has to wait, so that guessing passwords is slow: by where it comes from and
// by whose account it is for. Pure: time comes in.
//
// An attempt counts as failed until it has succeeded. The first few are free; then the pauses double up to a
// bound, and what has to wait longer than the longest pause of an address waits that long, however many come
// at once. Those who guess at one account wait for each other; an address that has not guessed at it before
// waits no longer than the longest pause of an account, which is short: strangers, wherever they are and
// whether they stay for the answer or not, must not be able to keep its owner out.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/session/session_table.h"

namespace ts::session {

class LogonThrottle {
 public:
  struct Rule {
    unsigned free;                 // attempts without a pause
    std::chrono::seconds longest;  // pause between two attempts
  };
  static constexpr Rule kSource{20, std::chrono::seconds(30)};  // many people may share one address
  static constexpr Rule kUser{10, std::chrono::seconds(4)};  // several clients of one user may come at once
  static constexpr unsigned kFirst = 3;  // attempts at an account from an address that do not wait for others
  static constexpr std::chrono::minutes kForget{10};  // after the last attempt
  static constexpr std::size_t kMostEntries = 8192;   // of each kind; the oldest goes

  /// `address`: host:port of the client. Answers how long this attempt has to wait.
  std::chrono::milliseconds attempt(std::string_view user, std::string_view address, TimePoint now);
  /// It was right: that one does not count, and the user's own slips are forgotten.
  void succeeded(std::string_view user, std::string_view address);

  /// The same for a cookie instead of a password (lib/session/reconnect_cookie.h). `session`: that it is for;
  /// nothing: no such is there. Apart from passwords: strangers with cookies must not slow down those.
  std::chrono::milliseconds attempt_cookie(std::optional<SessionId> session, std::string_view address,
                                           TimePoint now);
  void cookie_succeeded(SessionId session, std::string_view address);

  /// How many addresses, accounts and sessions are remembered.
  std::size_t size() const { return sources_.size() + users_.size() + sessions_.size() + pairs_.size(); }

 private:
  struct Entry {
    unsigned attempts = 0;
    TimePoint last{};
    TimePoint next{};  // not before
  };
  using Entries = std::map<std::string, Entry>;
  static Entry& entry_of(Entries& entries, const std::string& key, TimePoint now);
  static std::chrono::milliseconds delay_of(TimePoint::duration wait);
  static std::string pair_of(std::string_view user, std::string_view address);
  static TimePoint reserve(Entry& entry, const Rule& rule, TimePoint now);

  void forgive_source(std::string_view address);

  Entries sources_, users_, sessions_;
  Entries pairs_;  // of an account and an address: attempts at the one from the other
};

/// Who an address belongs to: an IPv4 address, or the network of 64 bits that an IPv6 address is in.
std::string source_of(std::string_view address);

}  // namespace ts::session
