#include "lib/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace ts::log {

// Not by JOURNAL_STREAM, which helpers, whose environment is made from nothing, do not have.
bool to_journal() {
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(STDERR_FILENO, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
      peer.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path))
    return false;
  return std::string_view(peer.sun_path, ::strnlen(peer.sun_path, sizeof peer.sun_path)) ==
         "/run/systemd/journal/stdout";
}

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The process that systemd itself has started: the journal knows its name (systemd.exec(5)).
bool is_service() {
  const char* pid = std::getenv("SYSTEMD_EXEC_PID");
  return pid && std::to_string(::getpid()) == pid;
}

/// The level as the journal wants it: "<N>" (sd-daemon(3)).
class LevelPrefix final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    int number = message.level == spdlog::level::err    ? LOG_ERR
                 : message.level == spdlog::level::warn ? LOG_WARNING
                 : message.level == spdlog::level::info ? LOG_INFO
                                                        : LOG_DEBUG;
    fmt::format_to(std::back_inserter(out), "<{}>", number);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<LevelPrefix>(); }
};

/// What comes before a message. The journal has the time itself.
const char* pattern() {
  if (!to_journal()) return "%Y-%m-%dT%H:%M:%S.%eZ %l %n[%P]: %v";
  return is_service() ? "%*%v" : "%*%n[%P]: %v";
}

}  // namespace

void open(std::string_view program, Level level) {
  // A program that was started through a descriptor would otherwise be known as that number in ps.
  ::prctl(PR_SET_NAME, std::string(program).c_str());
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
  // UTC: a sandboxed process has no /etc/localtime, and lines of several hosts are compared.
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LevelPrefix>('*').set_pattern(pattern());
  logger->set_formatter(std::move(formatter));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  set_level(level);
}

void set_level(Level level) {
  spdlog::set_level(to_spdlog(level));
}

void write(Level level, std::string_view message) {
  spdlog::log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

std::string escaped(std::string_view text, std::size_t limit) {
  std::string out;
  for (char c : text.substr(0, limit)) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && byte != '\\')
      out += c;
    else
      out += fmt::format("\\x{:02x}", byte);
  }
  if (text.size() > limit) out += "...";
  return out;
}

}  // namespace ts::log
