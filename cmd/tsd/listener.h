// The listener: accepts clients, parks them until they speak, has each introduced to tssession and gives it
// to a stack of its own, then goes on listening. It never reads a byte that a client sent. When strangers
// want more places than there are, or come faster than stacks are to be started for them, it is decided by
// networks (lib/session/strangers.h); who has logged on has nothing to do with it.
#pragma once

#include <list>
#include <map>
#include <memory>

#include "cmd/tsd/address_limit.h"
#include "cmd/tsd/announcement.h"
#include "cmd/tsd/certificate.h"
#include "cmd/tsd/incoming.h"
#include "cmd/tsd/serving_stack.h"
#include "cmd/tsd/stack_pool.h"
#include "cmd/tsd/status_service.h"
#include "lib/config/config.h"
#include "lib/events/event_log.h"
#include "lib/net/sockets.h"
#include "lib/session/strangers.h"

namespace ts::tsd {

class Listener {
 public:
  /// `listening` are TCP sockets. `on_ready` once stacks wait and tssession knows of us.
  /// `events` is borrowed.
  Listener(net::Loop& loop, const config::Config& config, events::EventLog& events,
           ListenerCertificate certificate, UniqueFd key_log, std::vector<UniqueFd> listening,
           std::function<void()> on_ready);

 private:
  struct Arrival {
    std::unique_ptr<Incoming> incoming;
    AddressLimit::Place place;
    enum class Stage { kSilent, kSpoke, kHadTurn, kIntroduced } stage = Stage::kSilent;
  };

  void on_accept(UniqueFd client);
  void on_incoming_end(std::uint64_t number, const std::string& reason);
  void end_arrival(std::uint64_t number);
  void give_turns();
  void hand_over();
  std::size_t connections() const;
  /// Ends a connection that has not logged on in favour of one from `network`; false: this one does not
  /// deserve it. `own`: only one from there.
  bool make_room(const std::string& network, bool own, const char* limit);
  void check_ready();
  void on_stack_end(std::uint64_t number);
  ListenerStatus status() const;
  /// `limit`: the key of the configuration that was reached.
  void refuse(const std::string& peer, const char* limit, const std::string& why, log::Limited& limit_events);
  log::Limited& log_of(const char* limit);
  void tell_refused(const std::string& peer, const std::string& reason);

  net::Loop& loop_;
  const config::Config& config_;
  events::EventLog& events_;
  ListenerCertificate certificate_;
  UniqueFd key_log_;
  std::function<void()> on_ready_;
  bool announced_ = false;
  bool ready_ = false;
  std::uint64_t next_number_ = 1;
  AddressLimit address_limit_;
  session::Debts tries_{session::kMostTries, session::kTriesPerSecond};
  session::Debts network_debts_, all_debts_;  // of stacks; all under the name ""
  net::Timer next_turn_;
  std::map<std::uint64_t, Arrival> arrivals_;
  std::map<std::uint64_t, std::unique_ptr<ServingStack>> serving_;
  net::TimePoint began_ = net::Clock::now();
  ListenerStatus totals_;  // of connections that have ended, and all that came
  // A stranger can cause these at will.
  log::Limited full_log_{1}, address_log_{1};
  log::Limited refusals_{50, std::chrono::seconds(10)};
  log::Limited full_events_{1, std::chrono::seconds(60)}, address_events_{1, std::chrono::seconds(60)};
  std::list<net::Acceptor> acceptors_;
  StatusService status_service_;
  StackPool pool_;
  Announcement announcement_;
};

}  // namespace ts::tsd
