#include "cmd/tssession/server_control.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cmd/tssession/logon_service.h"
#include "cmd/tssession/session_rows.h"
#include "lib/base/log.h"
#include "lib/os/peer.h"
#include "lib/os/service.h"

namespace ts::tssession {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kDrainNames{"off", "on", "until_restart"};
constexpr std::int64_t kLongestDelay = 30 * 24 * 3600;  // seconds
/// On top of the time that programs have: their clients say good-bye.
constexpr std::chrono::seconds kEndExtra{10};

std::string asked_by(const std::shared_ptr<varlink::Call>& call) {
  return fmt::format("asked by uid {}", call->peer().uid);
}

}  // namespace

ServerControl::ServerControl(net::Loop& loop, std::filesystem::path drain_file,
                             std::chrono::milliseconds end_time, Handlers handlers)
    : drain_file_(std::move(drain_file)),
      end_time_(end_time),
      handlers_(std::move(handlers)),
      timer_(loop, [this] { on_time(); }) {}

varlink::Service::Handlers ServerControl::handlers() {
  return {{"GetDrain", [this](CallPtr call) { handle_get_drain(call); }},
          {"SetDrain", [this](CallPtr call) { handle_set_drain(call); }},
          {"Shutdown", [this](CallPtr call) { handle_shutdown(call); }},
          {"CancelShutdown", [this](CallPtr call) { handle_cancel_shutdown(call); }}};
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
  (void)call->reply({{"drain", {{"mode", kDrainNames.at(static_cast<std::size_t>(drain_))}}},
                     {"shutdown", shutdown_ == Shutdown::kNone ? json(nullptr) : json(ends_)}});
}

void ServerControl::handle_set_drain(const CallPtr& call) {
  if (!may_change(call)) return;
  const auto& mode = call->parameters().at("drain").at("mode").get_ref<const std::string&>();
  auto name = std::find(kDrainNames.begin(), kDrainNames.end(), mode);
  if (auto done = set(static_cast<Drain>(name - kDrainNames.begin())); !done)
    return (void)call->error("Failed", {{"message", done.error().message}});
  log::info("New logons are {} as asked by uid={}", drain_ == Drain::kOff ? "taken" : "refused",
            call->peer().uid);
  note(events::Kind::kDrain, mode == "until_restart" ? "until-restart" : mode, asked_by(call));
  (void)call->reply();
}

void ServerControl::note(events::Kind kind, std::string mode, std::string reason) {
  events::Event event{.kind = kind, .reason = std::move(reason), .mode = std::move(mode)};
  if (kind == events::Kind::kShutdown) event.ends = ends_;
  handlers_.write(event);
}

Result<> ServerControl::set(Drain drain) {
  TS_TRY(drain == Drain::kOn ? drain_file_.make() : drain_file_.remove());
  drain_ = drain;
  tell();
  return {};
}

void ServerControl::tell() {
  using session::Closed;
  using session::EndReason;
  if (shutdown_ == Shutdown::kScheduled)
    return handlers_.close(Closed{.message = "the server is about to be shut down (tsctl shutdown)"});
  if (shutdown_ != Shutdown::kNone)
    return handlers_.close(Closed{true, EndReason::kServerShutdown, "the server is being shut down"});
  if (drain_ == Drain::kOff) return handlers_.close(std::nullopt);
  handlers_.close(Closed{.message = "new logons are refused for now (tsctl drain)"});
}

void ServerControl::handle_shutdown(const CallPtr& call) {
  if (!may_change(call)) return;
  auto delay = call->parameters().at("delay").get<std::int64_t>();
  if (delay < 0 || delay > kLongestDelay) {
    auto text = fmt::format("a delay of {} s is not between 0 and {}", delay, kLongestDelay);
    return (void)call->error("BadDelay", {{"message", text}});
  }
  bool late = shutdown_ == Shutdown::kEnding || shutdown_ == Shutdown::kEnded;
  if (!late) ends_ = time_text(std::time(nullptr) + delay).get<std::string>();
  (void)call->reply({{"time", ends_}, {"stops", os::supervisor_stops()}});
  if (late) return;
  log::info("All sessions end at {} as asked by uid={}; new logons are refused", ends_, call->peer().uid);
  shutdown_ = Shutdown::kScheduled;
  note(events::Kind::kShutdown, "scheduled", asked_by(call));
  tell();
  timer_.start(std::chrono::seconds(delay));
}

void ServerControl::handle_cancel_shutdown(const CallPtr& call) {
  if (!may_change(call)) return;
  if (shutdown_ == Shutdown::kNone)
    return (void)call->error("NotScheduled", {{"message", "no shutdown is under way"}});
  if (shutdown_ != Shutdown::kScheduled) {
    return (void)call->error(
        "NotScheduled", {{"message", "sessions are being ended already: it is too late to take that back"}});
  }
  log::info("The shutdown is taken back as asked by uid={}", call->peer().uid);
  shutdown_ = Shutdown::kNone;
  note(events::Kind::kShutdown, "taken-back", asked_by(call));
  timer_.stop();
  tell();
  (void)call->reply();
}

void ServerControl::on_time() {
  if (shutdown_ == Shutdown::kEnding) return end();
  shutdown_ = Shutdown::kEnding;
  log::info("Ending all sessions: the server is being shut down");
  note(events::Kind::kShutdown, "begun", "the time has come");
  tell();
  timer_.start(end_time_ + kEndExtra);
  handlers_.end_all(session::EndReason::kServerShutdown);
  update();
}

void ServerControl::update() {
  if (shutdown_ == Shutdown::kEnding && !handlers_.in_use()) end();
}

void ServerControl::end() {
  shutdown_ = Shutdown::kEnded;
  timer_.stop();
  handlers_.stop();
}

}  // namespace ts::tssession
