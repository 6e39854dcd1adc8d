#include "cmd/tsquery/event_output.h"

#include <unistd.h>

#include <cerrno>

namespace ts::tsquery {
namespace {

constexpr std::size_t kWriteBytes = 32 * 1024;

/// Names as they are, but nothing that steers a terminal or turns the reading direction: control characters,
/// the second set of them, and the formatting characters of Unicode. (What was read is valid UTF-8.)
std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    std::size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    std::string_view letter = text.substr(i, size);
    i += size;
    bool control = c < 0x20 || c == 0x7f || (letter >= "\xc2\x80" && letter < "\xc2\xa0");
    // U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+061C, U+FEFF
    bool format = (letter >= "\xe2\x80\x8b" && letter <= "\xe2\x80\x8f") ||
                  (letter >= "\xe2\x80\xa8" && letter <= "\xe2\x80\xae") ||
                  (letter >= "\xe2\x81\xa0" && letter <= "\xe2\x81\xaf") || letter == "\xd8\x9c" ||
                  letter == "\xef\xbb\xbf";
    out += control || format ? "?" : letter;
  }
  return out;
}

/// Letters, not bytes: a terminal's columns as far as that goes without its font.
std::string padded(std::string text, std::size_t width) {
  std::size_t letters = 0;
  for (char c : text) letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  if (letters < width) text.append(width - letters, ' ');
  return text;
}

std::string row(std::string_view time, std::string_view event, std::string_view session,
                std::string_view user, std::string_view address, std::string_view detail) {
  std::string line = padded(printable(time), 23) + "  " + padded(printable(event), 15) + " " +
                     std::string(session.size() < 5 ? 5 - session.size() : 0, ' ') + std::string(session) +
                     "  " + padded(printable(user), 16) + "  " + padded(printable(address), 21) + "  " +
                     printable(detail);
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

/// What no column has: from which computer, instead of which, which role or limit, and why.
std::string detail_of(const events::Record& record) {
  std::string out;
  auto add = [&](std::string_view before, const std::string& text) {
    if (!text.empty()) out += fmt::format("{}{}{}", out.empty() ? "" : ", ", before, text);
  };
  add("", record.text("daemon"));
  add("", record.text("limit"));
  add("client ", record.text("client"));
  add("instead of ", record.text("replaced_client"));
  add("at ", record.text("replaced_address"));
  add("", record.text("mode"));
  add("at ", record.text("ends"));
  add("", record.text("reason"));
  return out;
}

}  // namespace

std::string event_titles() {
  return row("TIME (UTC)", "EVENT", "ID", "USER", "ADDRESS", "DETAILS");
}

std::string event_row(const events::Record& record) {
  // 2026-11-21T01:02:03.456789Z: to the millisecond.
  auto time = record.time.substr(0, 10) + " " + record.time.substr(11, 12);
  auto domain = record.text("domain");
  bool of_role = record.event == "role-started" || record.event == "role-stopped";
  auto detail = of_role ? record.role : detail_of(record);
  auto user = domain.empty() ? record.text("user") : domain + "\\" + record.text("user");
  return row(time, record.event, record.session ? std::to_string(*record.session) : "", user,
             record.text("address"), detail);
}

Result<> LineOutput::add(std::string_view line) {
  pending_.append(line) += '\n';
  return pending_.size() < kWriteBytes ? Result<>{} : flush();
}

Result<> LineOutput::flush() {
  for (std::size_t at = 0; at < pending_.size();) {
    ssize_t written = ::write(fd_, pending_.data() + at, pending_.size() - at);
    if (written >= 0)
      at += static_cast<std::size_t>(written);
    else if (errno == EPIPE)
      return fail(ErrorCode::kUnavailable, "nobody reads the output");
    else if (errno != EINTR)
      return fail_errno("the output cannot be written");
  }
  pending_.clear();
  return {};
}

}  // namespace ts::tsquery
