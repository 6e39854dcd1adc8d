// One account's logon and the shell that follows, told what to do by tshost over one socket. Holds the PAM
// conversation and session and is the parent of the user's shell; exits when the shell has ended, or ends it
// when tshost goes or says TERM. PAM blocks the loop, which has nothing else to do then.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tsuserinit/user_files.h"
#include "lib/account/logon.h"
#include "lib/config/config.h"
#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"
#include "lib/os/room.h"
#include "lib/session/userinit_messages.h"

namespace ts::userinit {

class Userinit {
 public:
  Userinit(net::Loop& loop, const config::Config& config, UniqueFd socket);
  ~Userinit();

 private:
  // Its frame is to be wiped after it.
  [[gnu::noinline]] void on_packet(ByteView packet, std::vector<UniqueFd> fds);
  void authenticate(const session::Credentials& credentials);
  void check(const session::UserinitCheck& message);
  void start(const session::UserinitStart& message);
  Result<pid_t> start_shell(const session::UserinitStart& message);
  /// The first of the session's scripts runs, or what starts it has ended or hangs: answers tshost once.
  void on_first_word();
  void answer_start(const Result<pid_t>& started);
  std::vector<std::string> environment(const session::UserinitStart& message) const;
  Result<> start_messages(UniqueFd socket);
  void on_shell_ended();
  /// TERM to the shell's process group, KILL after the grace.
  void end();
  void finish();

  net::Loop& loop_;
  const config::Config& config_;
  std::string client_address_;
  std::unique_ptr<account::Logon> logon_;
  os::User user_;
  session::Resources resources_;  // that they may use
  bool authenticated_ = false;
  bool started_ = false;
  int session_id_ = 0;
  bool home_is_there_ = true;
  bool ending_ = false;
  std::unique_ptr<UserFiles> files_;
  std::optional<os::Room> room_;          // for all that is started as the user
  std::vector<std::string> environment_;  // of all that runs here
  std::map<pid_t, std::unique_ptr<net::ExitWatcher>> helpers_;
  pid_t shell_ = -1;
  std::unique_ptr<net::ExitWatcher> shell_watcher_;
  UniqueFd first_word_;  // a socket; the other end is the script's
  int display_ = -1;
  std::array<std::byte, 16> cookie_{};  // of the display, for the script that has said its word
  std::unique_ptr<net::Poller> first_word_poller_;
  net::SignalWatcher on_term_;
  net::Timer kill_timer_;
  net::Timer start_timer_;
  net::PacketSocket socket_;
};

}  // namespace ts::userinit
