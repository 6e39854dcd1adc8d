// What a connection came to: facts, and how they look as text and as JSON. Names and texts in it are the
// server's own words; nothing of them reaches a terminal unescaped.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/tsprobe/plan.h"
#include "lib/cli/exit_code.h"
#include "lib/net/tls.h"
#include "lib/rdp/connector_events.h"

namespace ts::probe {

enum class Outcome { kOk, kRedirected, kRefused, kProtocolError, kUnreachable, kTimedOut };
inline constexpr std::size_t kOutcomes = 6;
std::string_view outcome_name(Outcome outcome);  // "ok", "timed_out" ...
cli::ExitCode exit_code_of(Outcome outcome);

/// What was reached, in the order in which servers usually get there.
enum class Mark { kTcp, kNegotiated, kTls, kMcs, kJoined, kLicensed, kDesktop, kLogon, kPicture, kEnd };
inline constexpr std::size_t kMarks = 10;
std::string_view mark_name(Mark mark);  // "tcp" ...

using Micros = std::chrono::microseconds;

struct Report {
  Outcome outcome = Outcome::kOk;
  std::string reason;                 // a part of a sentence; empty when all is right
  std::optional<std::uint32_t> code;  // the server's: error info, negotiation failure, licence error
  std::array<std::optional<Micros>, kMarks> times;  // since the connection was begun
  std::string tls_version, tls_cipher;              // empty: not that far
  std::optional<net::PeerCertificate> certificate;
  std::optional<rdp::LicensingDone> license;
  std::optional<rdp::Redirected> redirected;
  std::optional<rdp::DesktopReady> desktop;  // the last
  std::optional<rdp::LoggedOn> logon;
  int reactivations = 0;
};

std::string server_text(const net::HostPort& server);
/// "127.0.0.1:3389: the server denied the connection (error info 0x7)".
std::string failure_text(const net::HostPort& server, const Report& report);

std::string report_text(const net::HostPort& server, const Report& report);
std::string report_json(const net::HostPort& server, const Report& report);

}  // namespace ts::probe
