// The listener: accepts clients, parks them until they speak, has each introduced to tssession and gives it
// to a stack of its own, then goes on listening. It never reads a byte that a client sent.
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
    bool introduced = false;
  };

  void on_accept(UniqueFd client);
  void on_incoming_end(std::uint64_t number, const std::string& reason);
  void hand_over();
  void check_ready();
  void on_stack_end(std::uint64_t number);
  ListenerStatus status() const;
  /// `limit`: the key of the configuration that was reached.
  void refuse(const std::string& peer, const char* limit, const std::string& why, log::Limited& limit_events);
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
