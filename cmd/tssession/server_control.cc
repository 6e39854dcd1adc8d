#include "cmd/tssession/server_control.h"

#include <array>
#include <nlohmann/json.hpp>

#include "cmd/tssession/logon_service.h"
#include "lib/base/log.h"
#include "lib/os/peer.h"

namespace ts::tssession {
namespace {

constexpr std::array<std::string_view, 3> kDrainNames{"off", "on", "until_restart"};

}  // namespace

varlink::Service::Handlers ServerControl::handlers() {
  return {{"GetDrain", [this](CallPtr call) { handle_get_drain(call); }},
                                {"SetDrain", [this](CallPtr call) { handle_set_drain(call); }}};
}

Result<> ServerControl::restore() {
  TS_TRY_ASSIGN(bool there, drain_file_.is_there());
  if (!there) return {};
  drain_ = Drain::kOn;
  log::info("New logons are refused as before the start; 'tsctl drain off' lets them in");
  tell();
  return {};
}

bool ServerControl::may_change(const CallPtr& call) {
  if (refuse_stack(call)) return false;
  if (os::is_administrator(call->peer())) return true;
  (void)call->error("NotPermitted",
                    {{"message", "only root and members of the group 'tsadmin' may do that"}});
  return false;
}

void ServerControl::handle_get_drain(const CallPtr& call) {
  if (refuse_stack(call)) return;
  (void)call->reply({{"drain", {{"mode", kDrainNames.at(static_cast<std::size_t>(drain_))}}}});
}

void ServerControl::handle_set_drain(const CallPtr& call) {
  if (!may_change(call)) return;
  const auto& mode = call->parameters().at("drain").at("mode").get_ref<const std::string&>();
  auto name = std::find(kDrainNames.begin(), kDrainNames.end(), mode);
  if (auto done = set(static_cast<Drain>(name - kDrainNames.begin())); !done)
    return (void)call->error("Failed", {{"message", done.error().message}});
  log::info("New logons are {} as asked by uid={}", drain_ == Drain::kOff ? "taken" : "refused",
            call->peer().uid);
  (void)call->reply();
}

Result<> ServerControl::set(Drain drain) {
  TS_TRY(drain == Drain::kOn ? drain_file_.make() : drain_file_.remove());
  drain_ = drain;
  tell();
  return {};
}

void ServerControl::tell() {
  if (drain_ == Drain::kOff) return handlers_.close(std::nullopt);
  handlers_.close(session::Closed{.message = "new logons are refused for now (tsctl drain)"});
}

}  // namespace ts::tssession
