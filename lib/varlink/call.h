// One call of a Varlink method that is to be answered, at once or later.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/os/peer.h"
#include "lib/varlink/interface.h"

namespace ts::varlink {

class Connection;

/// Shared by whoever is going to answer. When the last holder lets go of a call that was never answered, the
/// caller is told MethodNotImplemented, so that nobody waits for ever.
class Call {
 public:
  enum class Mode { kOnce, kMore, kOneway };

  /// Made by the service. `interface` and `method` live as long as the connection is open.
  Call(std::weak_ptr<Connection> connection, const Interface& interface, const Method& method,
       nlohmann::json parameters, Mode mode);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Checked against the interface definition already.
  const nlohmann::json& parameters() const { return *parameters_; }
  const os::Peer& peer() const { return peer_; }
  /// The connection, or nullptr when the caller is gone.
  std::shared_ptr<Connection> connection() const;
  /// The caller is still there and the last answer has not been given.
  bool open() const;
  bool more() const { return mode_ == Mode::kMore; }

  /// The last answer. Fails with kUnavailable when the caller is gone or does not read; with kInternal (and
  /// ends the connection) when it breaks the interface definition. Answers to a oneway call are dropped.
  Result<> reply();
  Result<> reply(const nlohmann::json& parameters, UniqueFd passed = {});
  /// One of several answers; only for a call with `more` (kRefused otherwise).
  Result<> reply_continues(const nlohmann::json& parameters, UniqueFd passed = {});
  /// `name` is an error of the call's own interface, "NoSuchSession", or one of org.varlink.service by full
  /// name.
  Result<> error(std::string_view name, const nlohmann::json& parameters);

 private:
  struct Answer {
    const Type* type = nullptr;  // that the parameters have to be of; none for errors of org.varlink.service
    std::string error;           // full name, or empty
    bool continues = false;
  };
  Result<> answer(const Answer& answer, const nlohmann::json& parameters, UniqueFd passed);

  std::weak_ptr<Connection> connection_;
  const Interface& interface_;
  const Method& method_;
  std::unique_ptr<nlohmann::json, void (*)(nlohmann::json*)> parameters_;
  os::Peer peer_;
  Mode mode_;
  bool answered_ = false;
};

}  // namespace ts::varlink
