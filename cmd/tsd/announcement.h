// Tells tssession that this listener accepts connections, for as long as both live: `tsquery session` shows
// its row.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/loop.h"
#include "lib/varlink/client.h"

namespace ts::tsd {

class Announcement {
 public:
  /// `on_asker` gets the socket over which tssession asks how we are doing (ts.Listener).
  Announcement(net::Loop& loop, std::filesystem::path session_socket, std::vector<std::string> addresses,
               std::function<void()> on_announced, std::function<void(UniqueFd)> on_asker);

 private:
  void announce();
  void lost(const std::string& reason);

  net::Loop& loop_;
  std::filesystem::path session_socket_;
  std::vector<std::string> addresses_;
  std::function<void()> on_announced_;
  std::function<void(UniqueFd)> on_asker_;
  std::unique_ptr<varlink::AsyncClient> link_;
  bool said_waiting_ = false;
  net::Timer retry_;
};

}  // namespace ts::tsd
