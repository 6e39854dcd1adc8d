// Many connections in one: how many came to what, and the least, middle and largest times.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/tsprobe/report.h"

namespace ts::probe {

class Summary {
 public:
  void add(const net::HostPort& server, const Report& report);

  /// That of the first connection that failed; 0 when none did.
  cli::ExitCode exit_code() const { return exit_code_; }
  /// Each different failure once, with how often it was: "3 times: HOST: ...".
  std::vector<std::string> failures() const;
  std::string text(const Plan& plan, Micros elapsed) const;
  std::string json(const Plan& plan, Micros elapsed) const;

 private:
  struct Spread {
    Micros least, middle, most;
  };
  static Spread spread(std::vector<Micros> times);

  std::array<int, kOutcomes> outcomes_{};
  std::array<std::vector<Micros>, kMarks> times_;
  std::map<std::string, int> failures_;
  cli::ExitCode exit_code_ = cli::kDone;
};

}  // namespace ts::probe
