#include "cmd/tsprobe/report.h"

#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/rdp/license.h"

namespace ts::probe {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, kOutcomes> kOutcomeNames{
    "ok", "redirected", "refused", "protocol_error", "unreachable", "timed_out"};
constexpr std::array<std::string_view, kMarks> kMarkNames{
    "tcp", "negotiated", "tls", "mcs", "joined", "licensed", "desktop", "logon", "picture", "end"};

ordered_json or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}
template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json certificate_json(const net::PeerCertificate& certificate) {
  return {{"subject", certificate.subject},         {"issuer", certificate.issuer},
          {"sha256", certificate.sha256},           {"not_before", certificate.not_before},
          {"not_after", certificate.not_after},     {"verified", certificate.verified},
          {"problem", or_null(certificate.problem)}};
}

ordered_json license_json(const rdp::LicensingDone& license) {
  return {{"outcome", license.refused ? "refused" : "valid_client"},
          {"requested", license.requested},
          {"code", license.error}};
}

ordered_json redirection_json(const rdp::Redirected& to) {
  return {{"session_id", to.session_id}, {"address", or_null(to.address)},
          {"fqdn", or_null(to.fqdn)},    {"netbios_name", or_null(to.netbios_name)},
          {"addresses", to.addresses},   {"load_balance_info", or_null(to.load_balance_info)},
          {"user", or_null(to.user)},    {"domain", or_null(to.domain)}};
}

std::string milliseconds(Micros time) {
  return fmt::format("{:.1f} ms", static_cast<double>(time.count()) / 1000);
}

std::string certificate_text(const net::PeerCertificate& certificate) {
  return fmt::format(
      "  certificate  {}, issued by {}\n               valid from {} to {}, {}\n  fingerprint  {}\n",
      log::escaped(certificate.subject), log::escaped(certificate.issuer), certificate.not_before,
      certificate.not_after, certificate.verified ? "verified" : "not verified: " + certificate.problem,
      certificate.sha256);
}

std::string license_text(const rdp::LicensingDone& license) {
  std::string text = rdp::license_error_text(license.error);
  if (license.requested) text += ", after the server had asked for one";
  return fmt::format("  licence      {}\n", text);
}

std::string redirection_text(const rdp::Redirected& to) {
  std::string text;
  for (const auto* part : {&to.fqdn, &to.address, &to.netbios_name}) {
    if (!part->empty()) text += (text.empty() ? "to " : ", ") + log::escaped(*part);
  }
  if (!to.load_balance_info.empty())
    text += fmt::format("{}token {}", text.empty() ? "" : ", ", log::escaped(to.load_balance_info));
  return fmt::format("  redirected   {}, session {}\n", text, to.session_id);
}

std::string times_text(const Report& report) {
  std::string text;
  for (std::size_t i = 0; i < kMarks - 1; ++i) {
    if (!report.times[i]) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kMarkNames[i], milliseconds(*report.times[i]));
  }
  return text.empty() ? "" : fmt::format("  reached at   {}\n", text);
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}
std::string_view mark_name(Mark mark) {
  return kMarkNames[static_cast<std::size_t>(mark)];
}

cli::ExitCode exit_code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
    case Outcome::kRedirected:
      return cli::kDone;
    case Outcome::kUnreachable:
      return cli::kUnreachable;
    case Outcome::kTimedOut:
      return cli::kTimedOut;
    default:
      return cli::kFailed;
  }
}

std::string server_text(const net::HostPort& server) {
  return server.host.find(':') == server.host.npos ? fmt::format("{}:{}", server.host, server.port)
                                                   : fmt::format("[{}]:{}", server.host, server.port);
}

std::string failure_text(const net::HostPort& server, const Report& report) {
  std::string code = report.code ? fmt::format(" (code 0x{:x})", *report.code) : "";
  return fmt::format("{}: {}{}", log::escaped(server_text(server)), log::escaped(report.reason), code);
}

std::string report_text(const net::HostPort& server, const Report& report) {
  auto end = report.times[static_cast<std::size_t>(Mark::kEnd)];
  std::string out = fmt::format("{}: {} after {}\n", log::escaped(server_text(server)),
                                outcome_name(report.outcome), milliseconds(end.value_or(Micros(0))));
  if (!report.tls_version.empty())
    out += fmt::format("  security     {} {}\n", report.tls_version, report.tls_cipher);
  if (report.certificate) out += certificate_text(*report.certificate);
  if (report.license) out += license_text(*report.license);
  if (report.redirected) out += redirection_text(*report.redirected);
  if (report.desktop)
    out += fmt::format("  desktop      {}x{} at {} bits\n", report.desktop->width, report.desktop->height,
                       report.desktop->depth);
  if (report.logon) {
    std::string session =
        report.logon->session_id ? fmt::format(" in session {}", *report.logon->session_id) : "";
    out += fmt::format("  logged on    {}{}\n",
                       report.logon->user.empty() ? "yes" : log::escaped(report.logon->user), session);
  }
  return out + times_text(report);
}

std::string report_json(const net::HostPort& server, const Report& report) {
  ordered_json times;
  for (std::size_t i = 0; i < kMarks; ++i) {
    times[std::string(kMarkNames[i]) + "_us"] =
        report.times[i] ? ordered_json(report.times[i]->count()) : ordered_json(nullptr);
  }
  ordered_json out{{"server", server_text(server)},
                   {"result", outcome_name(report.outcome)},
                   {"reason", or_null(report.reason)},
                   {"code", or_null(report.code)}};
  out["tls"] = report.tls_version.empty()
                   ? ordered_json(nullptr)
                   : ordered_json{{"version", report.tls_version}, {"cipher", report.tls_cipher}};
  out["certificate"] = report.certificate ? certificate_json(*report.certificate) : ordered_json(nullptr);
  out["license"] = report.license ? license_json(*report.license) : ordered_json(nullptr);
  out["redirection"] = report.redirected ? redirection_json(*report.redirected) : ordered_json(nullptr);
  out["desktop"] = nullptr;
  if (report.desktop) {
    out["desktop"] = {{"width", report.desktop->width},
                      {"height", report.desktop->height},
                      {"depth", report.desktop->depth},
                      {"reactivations", report.reactivations}};
  }
  out["logon"] = nullptr;
  if (report.logon) {
    out["logon"] = {{"user", or_null(report.logon->user)},
                    {"domain", or_null(report.logon->domain)},
                    {"session_id", or_null(report.logon->session_id)}};
  }
  out["times"] = times;
  // Names come from servers: what is not UTF-8 must not cost the whole answer.
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ts::probe
