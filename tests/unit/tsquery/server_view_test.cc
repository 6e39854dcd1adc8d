// Connections and figures as they are shown.
#include "cmd/tsquery/server_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace ts::tsquery {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json some_metrics() {
  return {{"uptime_seconds", 12},
          {"spawner", true},
          {"addresses", {"127.0.0.1:3389"}},
          {"sessions", {{{"label", "Idle"}, {"value", 2}}, {{"label", "Active"}, {"value", 1}}}},
          {"idle_ready", 2},
          {"idle_wanted", 2},
          {"sessions_max", 200},
          {"logons", {{{"label", "success"}, {"value", 3}}, {{"label", "bad_credentials"}, {"value", 1}}}},
          {"connections_refused", 4},
          {"listener",
           {{"uptime_seconds", 11},
            {"accepted", 9},
            {"refused", 5},
            {"received_bytes", 1000},
            {"sent_bytes", 123456789012},
            {"connections", 1}}}};
}

TEST(Metrics, AreInPrometheusTextFormat) {
  auto text = metrics_text(some_metrics());
  for (const char* line :
       {"# TYPE ts_up gauge\nts_up{role=\"tssession\"} 1\nts_up{role=\"tsspawn\"} 1\nts_up{role=\"tsd\"} 1\n",
        "\nts_sessions{state=\"Idle\"} 2\nts_sessions{state=\"Active\"} 1\n",
        "# TYPE ts_logons_total counter\nts_logons_total{result=\"success\"} 3\n",
        "\nts_connections_refused_total{role=\"tssession\"} 4\nts_connections_refused_total{role=\"tsd\"} "
        "5\n",
        "\nts_listening{address=\"127.0.0.1:3389\"} 1\n", "\nts_connections 1\n",
        "\nts_connections_accepted_total 9\n", "\nts_sent_bytes_total 123456789012\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_EQ(text.back(), '\n');
}

TEST(Metrics, WhatIsNotCountedIsNotShown) {
  auto metrics = some_metrics();
  metrics["listener"] = nullptr;
  metrics["spawner"] = false;
  auto text = metrics_text(metrics);
  EXPECT_THAT(text, HasSubstr("ts_up{role=\"tsspawn\"} 0\nts_up{role=\"tsd\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("bytes_total")));
  EXPECT_THAT(text, Not(HasSubstr("ts_uptime_seconds{role=\"tsd\"}")));
  EXPECT_THAT(metrics_without_manager(), testing::EndsWith("\nts_up{role=\"tssession\"} 0\n"));
}

TEST(Metrics, LabelsAreEscaped) {
  EXPECT_EQ(label_text("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
  auto metrics = some_metrics();
  metrics["addresses"] = {"x\"} 1\ny"};
  EXPECT_THAT(metrics_text(metrics), HasSubstr("ts_listening{address=\"x\\\"} 1\\ny\"} 1\n"));
}

TEST(Connections, WhatIsNotKnownIsADash) {
  json known = {{"id", std::string(32, 'a')},
                {"peer_address", "10.0.0.1:5"},
                {"session_id", 3},
                {"user", "ann\x1b"},
                {"security", "TLSv1.3"},
                {"cipher", "TLS_AES_256_GCM_SHA384"},
                {"received_bytes", 2048},
                {"sent_bytes", 5 << 20},
                {"round_trip_us", 1250},
                {"since", "2026-11-21T00:00:00Z"}};
  json other = {
      {"id", std::string(32, 'b')}, {"peer_address", "10.0.0.2:6"}, {"session_id", nullptr}, {"user", ""}};
  EXPECT_EQ(
      connection_table({known, other}),
      " PEER                      ID  USERNAME      SECURITY  CIPHER                       IN      OUT "
      "      RTT"
      "  SINCE                 CONNECTION\n"
      " 10.0.0.1:5                 3  ann?          TLSv1.3   TLS_AES_256_GCM_SHA384       2K     5.0M "
      "    1.2ms"
      "  2026-11-21T00:00:00Z  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
      " 10.0.0.2:6                 -                -         -                             -        -  "
      "       -"
      "  -                     bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
}

}  // namespace
}  // namespace ts::tsquery
