#include "cmd/tsprobe/summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"

namespace ts::probe {
namespace {

using nlohmann::ordered_json;

double milliseconds(Micros time) {
  return static_cast<double>(time.count()) / 1000;
}

double seconds(Micros time) {
  return static_cast<double>(time.count()) / 1'000'000;
}

}  // namespace

void Summary::add(const net::HostPort& server, const Report& report) {
  ++outcomes_[static_cast<std::size_t>(report.outcome)];
  for (std::size_t i = 0; i < kMarks; ++i) {
    if (report.times[i]) times_[i].push_back(*report.times[i]);
  }
  auto code = exit_code_of(report.outcome);
  if (code == cli::kDone) return;
  ++failures_[failure_text(server, report)];
  if (exit_code_ == cli::kDone) exit_code_ = code;
}

Summary::Spread Summary::spread(std::vector<Micros> times) {
  std::ranges::sort(times);
  std::size_t half = times.size() / 2;
  Micros middle = times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2;
  return {times.front(), middle, times.back()};
}

std::vector<std::string> Summary::failures() const {
  std::vector<std::string> out;
  for (const auto& [text, count] : failures_)
    out.push_back(count == 1 ? "once: " + text : fmt::format("{} times: {}", count, text));
  return out;
}

std::string Summary::text(const Plan& plan, Micros elapsed) const {
  std::string out = fmt::format("{}: {} connections, {} at a time, in {:.2f} s ({:.1f} a second):",
                                log::escaped(server_text(plan.server)), plan.count, plan.parallel,
                                seconds(elapsed), plan.count / std::max(seconds(elapsed), 1e-6));
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (outcomes_[i] > 0) out += fmt::format(" {} {}", outcomes_[i], outcome_name(static_cast<Outcome>(i)));
  }
  out += fmt::format("\n  {:<11}{:>10}{:>10}{:>10}{:>10}\n", "REACHED", "COUNT", "MIN ms", "MEDIAN ms",
                     "MAX ms");
  for (std::size_t i = 0; i < kMarks; ++i) {
    if (times_[i].empty()) continue;
    Spread s = spread(times_[i]);
    out += fmt::format("  {:<11}{:>10}{:>10.1f}{:>10.1f}{:>10.1f}\n", mark_name(static_cast<Mark>(i)),
                       times_[i].size(), milliseconds(s.least), milliseconds(s.middle), milliseconds(s.most));
  }
  return out;
}

std::string Summary::json(const Plan& plan, Micros elapsed) const {
  ordered_json results, times;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    results[std::string(outcome_name(static_cast<Outcome>(i)))] = outcomes_[i];
  for (std::size_t i = 0; i < kMarks; ++i) {
    auto& entry = times[std::string(mark_name(static_cast<Mark>(i))) + "_us"];
    entry = nullptr;
    if (times_[i].empty()) continue;
    Spread s = spread(times_[i]);
    entry = {{"count", times_[i].size()},
             {"min", s.least.count()},
             {"median", s.middle.count()},
             {"max", s.most.count()}};
  }
  ordered_json out{{"server", server_text(plan.server)},
                   {"count", plan.count},
                   {"parallel", plan.parallel},
                   {"elapsed_us", elapsed.count()},
                   {"results", results},
                   {"failures", failures()},
                   {"times", times}};
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ts::probe
