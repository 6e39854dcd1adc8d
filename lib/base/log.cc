#include "lib/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

namespace ts::log {
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

}  // namespace

void open(std::string_view program, Level level) {
  // A program that was started through a descriptor would otherwise be known as that number in ps.
  ::prctl(PR_SET_NAME, std::string(program).c_str());
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
  // UTC: a sandboxed process has no /etc/localtime, and lines of several hosts are compared.
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %n[%P]: %v",
                                                                    spdlog::pattern_time_type::utc));
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
