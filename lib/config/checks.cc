#include "lib/config/checks.h"

#include <initializer_list>

namespace ts::config {
namespace {

/// The error stands where the first of the keys that was given stands; defaults are never at fault alone.
void complain(Findings& findings, std::initializer_list<const char*> keys, std::string text) {
  for (const char* key : keys) {
    auto found = findings.places.find(key);
    if (found == findings.places.end()) continue;
    findings.errors.push_back({found->second, fmt::format("{}: {}", key, text)});
    return;
  }
  findings.errors.push_back({{*keys.begin(), 0}, std::move(text)});
}

}  // namespace

void check_together(const Config& config, Findings& findings) {
  const auto& listener = config.listener;
  const auto& sessions = config.sessions;
  if (!listener.certificate.empty() && listener.private_key.empty()) {
    complain(findings, {"listener.certificate"}, "the certificate needs its key in listener.private_key");
  }
  if (listener.certificate.empty() && !listener.private_key.empty()) {
    complain(findings, {"listener.private_key"}, "the key needs its certificate in listener.certificate");
  }
  if (sessions.idle > sessions.max) {
    complain(
        findings, {"sessions.idle", "sessions.max"},
        fmt::format("{} idle sessions are more than sessions.max, which is {}", sessions.idle, sessions.max));
  }
  std::uint64_t uids = std::uint64_t{sessions.display_uids.last} - sessions.display_uids.first + 1;
  std::uint64_t needed = std::uint64_t{sessions.max} + 1;  // the console has one, too
  if (uids < needed) {
    complain(findings, {"sessions.display_uids", "sessions.max"},
             fmt::format("{} display user ids are too few for sessions.max, which is {}: {} are needed", uids,
                         sessions.max, needed));
  }
}

}  // namespace ts::config
