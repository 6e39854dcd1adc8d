// The connection to tsspawn (lib/session/spawn_messages.h): made again whenever it is lost, told once in the
// log.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "lib/net/loop.h"
#include "lib/net/packet_socket.h"
#include "lib/session/spawn_messages.h"

namespace ts::tssession {

class SpawnLink {
 public:
  struct Handlers {
    std::function<void()> on_connected;
    std::function<void()> on_lost;
    std::function<void(const session::SpawnReply&)> on_reply;
    std::function<void(const session::HostEnded&)> on_ended;
  };

  SpawnLink(net::Loop& loop, std::filesystem::path socket, Handlers handlers);
  /// Connects, now and again until it works.
  void connect();
  /// It is there and has answered since it was last lost.
  bool reached() const { return socket_ != nullptr && !told_; }
  /// While there is no connection requests are dropped: on_lost() has said so.
  void start_host(session::SessionId id);
  void end_host(session::SessionId id);

 private:
  void lost(const std::string& reason);
  void receive(ByteView packet);
  template <typename T>
  void send(const T& message);

  net::Loop& loop_;
  std::filesystem::path path_;
  Handlers handlers_;
  net::Timer retry_;
  std::chrono::milliseconds pause_{};
  bool told_ = false;  // that it cannot be reached
  std::unique_ptr<net::PacketSocket> socket_;
};

}  // namespace ts::tssession
