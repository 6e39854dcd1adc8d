// What is said to people in front of sessions: how long it may be, and to everybody at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/cli/program.h"

namespace ts::tsctl {

/// kUsage when `what` ("TEXT") is empty or longer than is ever shown.
[[nodiscard]] Result<> check_text(const char* what, const std::string& text);
/// kUsage when `what` has more characters than `most`.
[[nodiscard]] Result<> check_length(const char* what, const std::string& text, std::size_t most);

/// Shows all who are logged on a message, which closes by itself after `seconds` (0: it stays). What fails is
/// told on standard error, session by session: nothing depends on it.
void tell_everybody(const cli::Context& context, const std::string& text, std::uint32_t seconds);

}  // namespace ts::tsctl
