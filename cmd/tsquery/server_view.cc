#include "cmd/tsquery/server_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cmd/tsquery/process_view.h"
#include "lib/cli/text.h"

namespace ts::tsquery {
namespace {

using nlohmann::json;

const json& field(const json& row, const char* name) {
  static const json none = nullptr;
  auto found = row.find(name);
  return found == row.end() ? none : *found;
}

std::string text_or_none(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string bytes_or_none(const json& value) {
  return value.is_null() ? "-" : size_text(value.get<std::uint64_t>());
}

std::string milliseconds_or_none(const json& value) {
  return value.is_null() ? "-" : fmt::format("{:.1f}ms", value.get<double>() / 1000);
}

/// Lines of one metric: what it is, then its samples.
class Metric {
 public:
  Metric(std::string& out, const char* name, const char* type, const char* help) : out_(out), name_(name) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  Metric& sample(std::uint64_t value) {
    out_ += fmt::format("{} {}\n", name_, value);
    return *this;
  }
  Metric& sample(const char* label, const std::string& of, std::uint64_t value) {
    out_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name_, label, label_text(of), value);
    return *this;
  }
  void samples(const char* label, const json& counts) {
    for (const auto& count : counts) sample(label, count.at("label"), count.at("value"));
  }

 private:
  std::string& out_;
  const char* name_;
};

void add_up(std::string& out, bool manager, bool spawner, bool listener) {
  Metric up(out, "ts_up", "gauge", "Whether the role works (1) or not (0).");
  up.sample("role", "tssession", manager ? 1 : 0);
  if (!manager) return;
  up.sample("role", "tsspawn", spawner ? 1 : 0).sample("role", "tsd", listener ? 1 : 0);
}

void add_listener(std::string& out, const json& listener) {
  Metric(out, "ts_connections", "gauge", "Clients that are connected, logged on or not.")
      .sample(listener.at("connections"));
  Metric(out, "ts_connections_accepted_total", "counter", "Connections that the listener has accepted.")
      .sample(listener.at("accepted"));
  Metric(out, "ts_received_bytes_total", "counter", "Bytes received from clients.")
      .sample(listener.at("received_bytes"));
  Metric(out, "ts_sent_bytes_total", "counter", "Bytes sent to clients and acknowledged.")
      .sample(listener.at("sent_bytes"));
}

}  // namespace

std::string label_text(const std::string& value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string connection_table(const std::vector<json>& connections) {
  cli::Table table({{"peer", 21},
                    {"id", 5, true},
                    {"username", 12},
                    {"security", 8},
                    {"cipher", 22},
                    {"in", 7, true},
                    {"out", 7, true},
                    {"rtt", 8, true},
                    {"since", 20},
                    {"connection", 32}});
  for (const auto& row : connections)
    table.add({row.at("peer_address"), text_or_none(field(row, "session_id")), row.at("user"),
               text_or_none(field(row, "security")), text_or_none(field(row, "cipher")),
               bytes_or_none(field(row, "received_bytes")), bytes_or_none(field(row, "sent_bytes")),
               milliseconds_or_none(field(row, "round_trip_us")), text_or_none(field(row, "since")),
               row.at("id")});
  return table.text();
}

std::string metrics_text(const json& metrics) {
  std::string out;
  const json& listener = field(metrics, "listener");
  add_up(out, true, metrics.at("spawner"), !listener.is_null());
  Metric uptime(out, "ts_uptime_seconds", "gauge", "Seconds since the role's process began.");
  uptime.sample("role", "tssession", metrics.at("uptime_seconds"));
  if (!listener.is_null()) uptime.sample("role", "tsd", listener.at("uptime_seconds"));
  Metric(out, "ts_sessions", "gauge", "Sessions by state, the console included.")
      .samples("state", metrics.at("sessions"));
  Metric(out, "ts_sessions_max", "gauge", "The configured limit of sessions, without the console.")
      .sample(metrics.at("sessions_max"));
  Metric(out, "ts_sessions_idle_ready", "gauge", "Sessions that the next connections find ready.")
      .sample(metrics.at("idle_ready"));
  Metric(out, "ts_sessions_idle_wanted", "gauge", "The configured number of sessions to keep ready.")
      .sample(metrics.at("idle_wanted"));
  Metric(out, "ts_logons_total", "counter", "Logons by how they went.")
      .samples("result", metrics.at("logons"));
  Metric refused(out, "ts_connections_refused_total", "counter",
                 "Connections that were refused, by the role.");
  refused.sample("role", "tssession", metrics.at("connections_refused"));
  if (!listener.is_null()) refused.sample("role", "tsd", listener.at("refused"));
  Metric listening(out, "ts_listening", "gauge", "Addresses on which connections are accepted.");
  for (const auto& address : metrics.at("addresses")) listening.sample("address", address, 1);
  if (!listener.is_null()) add_listener(out, listener);
  return out;
}

std::string metrics_without_manager() {
  std::string out;
  add_up(out, false, false, false);
  return out;
}

}  // namespace ts::tsquery
