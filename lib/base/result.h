// Result<T>: a value or an Error. Everything that a peer, a file or a user can cause is returned this way;
// assert() is for our own invariants only, and nothing below main() throws on purpose or calls exit().
//
// Messages are lower case without a full stop, with values in 'quotes', made to be chained:
//   return error.with_context("reading the client info");   ->  "reading the client info: 3 bytes missing"
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ts {

enum class ErrorCode {
  kMalformed,     // a peer's bytes break the protocol
  kRefused,       // well-formed, but policy or state says no
  kNotPermitted,  // the caller may not
  kNotFound,      // no such session, file, user
  kUnavailable,   // a daemon or resource is not there (now)
  kTimedOut,
  kConfig,   // a configuration value
  kUsage,    // a command line
  kSystem,   // a system call failed: see error_number
  kInternal  // our fault
};

struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  int error_number = 0;  // errno where a system call failed, else 0

  Error with_context(std::string_view what) const& {
    return {code, fmt::format("{}: {}", what, message), error_number};
  }
};

template <typename T = void>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

template <typename... Args>
[[nodiscard]] Unexpected fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...), 0});
}

/// A failed system call: takes errno now and appends its text.
[[nodiscard]] Unexpected fail_errno(std::string_view what);
[[nodiscard]] Unexpected fail_errno(std::string_view what, int error_number);

/// Hands an error on, saying what was being done.
[[nodiscard]] inline Unexpected pass(const Error& error) {
  return Unexpected(error);
}
[[nodiscard]] inline Unexpected pass(const Error& error, std::string_view context) {
  return Unexpected(error.with_context(context));
}

}  // namespace ts

// TRY(expr): returns the error of a Result from the enclosing function; for Result<void> or an ignored value.
#define TS_TRY(expression)                                       \
  do {                                                           \
    if (auto ts_try_result = (expression); !ts_try_result)       \
      return ::tl::unexpected(std::move(ts_try_result).error()); \
  } while (false)

// TS_TRY_ASSIGN(auto x, expr): the value of a Result, or return its error from the enclosing function.
#define TS_CONCAT_(a, b) a##b
#define TS_CONCAT(a, b) TS_CONCAT_(a, b)
#define TS_TRY_ASSIGN_(temporary, target, expression)                    \
  auto temporary = (expression);                                         \
  if (!temporary) return ::tl::unexpected(std::move(temporary).error()); \
  target = std::move(*temporary)
#define TS_TRY_ASSIGN(target, expression) TS_TRY_ASSIGN_(TS_CONCAT(ts_try_, __LINE__), target, expression)
