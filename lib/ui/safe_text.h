// Text that somebody else wrote (PAM modules, clients, domains), made fit to be shown: what cannot be seen or
// would change how its surroundings read becomes visible, invalid UTF-8 becomes U+FFFD, the length is
// bounded. Pure. The result is plain text; nothing in this program interprets markup.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ts::ui {

struct CodePoint {
  char32_t value = 0xfffd;
  std::size_t bytes = 0;  // 0 only at the end
  bool valid = false;
};
/// The first one; an invalid byte counts as one of its own.
CodePoint next_code_point(std::string_view text);

/// C0, DEL, C1.
bool is_control(char32_t character);
/// Shows nothing itself, or changes the order or direction of what is around it.
bool is_invisible(char32_t character);

enum class Lines { kOne, kSeveral };  // whether a line feed is one, or becomes a space
/// At most `most` characters, the last "…" if there were more. White space at both ends goes.
std::string safe_text(std::string_view text, std::size_t most, Lines lines = Lines::kOne);

/// Puts texts in for {0}, {1} ...; each is isolated, so that one that reads from right to left does not
/// reorder the sentence around it.
std::string fill_in(std::string_view sentence, std::initializer_list<std::string_view> texts);

}  // namespace ts::ui
