#include "lib/config/keys.h"

#include "lib/config/limit_rules.h"
#include "lib/config/read_value.h"

namespace ts::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

template <typename T, typename Field>
Key one(std::string path, Field field, Kind<T> kind, std::string help) {
  auto read = [field, kind](const YAML::Node& node, Config& config) {
    return read_scalar(node, kind, static_cast<T&>(field(config)));
  };
  auto print = [field, kind](const Config& config) { return kind.print(field(const_cast<Config&>(config))); };
  return {std::move(path), std::move(help), read, print};
}

template <typename T, typename Field>
Key many(std::string path, Field field, Kind<T> kind, std::string help, std::size_t least = 1) {
  auto read = [field, kind, least](const YAML::Node& node, Config& config) {
    return read_list(node, kind, least, field(config));
  };
  auto print = [field, kind](const Config& config) {
    std::string out;
    for (const auto& value : field(const_cast<Config&>(config)))
      out += (out.empty() ? "" : ", ") + kind.print(value);
    return "[" + out + "]";
  };
  return {std::move(path), std::move(help), read, print};
}

Kind<std::string> security_layer() {
  return one_of<std::string>({{"tls", "tls"}});
}

Kind<std::string> screen_language() {
  return one_of<std::string>(
      {{"auto", "auto"}, {"en", "en"}, {"de", "de"}, {"fr", "fr"}, {"es", "es"}, {"ja", "ja"}});
}

Kind<AccountBackend> account_backend() {
  return one_of<AccountBackend>({{"pam", AccountBackend::kPam}, {"file", AccountBackend::kFile}});
}

Kind<Isolation> session_isolation() {
  return one_of<Isolation>({{"shared", Isolation::kShared}, {"private", Isolation::kPrivate}});
}

Kind<log::Level> log_level() {
  using log::Level;
  return one_of<Level>({{"debug", Level::kDebug},
                        {"info", Level::kInfo},
                        {"warning", Level::kWarning},
                        {"error", Level::kError}});
}

// A field of the configuration, as a function from the whole.
#define FIELD(member)            \
  [](Config & config) -> auto& { \
    return config.member;        \
  }

std::vector<Key> make_keys() {
  return {
      one("state", FIELD(layout.state), absolute_path(), "Folder of what outlives a restart."),
      one("runtime", FIELD(layout.runtime), absolute_path(),
          "Folder of sockets and what lives as long as the service."),
      many("listener.address", FIELD(listener.address), tcp_address(),
           "Where clients connect: numeric HOST:PORT; port 0 lets the kernel choose."),
      many("listener.security", FIELD(listener.security), security_layer(),
           "Security layers that clients may negotiate."),
      one("listener.certificate", FIELD(listener.certificate), absolute_path(),
          "PEM file with the chain, leaf first; empty: one is made on the first run."),
      one("listener.private_key", FIELD(listener.private_key), absolute_path(),
          "PEM file with the certificate's key."),
      one("listener.max_connections", FIELD(listener.max_connections), whole_number(1, 65535),
          "Connections at once, logged on or not."),
      one("listener.max_per_address", FIELD(listener.max_per_address), whole_number(0, 65535),
          "Connections at once from one address that have not logged on; 0: any number."),
      one("listener.handshake_timeout", FIELD(listener.handshake_timeout), duration(seconds(1), hours(1)),
          "Time from connecting to the client's credentials."),
      one("listener.key_log", FIELD(listener.key_log), absolute_path(),
          "TLS key log for protocol analysis in tests; who reads it can decrypt everything. Empty: none."),
      one("sessions.idle", FIELD(sessions.idle), whole_number(0, 1000),
          "Sessions that wait, ready for a connection."),
      one("sessions.max", FIELD(sessions.max), whole_number(1, 10000),
          "Sessions in all, without the console."),
      one("sessions.idle_lifetime", FIELD(sessions.idle_lifetime), duration(seconds(0), kLongestLimit),
          "Time after which a session that waits is replaced by a new one; 0: none is."),
      one("sessions.check_interval", FIELD(sessions.check_interval), duration(seconds(0), hours(24)),
          "How often sessions that wait are looked at, whether they still work; 0: never."),
      one("sessions.min_memory", FIELD(sessions.min_memory), byte_size(0, 1'000'000'000'000'000),
          "Memory that has to be available for another session to be started; 0: any."),
      one("sessions.max_logon", FIELD(sessions.max_logon), whole_number(1, 10000),
          "Connections that have not logged on yet."),
      one("sessions.per_user", FIELD(sessions.per_user), whole_number(0, 10000),
          "Sessions that one user may have and choose from; 0: any number."),
      one("sessions.logon_timeout", FIELD(sessions.logon_timeout), duration(seconds(5), hours(1)),
          "Time from connecting to the user's desktop."),
      many("sessions.allow", FIELD(sessions.allow), account_name(),
           "Users and @groups that may log on; empty: all.", 0),
      one("sessions.shell", FIELD(sessions.shell), any_text(),
          "Command that a session runs; empty: ~/.xsession, else /etc/X11/Xsession, else a window manager "
          "and a terminal."),
      one("sessions.auto_reconnect", FIELD(sessions.auto_reconnect), true_or_false(),
          "Whether a client that has lost its connection comes back by itself, without a password."),
      one("sessions.initial_program", FIELD(sessions.initial_program), true_or_false(),
          "Whether a client may ask for one program instead of the desktop."),
      one("sessions.isolation", FIELD(sessions.isolation), session_isolation(),
          "Whether a session sees others' processes and files in /tmp: shared or private (as root)."),
      one("sessions.max_size", FIELD(sessions.max_size), picture_size(200, 8192),
          "Largest desktop, in pixels."),
      one("sessions.end_timeout", FIELD(sessions.end_timeout), duration(seconds(1), hours(1)),
          "Time that programs have to end at logoff before they are killed."),
      one("sessions.display_uids", FIELD(sessions.display_uids), uid_range(),
          "User ids, used by nobody else, for the display servers; one a session, as root."),
      one("limits.idle", FIELD(limits.idle), duration(seconds(0), kLongestLimit),
          "Time that a connected session may be without a key or the mouse; 0: any."),
      one("limits.active", FIELD(limits.active), duration(seconds(0), kLongestLimit),
          "Time that a session may be connected; 0: any."),
      one("limits.disconnected", FIELD(limits.disconnected), duration(seconds(0), kLongestLimit),
          "Time after which a session that nobody is connected to is logged off; 0: never."),
      one("limits.action", FIELD(limits.action), limit_action(),
          "What happens after limits.idle and limits.active: disconnect or logoff."),
      one("limits.warning", FIELD(limits.warning), duration(seconds(0), hours(1)),
          "Time before that at which the session says so; 0: it does not."),
      one("limits.memory", FIELD(limits.memory), session_memory(),
          "Memory of a session, in bytes or with k, M or G; 0: any."),
      one("limits.cpu_weight", FIELD(limits.cpu_weight), whole_number(0, kMostWeight),
          "A session's part of the processors when there is not enough for all; 0: as the others, 100."),
      one("limits.tasks", FIELD(limits.tasks), whole_number(0, kMostTasks),
          "Processes and threads of a session; 0: any number."),
      {"limits.accounts", "Limits of some users and @groups, such as {for: [\"@staff\"], idle: 1h}.",
       [](const YAML::Node& node, Config& config) { return read_limit_rules(node, config.limits.accounts); },
       [](const Config& config) { return print_limit_rules(config.limits.accounts); }},
      one("accounts.backend", FIELD(accounts.backend), account_backend(),
          "Who knows the passwords: pam, or the file that tsctl passwd writes."),
      one("accounts.root", FIELD(accounts.root), true_or_false(), "Whether root may log on."),
      one("logon.banner", FIELD(logon.banner), lines_of_text(), "Text on the logon screen; empty: none."),
      one("logon.logo", FIELD(logon.logo), absolute_path(),
          "PNG file shown on the logon screen, up to 1024 pixels each way; empty: none."),
      one("logon.domain", FIELD(logon.domain), any_text(),
          "What the logon screen's domain field starts with; empty: there is no such field."),
      one("logon.language", FIELD(logon.language), screen_language(),
          "Language of the logon screen: auto (by the client's keyboard), en, de, fr, es or ja."),
      many("logon.keyboards", FIELD(logon.keyboards), keyboard_name(),
           "Keyboards to choose from on the logon screen besides the client's own and us: XKB names or "
           "Windows "
           "ids."),
      one("events.max_size", FIELD(events.max_size), byte_size(1'000, 1'000'000'000'000),
          "Size at which a role's event log is turned over."),
      one("events.keep", FIELD(events.keep), whole_number(0, 100),
          "Files of a role's events that are kept besides the newest."),
      one("log.level", FIELD(log_level), log_level(), "Least important messages that are logged."),
  };
}

#undef FIELD

}  // namespace

std::span<const Key> keys() {
  static const std::vector<Key> table = make_keys();
  return table;
}

std::pair<std::string, std::string> split_key(const std::string& path) {
  auto dot = path.rfind('.');
  if (dot == std::string::npos) return {"", path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

}  // namespace ts::config
