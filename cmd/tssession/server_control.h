// ts.Server, what changes it: whom the server takes in. Decides who may change that, and keeps it; what it means for a
// connection is the broker's (session::Closed).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "cmd/tssession/drain_file.h"
#include "lib/session/broker.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class ServerControl {
 public:
  struct Handlers {
    std::function<void(std::optional<session::Closed>)> close;
  };

  ServerControl(std::filesystem::path drain_file, Handlers handlers)
      : drain_file_(std::move(drain_file)), handlers_(std::move(handlers)) {}
  /// Its methods of the interface.
  varlink::Service::Handlers handlers();
  /// What was so before this process began is so again.
  [[nodiscard]] Result<> restore();

 private:
  enum class Drain { kOff, kOn, kUntilRestart };
  using CallPtr = std::shared_ptr<varlink::Call>;
  void handle_get_drain(const CallPtr& call);
  void handle_set_drain(const CallPtr& call);
  /// False: refused, and answered.
  static bool may_change(const CallPtr& call);
  Result<> set(Drain drain);
  void tell();

  DrainFile drain_file_;
  Handlers handlers_;
  Drain drain_ = Drain::kOff;
};

}  // namespace ts::tssession
