// One line per event on stderr: `2026-11-21T01:02:03.456Z info tsd[17]: Client connected peer=...`.
// Who handles an error logs it, once; the pure folders (rdp, codec, session) return facts and log nothing.
// `error` needs a person, `warning` says what is ignored or retried, `info` is a rare milestone.
// To systemd's journal, which knows time and origin, only the level and the message go: `<6>Client connected
// peer=...`. Never credentials. Text from outside goes through escaped().
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace ts::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// Names this process in every line; call once, first thing in main().
void open(std::string_view program, Level level = Level::kInfo);
void set_level(Level level);
/// Standard error is systemd's journal.
bool to_journal();
void write(Level level, std::string_view message);

/// Printable form of untrusted text: control and non-ASCII bytes as \xNN, cut at `limit` bytes.
std::string escaped(std::string_view text, std::size_t limit = 200);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ts::log
