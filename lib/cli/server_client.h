// What tsctl asks of the server as a whole (ts.Server): typed, blocking, with messages that tell a person
// what to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/cli/program.h"
#include "lib/varlink/client.h"

namespace ts::cli {

class ServerClient {
 public:
  /// As SessionClient::connect.
  static Result<ServerClient> connect(const Context& context);

  struct Drain {
    std::string mode;                     // "off", "on" or "until-restart"
    std::optional<std::string> shutdown;  // RFC 3339, UTC: when all sessions end, if they do
  };
  Result<Drain> drain();
  Result<> set_drain(const std::string& mode);

  /// The listeners' addresses, HOST:PORT; none while no listener is there.
  Result<std::vector<std::string>> listening();

  struct End {
    std::string time;    // RFC 3339, UTC
    bool stops = false;  // the service is stopped, too
  };
  Result<End> shut_down(int delay_seconds);
  Result<> cancel_shutdown();

 private:
  explicit ServerClient(varlink::Client client) : client_(std::move(client)) {}

  varlink::Client client_;
};

}  // namespace ts::cli
