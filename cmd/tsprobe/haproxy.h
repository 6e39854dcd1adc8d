// tsprobe as HAProxy's external check: there the command gets no options, but four arguments, "PROXY_ADDRESS
// PROXY_PORT SERVER_ADDRESS SERVER_PORT", and variables HAPROXY_... in its environment (HAProxy's
// configuration manual, "external-check command").
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ts::probe {

/// The arguments that tsprobe takes for those that HAProxy gave, perhaps behind a wrapper's options; the same
/// when they are not HAProxy's. Without an --until of the wrapper's the check ends before the logon, so that
/// it costs no session.
std::vector<std::string> from_haproxy(const std::vector<std::string>& arguments, bool haproxy_environment);

}  // namespace ts::probe
