// What a run of tsprobe is to do, out of its command line: texts become numbers and are held to limits here.
#pragma once

#include <chrono>
#include <string>

#include "lib/base/result.h"
#include "lib/net/dial.h"
#include "lib/rdp/connector.h"
#include "lib/rdp/secret.h"

namespace ts::probe {

/// How far a connection goes.
enum class Goal {
  kConnect,  // negotiation, TLS and MCS; no session is asked for
  kLogon,    // until the server tells that the user is logged on
  kPicture   // until the first picture, and the logon if there is a password
};

/// The command line as it was given.
struct Arguments {
  std::string server, user, domain, password_file, client_name = "tsprobe", cookie, routing_token;
  std::string size = "1024x768", until = "picture", screenshot;
  int depth = 32, timeout = 15, count = 1, parallel = 1, hold = 0;
  bool password_stdin = false, verify = false, json = false;
};

struct Plan {
  net::HostPort server;
  rdp::ConnectorOptions connector;
  std::string user, domain;
  rdp::Secret password;
  Goal goal = Goal::kPicture;
  std::chrono::seconds timeout{15};  // of each connection, to its goal
  std::chrono::seconds hold{0};      // how long it stays there
  bool verify = false;
  std::string screenshot;  // file, or empty
  int count = 1, parallel = 1;
  bool json = false;

  bool has_credentials() const { return !user.empty() && !password.empty(); }
};

/// Everything but the password, which read_password() gets. kUsage, with what to do.
[[nodiscard]] Result<Plan> make_plan(const Arguments& arguments);

/// The first line of the file or of standard input, whichever was named; empty when none was.
[[nodiscard]] Result<rdp::Secret> read_password(const Arguments& arguments);

}  // namespace ts::probe
