// Stacks that wait for a client, started ahead by tsspawn: a connection finds a process that has its
// libraries loaded, its sandbox closed and the certificate read. The link to tsspawn is made again whenever
// it breaks.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "lib/net/packet_socket.h"

namespace ts::tsd {

class StackPool {
 public:
  struct Stack {
    int pid = 0;
    UniqueFd control;
  };

  /// `certificate` (PEM) and `key_log` (or none): what each stack is told first. `on_available` is called
  /// whenever a stack begins to wait.
  StackPool(net::Loop& loop, std::filesystem::path spawn_socket, const std::string& certificate,
            const UniqueFd& key_log, std::function<void()> on_available);

  /// A stack that waits, or nothing: then one is on its way and on_available follows. While another waits,
  /// the next is not started before this one's client has had its first picture: it takes processor time,
  /// too.
  std::optional<Stack> take();
  /// Tells how many connections want one, so that enough are started.
  void set_wanted(std::size_t wanted);
  bool full() const { return waiting_.size() >= kWaiting; }

 private:
  static constexpr std::size_t kWaiting = 2;   // the design's number: one client and the next
  static constexpr std::size_t kStarting = 8;  // requests to tsspawn at a time

  // A waiting stack is watched: one that dies while it waits must not be given a client.
  struct Waiting {
    int pid = 0;
    UniqueFd control;
    std::unique_ptr<net::Poller> death;
  };

  void connect();
  void wait(const std::string& reason);
  void refill();
  void on_packet(ByteView packet, std::vector<UniqueFd> fds);
  void forget(int pid);

  net::Loop& loop_;
  std::filesystem::path spawn_socket_;
  Bytes first_words_;
  std::vector<UniqueFd> key_log_;  // none or one
  std::function<void()> on_available_;
  std::unique_ptr<net::PacketSocket> spawner_;
  std::list<Waiting> waiting_;
  std::size_t starting_ = 0;
  std::size_t wanted_ = 0;
  bool said_waiting_ = false;  // for tsspawn
  bool said_failing_ = false;  // that it cannot start a stack
  net::Timer retry_, refill_;
  net::Timer trim_;  // when a crowd has gone, what was started for it and not used ends
};

}  // namespace ts::tsd
