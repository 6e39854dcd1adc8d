// How tsquery shows this host's connections and figures. Pure: replies of ts.Server in, text out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ts::tsquery {

/// Of the rows of ts.Server.Connections.
std::string connection_table(const std::vector<nlohmann::json>& connections);

/// ts.Server.Metrics in Prometheus' text format 0.0.4.
std::string metrics_text(const nlohmann::json& metrics);
/// What is known when the session manager does not answer.
std::string metrics_without_manager();

/// A label's value with backslash, quote and line feed escaped.
std::string label_text(const std::string& value);

}  // namespace ts::tsquery
