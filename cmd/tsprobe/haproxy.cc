#include "cmd/tsprobe/haproxy.h"

#include <algorithm>

namespace ts::probe {

std::vector<std::string> from_haproxy(const std::vector<std::string>& arguments, bool haproxy_environment) {
  constexpr std::size_t kGiven = 4;
  if (!haproxy_environment || arguments.size() < kGiven) return arguments;
  const std::string& host = arguments[arguments.size() - 2];
  const std::string& port = arguments.back();
  std::vector<std::string> out{"--until", "connect"};  // a later one replaces it
  out.insert(out.end(), arguments.begin(), arguments.end() - kGiven);
  std::string server = host.find(':') == host.npos ? host : "[" + host + "]";
  // Servers without a port of their own have 0 or a word there: then it is that of RDP.
  bool number =
      !port.empty() && port != "0" && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (number) server += ":" + port;
  out.push_back(server);
  return out;
}

}  // namespace ts::probe
