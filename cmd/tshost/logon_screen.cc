#include "cmd/tshost/logon_screen.h"

#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/display/display_messages.h"
#include "lib/net/sockets.h"
#include "lib/os/programs.h"
#include "lib/os/spawn.h"

namespace ts::host {
namespace {

constexpr std::chrono::milliseconds kFirstRestartDelay{50};
constexpr std::chrono::milliseconds kLongestRestartDelay{5000};

}  // namespace

LogonScreen::LogonScreen(net::Loop& loop, Handlers handlers)
    : loop_(loop),
      handlers_(std::move(handlers)),
      restart_(loop, [this] { launch(); }),
      restart_delay_(kFirstRestartDelay) {}

void LogonScreen::start(Options options) {
  options_ = std::move(options);
  wanted_ = true;
  launch();
}

void LogonScreen::launch() {
  if (!wanted_ || child_) return;
  if (auto spawned = spawn(); !spawned) on_exit(spawned.error().message);
}

Result<> LogonScreen::spawn() {
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program("tslogon"));
  what.arguments = options_.arguments;
  what.environment = options_.environment;
  what.environment.push_back("PATH=/usr/bin:/bin");
  if (::geteuid() == 0) what.identity = options_.identity;
  what.no_new_privs = true;
  what.die_with_parent = true;
  what.fds = {{ends.second.get(), 3}};
  TS_TRY_ASSIGN(auto pid, os::spawn(what));
  TS_TRY_ASSIGN(child_, display::Child::watch(loop_, pid,
                                              [this](const std::string& how) { on_exit("tslogon " + how); }));
  handlers_.on_process(pid);
  socket_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(ends.first),
      net::PacketSocket::Handlers{[this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
                                  [](const std::string&) {}});  // its end follows and says more
  display::OpenDisplay open;
  open.display = options_.display;
  open.cookie = options_.cookie;
  return socket_->send_message(open);
}

void LogonScreen::on_packet(ByteView packet) {
  bool expected = true;
  if (auto credentials = message_as<session::Credentials>(packet)) {
    expected = handlers_.on_credentials(*credentials);
    wipe(&*credentials, sizeof *credentials);
  } else if (auto answer = message_as<session::LogonAnswer>(packet)) {
    expected = handlers_.on_answer(*answer);
    wipe(&*answer, sizeof *answer);
  } else if (auto chosen = message_as<session::LogonChosen>(packet)) {
    expected = handlers_.on_chosen(*chosen);
  } else if (auto cancel = message_as<session::LogonCancel>(packet)) {
    handlers_.on_cancel(*cancel);
  } else if (auto there = message_as<display::StillThere>(packet)) {
    handlers_.on_answered(there->request);
  } else if (message_as<session::LogonReady>(packet)) {
    restart_delay_ = kFirstRestartDelay;
    handlers_.on_ready();
  } else {
    expected = false;
  }
  if (expected) return;
  log::warning("Ending the logon screen: a message of type {:#x} is not expected now", message_type(packet));
  if (child_) child_->stop();
}

void LogonScreen::on_exit(const std::string& how) {
  child_.reset();
  socket_.reset();
  if (!wanted_) return;
  log::warning("Starting the logon screen anew: {}", how);
  restart_.start(restart_delay_);
  restart_delay_ = std::min(restart_delay_ * 2, kLongestRestartDelay);
}

bool LogonScreen::ask(std::uint32_t request) {
  display::AreYouThere message;
  message.request = request;
  return socket_ && socket_->send_message(message);
}

void LogonScreen::finish() {
  wanted_ = false;
  restart_.stop();
  send(session::LogonDone{});
}

void LogonScreen::stop() {
  wanted_ = false;
  restart_.stop();
  if (child_) child_->stop();
}

std::optional<pid_t> LogonScreen::pid() const {
  if (!child_) return std::nullopt;
  return child_->pid();
}

}  // namespace ts::host
