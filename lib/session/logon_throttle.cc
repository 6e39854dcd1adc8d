#include "lib/session/logon_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace ts::session {

std::string source_of(std::string_view address) {
  auto colon = address.rfind(':');
  std::string host(colon == std::string_view::npos ? address : address.substr(0, colon));
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return host;
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0,    0,
                                                 0, 0, 0, 0, 0xff, 0xff};  // [RFC4291] 2.5.5.2
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return ::inet_ntop(AF_INET, bytes.data() + kMapped.size(), text.data(), text.size());
  }
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return std::string(::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size())) + "/64";
}

LogonThrottle::Entry& LogonThrottle::entry_of(Entries& entries, const std::string& key, TimePoint now) {
  auto found = entries.find(key);
  if (found == entries.end() && entries.size() >= kMostEntries) {
    std::erase_if(entries, [&](const auto& entry) { return now - entry.second.last > kForget; });
    if (entries.size() >= kMostEntries) {
      entries.erase(std::min_element(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
      }));
    }
  }
  Entry& entry = entries[key];
  if (now - entry.last > kForget) entry = {};
  return entry;
}

TimePoint LogonThrottle::reserve(Entry& entry, const Rule& rule, TimePoint now) {
  TimePoint at = std::max(now, entry.next);
  ++entry.attempts;
  entry.last = now;
  if (entry.attempts < rule.free) return at;
  auto pause = std::chrono::seconds(1) * (1 << std::min(entry.attempts - rule.free, 10U));
  // Who leaves before it is their turn leaves no longer queue behind than who stays.
  entry.next = std::min(at + std::min<std::chrono::seconds>(pause, rule.longest), now + 2 * kSource.longest);
  return at;
}

std::chrono::milliseconds LogonThrottle::attempt(std::string_view user, std::string_view address,
                                                 TimePoint now) {
  TimePoint source = reserve(entry_of(sources_, source_of(address), now), kSource, now);
  TimePoint account = reserve(entry_of(users_, std::string(user), now), kUser, now);
  Entry& pair = entry_of(pairs_, pair_of(user, address), now);
  pair.last = now;
  if (++pair.attempts <= kFirst) account = std::min<TimePoint>(account, now + kUser.longest);
  return delay_of(std::max(source, account) - now);
}

std::chrono::milliseconds LogonThrottle::delay_of(TimePoint::duration wait) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::min<TimePoint::duration>(wait, kSource.longest));
}

std::string LogonThrottle::pair_of(std::string_view user, std::string_view address) {
  return source_of(address) + '\n' + std::string(user);
}

void LogonThrottle::succeeded(std::string_view user, std::string_view address) {
  users_.erase(std::string(user));
  pairs_.erase(pair_of(user, address));
  forgive_source(address);
}

std::chrono::milliseconds LogonThrottle::attempt_cookie(std::optional<SessionId> session,
                                                        std::string_view address, TimePoint now) {
  TimePoint at = reserve(entry_of(sources_, source_of(address), now), kSource, now);
  if (session) at = std::max(at, reserve(entry_of(sessions_, std::to_string(*session), now), kUser, now));
  return delay_of(at - now);
}

void LogonThrottle::cookie_succeeded(SessionId session, std::string_view address) {
  sessions_.erase(std::to_string(session));
  forgive_source(address);
}

void LogonThrottle::forgive_source(std::string_view address) {
  auto source = sources_.find(source_of(address));
  if (source == sources_.end()) return;
  if (source->second.attempts > 0) --source->second.attempts;
  if (source->second.attempts < kSource.free) source->second.next = {};
}

}  // namespace ts::session
