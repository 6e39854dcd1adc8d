// tsprobe: connects to an RDP server as a user would, and tells how it went: for monitoring, for load
// balancers' checks and as a load generator. See tsprobe(1).
#include <cstdio>
#include <cstdlib>
#include <list>

#include "cmd/tsprobe/haproxy.h"
#include "cmd/tsprobe/probe.h"
#include "cmd/tsprobe/summary.h"
#include "lib/cli/program.h"
#include "lib/cli/whole_file.h"
#include "lib/codec/png.h"

namespace {

using namespace ts;
using namespace ts::probe;

Arguments arguments;

/// As many connections as the plan says, so many at a time. `each` gets every finished one.
Result<> run_probes(const Plan& plan, const std::vector<net::TcpAddress>& addresses,
                    const std::function<void(const Probe&)>& each) {
  // Before the clock of the first connection starts.
  TS_TRY_ASSIGN(auto trusted, net::TrustedCertificates::of_system());
  net::Loop loop;
  std::list<std::unique_ptr<Probe>> running;
  int begun = 0;
  std::function<void()> begin = [&] {
    auto place = running.insert(running.end(), nullptr);
    ++begun;
    *place = std::make_unique<Probe>(loop, plan, trusted, addresses, [&, place] {
      each(**place);
      running.erase(place);
      if (begun < plan.count) begin();
      if (running.empty()) loop.stop();
    });
  };
  while (begun < plan.parallel) begin();
  loop.run();
  return {};
}

Result<> write_screenshot(const codec::ReceivedPicture& picture, const std::string& file) {
  TS_TRY_ASSIGN(auto view, picture.view());
  TS_TRY_ASSIGN(auto png, codec::encode_png(view));
  return cli::write_whole_file(file, png, 0600);  // somebody's screen
}

/// The one report, or none when there is no such host.
Result<Report> probe_once(const Plan& plan, const Result<std::vector<net::TcpAddress>>& addresses) {
  Report report;
  if (!addresses) {
    report.outcome = Outcome::kUnreachable;
    report.reason = addresses.error().message;
    return report;
  }
  Result<> written;
  TS_TRY(run_probes(plan, *addresses, [&](const Probe& probe) {
    report = probe.report();
    if (!plan.screenshot.empty() && report.outcome == Outcome::kOk)
      written = write_screenshot(probe.picture(), plan.screenshot);
  }));
  if (!written) return pass(written.error());
  return report;
}

int run_one(const Plan& plan, const Result<std::vector<net::TcpAddress>>& addresses) {
  auto report = probe_once(plan, addresses);
  if (!report) return cli::report("tsprobe", report.error());
  fmt::print("{}", plan.json ? report_json(plan.server, *report) : report_text(plan.server, *report));
  auto code = exit_code_of(report->outcome);
  if (code != cli::kDone) fmt::print(stderr, "tsprobe: {}\n", failure_text(plan.server, *report));
  return code;
}

int run_many(const Plan& plan, const std::vector<net::TcpAddress>& addresses) {
  Summary summary;
  auto begun = net::Clock::now();
  auto done =
      run_probes(plan, addresses, [&](const Probe& probe) { summary.add(plan.server, probe.report()); });
  if (!done) return cli::report("tsprobe", done.error());
  auto elapsed = std::chrono::duration_cast<Micros>(net::Clock::now() - begun);
  fmt::print("{}", plan.json ? summary.json(plan, elapsed) : summary.text(plan, elapsed));
  for (const auto& failure : summary.failures()) fmt::print(stderr, "tsprobe: {}\n", failure);
  return summary.exit_code();
}

int usage_error(const Error& error) {
  int code = cli::report("tsprobe", error);
  if (code == cli::kUsage) fmt::print(stderr, "Try 'tsprobe --help'.\n");
  return code;
}

int run(const cli::Context&) {
  auto plan = make_plan(arguments);
  if (!plan) return usage_error(plan.error());
  auto password = read_password(arguments);
  if (!password) return usage_error(password.error());
  plan->password = std::move(*password);
  auto addresses = net::resolve_tcp(plan->server);
  if (plan->count == 1) return run_one(*plan, addresses);
  if (!addresses) return cli::report("tsprobe", addresses.error());
  return run_many(*plan, *addresses);
}

cli::Program program() {
  cli::Command root{.run = run, .needs_config = false};
  root.options = {
      {"--user", "NAME", "who logs on", &arguments.user},
      {"--password-file", "FILE", "the password is the first line of this file", &arguments.password_file},
      {"--password-stdin", "", "or of standard input", &arguments.password_stdin},
      {"--domain", "NAME", "domain of the user", &arguments.domain},
      {"--until", "GOAL", "stop after connect, logon or picture [picture]", &arguments.until},
      {"--timeout", "SECONDS", "for each connection [15]", &arguments.timeout},
      {"--hold", "SECONDS", "stay connected so long once it is there [0]", &arguments.hold},
      {"--size", "WxH", "desktop to ask for [1024x768]", &arguments.size},
      {"--depth", "BITS", "8, 15, 16, 24 or 32 bits per pixel [32]", &arguments.depth},
      {"--screenshot", "FILE", "write the picture, once it stands still, as PNG", &arguments.screenshot},
      {"--verify", "", "fail if the system does not trust the certificate", &arguments.verify},
      {"--client-name", "NAME", "computer name to give [tsprobe]", &arguments.client_name},
      {"--cookie", "NAME", "user for load balancers to see [that of --user]", &arguments.cookie},
      {"--routing-token", "TEXT", "token for load balancers, instead of a cookie", &arguments.routing_token},
      {"--count", "N", "make N connections and sum them up [1]", &arguments.count},
      {"--parallel", "M", "so many at a time [1]", &arguments.parallel},
      {"--json", "", "print one JSON object", &arguments.json},
  };
  root.positionals = {{"HOST[:PORT]", "", "", &arguments.server, true}};
  return {.name = "tsprobe",
          .summary = "Connects to an RDP server as a user would and tells how it went.",
          .page = "tsprobe(1)",
          .root = root,
          .configured = false,
          .exit_status = "0 good, 1 refused, 2 usage, 4 absent, 7 timed out"};
}

}  // namespace

int main(int argc, char** argv) {
  auto given = from_haproxy({argv + 1, argv + argc}, std::getenv("HAPROXY_SERVER_ADDR") != nullptr);
  std::vector<char*> raw{argv[0]};
  for (auto& argument : given) raw.push_back(argument.data());
  raw.push_back(nullptr);
  return cli::run_program(program(), static_cast<int>(raw.size()) - 1, raw.data());
}
