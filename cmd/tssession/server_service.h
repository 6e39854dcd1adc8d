// ts.Server, what is asked: this host's service as a whole. Connections are the listeners' lists joined with
// the sessions; figures are those that somebody counts.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cmd/tssession/listener_links.h"
#include "lib/session/session_table.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

/// What this process counts, from its beginning.
struct Counters {
  /// How logons went, by LogonStatus.
  std::array<std::uint64_t, 4> logons{};
  std::uint64_t connections_refused = 0;

  /// A host has said how its session is; `before` is what it said last, or nothing if it had not said
  /// anything to us: then an outcome that it brings is older than we are.
  void note(const session::HostState* before, const session::HostState& now);
};

class ServerService {
 public:
  struct Handlers {
    std::function<std::vector<std::string>()> listening;  // addresses
    std::function<bool()> spawner;                        // tsspawn is connected
  };
  struct Pool {
    std::uint32_t idle_wanted = 0, max = 0;
  };

  ServerService(const session::SessionTable& table, ListenerLinks& listeners, const Counters& counters,
                Pool pool, Handlers handlers);
  /// Its methods of the interface.
  varlink::Service::Handlers handlers();

 private:
  using CallPtr = std::shared_ptr<varlink::Call>;
  void handle_connections(const CallPtr& call);
  void handle_metrics(const CallPtr& call);
  void tell_connections(const CallPtr& call, const ListenersStatus& status) const;
  void tell_metrics(const CallPtr& call, const ListenersStatus& status) const;

  const session::SessionTable& table_;
  ListenerLinks& listeners_;
  const Counters& counters_;
  Pool pool_;
  Handlers handlers_;
  net::TimePoint began_ = net::Clock::now();
};

}  // namespace ts::tssession
