#include "cmd/tsuserinit/userinit.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cmd/tsuserinit/account_limits.h"
#include "cmd/tsuserinit/environment.h"
#include "cmd/tsuserinit/logon_limits.h"
#include "cmd/tsuserinit/socket_person.h"
#include "cmd/tsuserinit/user_room.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/net/sockets.h"
#include "lib/os/programs.h"
#include "lib/os/spawn.h"

namespace ts::userinit {
namespace {

using session::LogonStatus;

// A bus of the session's own: programs that a shared one starts would outlive the session.
constexpr const char* kBus = "/usr/bin/dbus-run-session";
// What starts the session's first script takes tens of milliseconds.
constexpr std::chrono::seconds kStartPatience{15};
// Where that script finds the socket for its first word.
constexpr int kWordFd = 3;
// And tsmessage its socket.
constexpr int kMessagesFd = 3;

/// A text field of a message is wiped with its message; the copy for PAM is wiped by Logon.
account::Request request_from(const session::Credentials& credentials, const std::string& address) {
  return {credentials.user.str(), credentials.password.str(), address};
}

account::Options options_from(const config::Config& config) {
  account::Options options;
  options.pam = config.accounts.backend == config::AccountBackend::kPam;
  options.accounts_file = config.layout.accounts_file();
  options.up_passwd = config.layout.up_passwd();
  options.allow = config.sessions.allow;
  options.root = config.accounts.root;
  return options;
}

session::UserinitResult result_of(const account::Verdict& verdict) {
  session::UserinitResult result;
  result.status = verdict.status;
  result.notice = verdict.notice;
  result.message = FixedText<256>(verdict.message);
  result.detail = FixedText<512>(verdict.detail);
  if (verdict.status == LogonStatus::kLoggedOn) {
    result.uid = verdict.user.uid;
    result.gid = verdict.user.gid;
    result.user = FixedText<256>(verdict.user.name);
  }
  return result;
}

std::string own_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The groups that initgroups and PAM's setcred left this process in.
Result<std::vector<gid_t>> present_groups() {
  int count = ::getgroups(0, nullptr);
  if (count < 0) return fail_errno("reading the account's groups");
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  count = ::getgroups(count, groups.data());
  if (count < 0) return fail_errno("reading the account's groups");
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

bool has_bus() {
  return ::access(kBus, X_OK) == 0;
}

/// Why the session's first script does not run.
Unexpected no_first_word(const std::string& user) {
  if (!has_bus()) return fail(ErrorCode::kUnavailable, "/bin/sh could not run the session's first script");
  return fail(
      ErrorCode::kUnavailable,
      "the session's D-Bus daemon could not be started: see what 'dbus-run-session true' says as '{}'", user);
}

/// What functions that have returned left on the stack below: parts of passwords lie there, in copies of ours
/// and of modules', until something is called that reaches as deep; and the person may take minutes to
/// choose.
[[gnu::noinline]] void wipe_dead_stack() {
  std::byte dead[256 * 1024];
  wipe(dead, sizeof dead);
}

}  // namespace

Userinit::Userinit(net::Loop& loop, const config::Config& config, UniqueFd socket)
    : loop_(loop),
      config_(config),
      logon_(account::make_logon(options_from(config))),
      on_term_(loop, SIGTERM, [this] { end(); }),
      kill_timer_(loop,
                  [this] {
                    if (shell_ > 0) ::kill(-shell_, SIGKILL);
                  }),
      start_timer_(loop, [this] { answer_start(no_first_word(user_.name)); }),
      socket_(loop, std::move(socket),
              {[this](ByteView packet, std::vector<UniqueFd> fds) {
                 on_packet(packet, std::move(fds));
                 wipe_dead_stack();
               },
               [this](const std::string&) { end(); },
               {}}) {}

Userinit::~Userinit() {
  if (files_) files_->remove();
  logon_->close();
}

void Userinit::on_packet(ByteView packet, std::vector<UniqueFd> fds) {
  if (auto client = message_as<session::UserinitClient>(packet)) {
    client_address_ = client->address.str();
  } else if (auto credentials = message_as<session::Credentials>(packet)) {
    authenticate(*credentials);
    wipe(&*credentials, sizeof *credentials);
  } else if (auto asked = message_as<session::UserinitCheck>(packet)) {
    check(*asked);
  } else if (auto message = message_as<session::UserinitStart>(packet)) {
    start(*message);
  } else if (message_as<session::UserinitMessages>(packet) && fds.size() == 1) {
    if (auto shown = start_messages(std::move(fds[0])); !shown)
      log::error("Messages cannot be shown: {}", shown.error().message);
  } else {
    log::warning("Ignoring a message of type {:#x} from tshost", message_type(packet));
  }
}

void Userinit::authenticate(const session::Credentials& credentials) {
  if (authenticated_) return;
  auto request = request_from(credentials, client_address_);
  SocketPerson person(socket_.fd());
  auto verdict = logon_->authenticate(request, person);
  if (verdict.status == LogonStatus::kLoggedOn) {
    authenticated_ = true;
    user_ = verdict.user;
    const auto limits = limits_of(config_, user_);
    resources_ = limits.resources;
    if (!socket_.send_message(limits)) return end();
  }
  if (!socket_.send_message(result_of(verdict))) end();
}

/// All that this process is for then: what the account is like was its own to find out, not that of the
/// session's.
void Userinit::check(const session::UserinitCheck& message) {
  if (authenticated_) return;
  (void)socket_.send_message(result_of(logon_->check(message.user.str(), client_address_)));
  end();
}

void Userinit::start(const session::UserinitStart& message) {
  if (!authenticated_ || started_ || ending_) return;
  started_ = true;
  session_id_ = message.session_id;
  if (auto pid = start_shell(message); !pid) answer_start(pid);
}

void Userinit::on_first_word() {
  char word = 0;
  const ssize_t got = ::read(first_word_.get(), &word, 1);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got != 1) return answer_start(no_first_word(user_.name));
  // The way to the display is handed out only now that nothing leads back to the logon screen: whoever had it
  // would watch the next one log on there, whom a start that failed had left it to.
  if (auto given = files_->write_xauthority(display_, cookie_); !given)
    return answer_start(pass(given.error()));
  (void)!::send(first_word_.get(), "\n", 1, MSG_NOSIGNAL);  // who hears no answer has ended
  answer_start(shell_);
}

void Userinit::answer_start(const Result<pid_t>& started) {
  first_word_poller_.reset();
  first_word_.reset();
  start_timer_.stop();
  session::UserinitStarted answer;
  if (started) {
    answer.pid = *started;
    log::info("User logged on user={} session={} client={}", log::escaped(user_.name), session_id_,
              log::escaped(client_address_));
  } else {
    answer.error_number = started.error().error_number != 0 ? started.error().error_number : EIO;
    if (!home_is_there_) answer.notice = session::Notice::kNoHome;
    answer.message = FixedText<256>(started.error().message);
  }
  if (!socket_.send_message(answer) || !started) end();
}

Result<pid_t> Userinit::start_shell(const session::UserinitStart& message) {
  TS_TRY(logon_->open(message.display));
  limit_logon(resources_);
  // Modules have had their chance to make or mount it.
  std::error_code error;
  home_is_there_ = std::filesystem::is_directory(user_.home, error);
  if (!home_is_there_) {
    return fail(ErrorCode::kNotFound, "the home folder '{}' of '{}' is not there", user_.home.string(),
                user_.name);
  }
  std::string candidate = value_of(logon_->environment(), "XDG_RUNTIME_DIR");
  if (candidate.empty()) candidate = own_variable("XDG_RUNTIME_DIR");
  TS_TRY_ASSIGN(auto files,
                UserFiles::make(user_, candidate, config_.layout.runtime / "user", random_password(16)));
  files_ = std::make_unique<UserFiles>(std::move(files));
  display_ = message.display;
  cookie_ = message.cookie;
  TS_TRY(files_->copy_script("tsxsession"));
  TS_TRY(files_->copy_script("tsdesktop"));

  TS_TRY_ASSIGN(room_, open_room(config_, user_, *files_, message.display));

  std::vector<std::string> command{"/bin/sh", (files_->folder() / "tsxsession").string(),
                                   message.folder.str(), message.program.str(), config_.sessions.shell};
  if (has_bus()) {
    command.insert(command.begin(), {kBus, "--"});
  } else {
    log::warning("Starting a session without a D-Bus daemon: install dbus-daemon (dbus-run-session)");
  }
  // Our own standard output and error are the server's: its log, or the terminal of whoever started it.
  UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null) return fail_errno("opening /dev/null");
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kStream));
  first_word_ = std::move(ends.first);
  const UniqueFd word = std::move(ends.second);
  // The script waits for its answer.
  if (::fcntl(word.get(), F_SETFL, 0) != 0) return fail_errno("fcntl of a socket");
  os::Spawn what;
  what.fds = {{null.get(), STDOUT_FILENO}, {null.get(), STDERR_FILENO}, {word.get(), kWordFd}};
  what.room = room_ ? room_->handle() : -1;
  what.program = command.front();
  what.arguments.assign(command.begin() + 1, command.end());
  environment_ = environment(message);
  what.environment = environment_;
  TS_TRY_ASSIGN(auto groups, present_groups());
  if (::geteuid() == 0) what.identity = os::Identity{user_.uid, user_.gid, std::move(groups)};
  TS_TRY_ASSIGN(shell_, os::spawn(what));
  TS_TRY_ASSIGN(shell_watcher_, net::ExitWatcher::open(loop_, shell_, [this] { on_shell_ended(); }));
  first_word_poller_ = std::make_unique<net::Poller>(loop_, first_word_.get(),
                                                     [this](net::Poller::Ready) { on_first_word(); });
  first_word_poller_->watch(true, false);
  start_timer_.start(kStartPatience);
  return shell_;
}

/// One more program of the user's, with the session's limits and in its group as we are.
Result<> Userinit::start_messages(UniqueFd socket) {
  if (shell_ <= 0 || ending_) return fail(ErrorCode::kRefused, "nobody is logged on");
  // The host has let go of any former one. One that is still here does not end by itself: its user may have
  // stopped it, and each is a descriptor of ours, which the end of the session needs.
  for (const auto& [former, watcher] : helpers_) ::kill(former, SIGKILL);
  UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null) return fail_errno("opening /dev/null");
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program("tsmessage"));
  what.environment = environment_;
  what.fds = {{null.get(), STDOUT_FILENO}, {socket.get(), kMessagesFd}};
#ifndef TS_SANITIZE  // what a sanitizer says of it is for the tests
  what.fds.emplace_back(null.get(), STDERR_FILENO);
#endif
  what.room = room_ ? room_->handle() : -1;
  what.no_new_privs = true;
  what.die_with_parent = true;
  TS_TRY_ASSIGN(auto groups, present_groups());
  if (::geteuid() == 0) what.identity = os::Identity{user_.uid, user_.gid, std::move(groups)};
  TS_TRY_ASSIGN(const pid_t pid, os::spawn(what));
  TS_TRY_ASSIGN(helpers_[pid], net::ExitWatcher::open(loop_, pid, [this, pid] {
                  ::waitpid(pid, nullptr, 0);
                  helpers_.erase(pid);
                }));
  return {};
}

std::vector<std::string> Userinit::environment(const session::UserinitStart& message) const {
  EnvironmentInput input;
  input.user = user_;
  input.display = message.display;
  input.xauthority = files_->xauthority();
  input.runtime_folder = files_->runtime();
  input.own_tmp = room_.has_value();
  input.marks = {fmt::format("TS_SESSION_ID={}", message.session_id),
                 "TS_SESSION_KEY=" + own_variable("TS_SESSION_KEY")};
  input.from_pam = logon_->environment();
  return make_environment(input);
}

void Userinit::on_shell_ended() {
  if (first_word_poller_) on_first_word();
  if (first_word_poller_) answer_start(no_first_word(user_.name));
  session::UserinitShellEnded message;
  ::waitpid(shell_, &message.wait_status, 0);
  shell_ = -1;
  shell_watcher_.reset();
  log::info("User logged off user={}", log::escaped(user_.name));
  (void)socket_.send_message(message);  // tshost sees our end anyway
  finish();
}

void Userinit::end() {
  if (ending_) return;
  ending_ = true;
  if (shell_ <= 0) return finish();
  ::kill(-shell_, SIGTERM);
  kill_timer_.start(config_.sessions.end_timeout);
}

void Userinit::finish() {
  kill_timer_.stop();
  loop_.stop();
}

}  // namespace ts::userinit
