// A broker with a tsspawn and hosts that do what a test tells them: no sockets, no time but the test's.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/session/broker.h"

namespace ts::session {

using namespace std::chrono_literals;

class BrokerTest : public testing::Test {
 protected:
  explicit BrokerTest(BrokerLimits limits = {.idle = 2, .max = 5, .max_logon = 3}) : broker_(limits) {}

  static ConnectionId connection_id(int n) {
    ConnectionId id{};
    id[0] = static_cast<std::uint8_t>(n);
    id[1] = static_cast<std::uint8_t>(n >> 8);
    return id;
  }
  static ClientInfo client() {
    ClientInfo info;
    info.name.assign("PC");
    return info;
  }

  /// The actions of one kind since the last time; all others are kept for whoever asks for them.
  template <typename T>
  std::vector<T> taken() {
    for (auto& action : broker_.take_actions()) actions_.push_back(std::move(action));
    std::vector<T> out;
    std::erase_if(actions_, [&](const Action& action) {
      const T* one = std::get_if<T>(&action);
      if (one != nullptr) out.push_back(*one);
      return one != nullptr;
    });
    return out;
  }
  std::vector<SessionId> starts() {
    std::vector<SessionId> out;
    for (const auto& action : taken<StartHostAction>()) out.push_back(action.session);
    return out;
  }
  std::vector<std::pair<SessionId, EndReason>> ends() {
    std::vector<std::pair<SessionId, EndReason>> out;
    for (const auto& action : taken<EndSessionAction>()) out.emplace_back(action.session, action.reason);
    return out;
  }
  std::vector<SessionId> shells() {
    std::vector<SessionId> out;
    for (const auto& action : taken<StartShellAction>()) out.push_back(action.session);
    return out;
  }

  HostState& host(SessionId id) {
    HostState& state = hosts_[id];
    state.session_id = id;
    return state;
  }
  void announce(SessionId id) { broker_.host_announced(host(id), now_); }
  void announce(SessionId id, State state) {
    host(id).state = state;
    announce(id);
  }
  void gone(SessionId id) {
    hosts_.erase(id);
    broker_.host_gone(id, now_);
  }
  /// tsspawn starts what it is asked for and the display servers come up, until nothing more is asked.
  void start_all() {
    for (auto ids = starts(); !ids.empty(); ids = starts())
      for (SessionId id : ids) {
        broker_.spawn_replied(id, 0, "", now_);
        announce(id, State::kInit);
        announce(id, id == kConsoleSession ? State::kConn : State::kIdle);
      }
  }
  void bring_up() {
    broker_.spawn_connected(now_);
    start_all();
  }

  /// A connection comes; the session that it is given, or nothing.
  std::optional<SessionId> connect(int n) {
    EXPECT_TRUE(broker_.introduce(connection_id(n)));
    EXPECT_TRUE(broker_.connect(connection_id(n), client(), now_));
    for (const auto& action : taken<AttachAction>())
      if (action.connection == connection_id(n)) {
        carry_out(action);
        return action.session;
      }
    return std::nullopt;
  }
  /// The host is told, and says so; the stack is answered.
  void carry_out(const AttachAction& action) {
    HostState& state = host(action.session);
    state.attached = 1;
    state.connection = action.connection;
    state.state = action.logged_on ? State::kActive : State::kConn;
    announce(action.session);
    broker_.attached(action);
  }
  void detach(SessionId id) {
    HostState& state = host(id);
    state.attached = 0;
    state.connection = {};
    state.state = state.user.empty() ? State::kDown : State::kDisc;
    announce(id);
  }
  void authenticate(SessionId id, const char* user, std::uint32_t uid = 1000, const char* domain = "") {
    Authenticated message;
    message.session_id = id;
    message.uid = uid;
    message.connection = host(id).connection;
    message.user.assign(user);
    message.domain.assign(domain);
    broker_.authenticated(id, message, now_);
  }
  void shell_runs(SessionId id, const char* user, std::uint32_t uid = 1000, const char* domain = "") {
    HostState& state = host(id);
    state.user.assign(user);
    state.domain.assign(domain);
    state.uid = uid;
    state.state = State::kActive;
    announce(id);
  }
  /// A user with a session of their own.
  SessionId log_on(int connection, const char* user, std::uint32_t uid = 1000) {
    auto id = connect(connection);
    EXPECT_TRUE(id);
    authenticate(*id, user, uid);
    EXPECT_EQ(shells(), std::vector<SessionId>{*id});
    shell_runs(*id, user, uid);
    start_all();
    return *id;
  }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    broker_.tick(now_);
  }
  std::size_t idle_count() const {
    return broker_.table().count_if([](const Record& record) { return record.idle(); });
  }

  Broker broker_;
  TimePoint now_ = TimePoint{} + 1h;
  std::map<SessionId, HostState> hosts_;
  std::vector<Action> actions_;
};

}  // namespace ts::session
