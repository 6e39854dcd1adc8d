#include "cmd/tssession/manager.h"

#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/os/memory.h"
#include "lib/os/peer.h"
#include "lib/os/service.h"
#include "ts_server_varlink.h"

namespace ts::tssession {
namespace {

using namespace session;

session::TimePoint now() {
  return net::Clock::now();
}

/// The accounts that tsd may run as: its own, or ours where everything runs as one account.
std::set<uid_t> listener_uids() {
  std::set<uid_t> uids{::geteuid()};
  if (auto uid = os::uid_of_user("tsd")) uids.insert(*uid);
  return uids;
}

varlink::ServiceLimits service_limits() {
  varlink::ServiceLimits limits;
  // Stacks' connections are the listener's, which has a limit of its own.
  // The text of a message is longer than any other word, and each of its characters may be written as six.
  limits.frames.string_bytes = 16 * 1024;
  limits.trusted_uids = listener_uids();
  limits.trusted_uids.insert(0);
  return limits;
}

BrokerLimits broker_limits(const config::Sessions& sessions) {
  BrokerLimits limits{.idle = sessions.idle,
                      .max = sessions.max,
                      .max_logon = sessions.max_logon,
                      .per_user = sessions.per_user,
                      .auto_reconnect = sessions.auto_reconnect,
                      .idle_lifetime = sessions.idle_lifetime};
  // Longer than a logon takes.
  limits.refill_pause = std::chrono::milliseconds(300);
  // A session costs about a tenth of a second of a processor.
  limits.strangers_burst = sessions.max_logon;
  limits.strangers_per_second = sessions.max_logon / 5.0;
  return limits;
}

/// What a session takes of memory until it waits, with some to spare; those being started have not all of it.
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kSessionCost = 24 * kMegabyte;

Shortage memory_shortage(std::uint64_t least) {
  return [least](std::size_t starting) -> std::optional<std::string> {
    const auto available = least == 0 ? std::nullopt : os::available_memory();
    if (!available || *available >= least + (starting + 1) * kSessionCost) return std::nullopt;
    return fmt::format("{} MB of memory are available and {} have to be left (sessions.min_memory)",
                       *available / kMegabyte, least / kMegabyte);
  };
}

}  // namespace

Manager::Manager(net::Loop& loop, const config::Config& config, events::EventLog& log, Sockets sockets,
                 Handlers handlers)
    : handlers_(std::move(handlers)),
      broker_(broker_limits(config.sessions), memory_shortage(config.sessions.min_memory)),
      chronicle_({.write = [&log](const auto& event) { log.write(event); },
                  .write_limited = [&log](auto event, auto& gate) { log.write(std::move(event), gate); }}),
      timer_(loop,
             [this] {
               broker_.tick(now());
               settle();
             }),
      spawn_(loop, config.layout.spawn_socket(), spawn_handlers()),
      hosts_(loop, std::move(sockets.hosts), ::geteuid(), host_handlers()),
      logon_(listener_uids(), logon_handlers()),
      processes_(loop, [this](SessionId id, const ListProcesses& ask) { return hosts_.send(id, ask); }),
      pictures_(loop, [this](SessionId id, const TakePicture& ask) { return hosts_.send(id, ask); }),
      messages_(loop, [this](SessionId id, const ShowBox& box) { return hosts_.send(id, box); }),
      listeners_(loop),
      sessions_(loop, broker_.table(), config.sessions.end_timeout, session_handlers()),
      server_(broker_.table(), listeners_, counters_, {config.sessions.idle, config.sessions.max},
              server_handlers()),
      control_(loop, config.layout.drain_file(), config.sessions.end_timeout, control_handlers(log)),
      service_(loop, {"Terminal Services for Linux", "tssession", TS_VERSION, ""}, service_limits()) {}

Result<std::unique_ptr<Manager>> Manager::start(net::Loop& loop, const config::Config& config,
                                                events::EventLog& log, Sockets sockets, Handlers handlers) {
  auto varlink = std::move(sockets.varlink);
  std::unique_ptr<Manager> manager(new Manager(loop, config, log, std::move(sockets), std::move(handlers)));
  TS_TRY(manager->serve(std::move(varlink)));
  manager->spawn_.connect();
  return manager;
}

Result<> Manager::serve(UniqueFd listening) {
  TS_TRY(sessions_.add_to(service_));
  TS_TRY(logon_.add_to(service_));
  auto server = server_.handlers();
  server.merge(control_.handlers());
  TS_TRY(service_.add_interface(varlink::k_ts_server, std::move(server)));
  TS_TRY(control_.restore());
  service_.set_on_closed([this](varlink::Connection& connection) {
    logon_.connection_closed(connection);
    settle();
  });
  service_.listen(std::move(listening));
  return {};
}

SpawnLink::Handlers Manager::spawn_handlers() {
  return {.on_connected =
              [this] {
                broker_.spawn_connected(now());
                settle();
              },
          .on_lost =
              [this] {
                chronicle_.spawn_lost();
                broker_.spawn_lost(now());
                settle();
              },
          .on_reply =
              [this](const SpawnReply& reply) {
                if (reply.request != StartHost::kType) return;
                broker_.spawn_replied(reply.session_id, reply.error_number, reply.message.str(), now());
                settle();
              },
          .on_ended =
              [this](const HostEnded& ended) {
                chronicle_.host_ended(ended.session_id, ended.wait_status);
                broker_.host_ended(ended.session_id, ended.wait_status, now());
                settle();
              }};
}

HostLinks::Handlers Manager::host_handlers() {
  return {.on_state =
              [this](const HostState& state) {
                const Record* known = broker_.table().find(state.session_id);
                counters_.note(known != nullptr && known->announced ? &known->state : nullptr, state);
                chronicle_.host_announced(state);
                broker_.host_announced(state, now());
                settle();
              },
          .on_attempt = [this](SessionId id, const LogonAttempt& message) { permit(id, message); },
          .on_authenticated =
              [this](SessionId id, const Authenticated& message) {
                if (auto attempt = attempts_.extract(id))
                  throttle_.succeeded(attempt.mapped().user.view(), attempt.mapped().address.view());
                broker_.authenticated(id, message, now());
                settle();
              },
          .on_chosen =
              [this](SessionId id, const SessionChosen& message) {
                broker_.chosen(id, message, now());
                settle();
              },
          .on_shell_failed =
              [this](SessionId id, const ShellFailed& message) {
                broker_.shell_failed(id, message.connection);
                settle();
              },
          .on_processes = [this](SessionId id, const ProcessPage& page) { processes_.on_page(id, page); },
          .on_signalled = [this](SessionId id,
                                 const ProcessesSignalled& message) { sessions_.signalled(id, message); },
          .on_reconnect_verified =
              [this](SessionId id, const ReconnectVerified& message) { reconnect_verified(id, message); },
          .on_logon_failed = [this](SessionId id,
                                    const LogonFailed& message) { chronicle_.logon_failed(id, message); },
          .on_picture = [this](SessionId id, const PictureTaken& picture,
                               std::vector<UniqueFd> fds) { pictures_.taken(id, picture, std::move(fds)); },
          .on_box_shown = [this](SessionId id, const BoxShown& message) { messages_.shown(id, message); },
          .on_box_ended = [this](SessionId id, const BoxEnded& message) { messages_.ended(id, message); },
          .on_gone =
              [this](SessionId id) {
                attempts_.erase(id);
                processes_.host_gone(id);
                pictures_.host_gone(id);
                messages_.host_gone(id);
                chronicle_.host_gone(id);
                broker_.host_gone(id, now());
                settle();
              }};
}

void Manager::tell_slowed(std::chrono::milliseconds delay, std::string_view user, std::string_view address,
                          SessionId id) {
  if (delay.count() <= 0) return;
  log::warning("Slowing down guesses client={} user=\"{}\" session={} seconds={:.1f}", log::escaped(address),
               log::escaped(user), id, std::chrono::duration<double>(delay).count());
}

void Manager::permit(SessionId id, const LogonAttempt& attempt) {
  PermitAttempt answer;
  answer.connection = attempt.connection;
  auto delay = throttle_.attempt(attempt.user.view(), attempt.address.view(), now());
  tell_slowed(delay, attempt.user.view(), attempt.address.view(), id);
  answer.delay_milliseconds = static_cast<std::uint32_t>(delay.count());
  attempts_[id] = attempt;
  tell_host(id, hosts_.send(id, answer));
}

/// A cookie may be guessed as a password may be, and a try costs as much.
ReconnectWish Manager::priced(ReconnectWish wish, const ClientInfo& client) {
  const Record* own = broker_.table().find(wish.session);
  const bool somebodys = own != nullptr && own->logged_on();
  wish.delay = throttle_.attempt_cookie(somebodys ? std::optional(wish.session) : std::nullopt,
                                        client.address.view(), now());
  tell_slowed(wish.delay, somebodys ? own->state.user.view() : "", client.address.view(), wish.session);
  return wish;
}

void Manager::reconnect_verified(SessionId id, const ReconnectVerified& message) {
  auto client = broker_.client_of(message.connection);
  if (broker_.reconnect_verified(id, message, now()) && client)
    throttle_.cookie_succeeded(id, client->address.view());
  settle();
}

LogonService::Handlers Manager::logon_handlers() {
  return {.on_introduce = [this](const ConnectionId& connection) { return broker_.introduce(connection); },
          .on_connect =
              [this](const ConnectionId& connection, const ClientInfo& client,
                     const std::optional<ReconnectWish>& wish) {
                auto connected = broker_.connect(connection, client, now(),
                                                 wish ? std::optional(priced(*wish, client)) : std::nullopt);
                settle();
                return connected;
              },
          .on_gone = [this](const ConnectionId& connection) { broker_.connection_gone(connection, now()); },
          .on_listener =
              [this](const varlink::Connection* listener, UniqueFd socket) {
                if (socket) listeners_.add(listener, std::move(socket));
                settle();
              },
          .on_listener_gone = [this](const varlink::Connection* listener) { listeners_.remove(listener); }};
}

SessionService::Handlers Manager::session_handlers() {
  return {.disconnect =
              [this](SessionId id, EndReason reason) {
                DetachStack message;
                message.reason = reason;
                tell_host(id, hosts_.send(id, message));
                settle();
              },
          .end_session =
              [this](SessionId id, EndReason reason) {
                broker_.end_session(id, reason);
                settle();
              },
          .reset_session =
              [this](SessionId id, EndReason reason) {
                broker_.reset_session(id, reason);
                settle();
              },
          .end_host = [this](SessionId id) { spawn_.end_host(id); },
          .list_processes = [this](const std::shared_ptr<varlink::Call>& call,
                                   SessionId id) { processes_.list(call, id); },
          .take_picture = [this](const std::shared_ptr<varlink::Call>& call,
                                 SessionId id) { pictures_.take(call, id); },
          .show_message = [this](const std::shared_ptr<varlink::Call>& call,
                                 SessionId id) { messages_.show(call, id); },
          .signal = [this](SessionId id, const SignalProcesses& message) { return hosts_.send(id, message); },
          .move_client =
              [this](SessionId from, SessionId to) {
                auto moved = broker_.move_client(from, to);
                settle();
                return moved;
              },
          .listening = [this]() -> std::optional<std::vector<std::string>> {
            if (!logon_.has_listener()) return std::nullopt;
            return logon_.listening();
          }};
}

ServerService::Handlers Manager::server_handlers() {
  return {.listening = [this] { return logon_.listening(); }, .spawner = [this] { return spawn_.reached(); }};
}

ServerControl::Handlers Manager::control_handlers(events::EventLog& log) {
  return {
      .close = [this](std::optional<Closed> closed) { broker_.close(std::move(closed)); },
      .end_all =
          [this](EndReason reason) {
            broker_.end_all(reason);
            settle();
          },
      .in_use = [this] { return broker_.in_use(); },
      .stop =
          [] {
            if (os::supervisor_stops()) return os::notify_stop();
            log::info("All sessions have ended, and nobody is let in; the service itself is yours to stop");
          },
      .write = [&log](const auto& event) { log.write(event); }};
}

void Manager::settle() {
  if (settling_) return;  // an action's own events are carried out by the loop below
  settling_ = true;
  for (auto actions = broker_.take_actions(); !actions.empty(); actions = broker_.take_actions())
    for (const auto& action : actions) std::visit([this](const auto& one) { carry_out(one); }, action);
  sessions_.update();
  control_.update();
  settling_ = false;
  if (auto deadline = broker_.next_deadline())
    timer_.start(std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()));
  else
    timer_.stop();
  if (was_ready_ || !broker_.ready()) return;
  was_ready_ = true;
  handlers_.on_ready();
}

}  // namespace ts::tssession
