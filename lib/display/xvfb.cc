#include "lib/display/xvfb.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/display/child.h"
#include "lib/os/display_number.h"

namespace ts::display {
namespace {

// Numbers of the descriptors in the server process.
// The first is where sd_listen_fds(3) has the sockets that a server is handed.
enum : int { kListenFd = 3, kDisplayFd = 4, kAuthFd = 5, kFramebufferFd = 6, kFolderFd = 7 };

constexpr const char* kFramebufferName = "Xvfb_screen0";  // as Xvfb calls it below -fbdir

/// A file without a name that only `owner` (and root) may open again through /proc.
Result<UniqueFd> memory_file(const char* name, const std::optional<os::Identity>& owner) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail_errno("memfd_create");
  if (::fchmod(file.get(), 0600) != 0) return fail_errno("fchmod of a memory file");
  if (owner && ::geteuid() == 0 && ::fchown(file.get(), owner->uid, owner->gid) != 0) {
    return fail_errno("fchown of a memory file");
  }
  return file;
}

Result<> make_socket_folder() {
  constexpr const char* kFolder = "/tmp/.X11-unix";
  if (::mkdir(kFolder, 0700) == 0) {
    if (::chmod(kFolder, 01777) != 0) return fail_errno(fmt::format("chmod '{}'", kFolder));
  } else if (errno != EEXIST) {
    return fail_errno(fmt::format("making '{}'", kFolder));
  }
  if (::geteuid() != 0) return {};
  // Whoever owns the folder, or may rename what is in it, can put their own display server in a session's
  // place.
  struct stat found {};
  if (::lstat(kFolder, &found) != 0) return fail_errno(fmt::format("looking at '{}'", kFolder));
  if (!S_ISDIR(found.st_mode) || found.st_uid != 0 || (found.st_mode & (S_ISVTX | 0002)) == 0002) {
    return fail(
        ErrorCode::kRefused,
        "'{}' is not a folder of root's with the sticky bit, so others could take a session's display: "
        "remove it and start again",
        kFolder);
  }
  return {};
}

/// A folder with nothing but a link to the framebuffer's descriptor, for as long as the server starts.
class StartFolder {
 public:
  static Result<std::unique_ptr<StartFolder>> make(const ServerOptions& options) {
    std::string path = (options.folder / "display-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      return fail_errno(fmt::format("making a folder in '{}'", options.folder.string()));
    std::unique_ptr<StartFolder> out(new StartFolder(path));
    out->fd_.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::string target = fmt::format("/proc/self/fd/{}", static_cast<int>(kFramebufferFd));
    if (!out->fd_ || ::symlinkat(target.c_str(), out->fd_.get(), kFramebufferName) != 0) {
      return fail_errno(fmt::format("filling '{}'", path));
    }
    // Search permission only: the server finds the link and can change nothing.
    if (::fchmod(out->fd_.get(), 0711) != 0) return fail_errno(fmt::format("chmod '{}'", path));
    return out;
  }
  ~StartFolder() {
    ::unlinkat(fd_.get(), kFramebufferName, 0);
    ::rmdir(path_.c_str());
  }
  int fd() const { return fd_.get(); }

 private:
  explicit StartFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  UniqueFd fd_;
};

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  if (::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("fcntl");
  return std::pair{std::move(read_end), std::move(write_end)};
}

class XvfbServer final : public DisplayServer {
 public:
  XvfbServer(net::Loop& loop, ServerOptions options, Handlers handlers)
      : loop_(loop), options_(std::move(options)), handlers_(std::move(handlers)) {}

  Result<> start();
  pid_t pid() const override { return pid_; }
  int framebuffer() const override { return framebuffer_.get(); }
  int framebuffer_readonly() const override { return framebuffer_readonly_.get(); }
  void stop() override { child_->stop(); }

 private:
  Result<> make_files();
  std::vector<std::string> arguments() const;
  Result<> run(int display_end, int error_end);
  void read_readiness();
  void become_ready();
  void read_errors();
  void on_exit(const std::string& how);

  net::Loop& loop_;
  ServerOptions options_;
  Handlers handlers_;
  ServerReady ready_;
  os::DisplayNumber reserved_;  // outlives the server process
  UniqueFd framebuffer_, framebuffer_readonly_, auth_;
  std::unique_ptr<StartFolder> folder_;
  UniqueFd display_end_, error_end_;
  std::string error_line_, fatal_;
  pid_t pid_ = -1;
  std::unique_ptr<Child> child_;
  std::unique_ptr<net::Poller> display_poller_, error_poller_;
};

Result<> XvfbServer::make_files() {
  TS_TRY_ASSIGN(framebuffer_, memory_file("framebuffer", options_.identity));
  std::string own = fmt::format("/proc/self/fd/{}", framebuffer_.get());
  framebuffer_readonly_.reset(::open(own.c_str(), O_RDONLY | O_CLOEXEC));
  if (!framebuffer_readonly_) return fail_errno("opening the framebuffer again");
  if (::fcntl(framebuffer_.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0)
    return fail_errno("sealing the framebuffer");

  TS_TRY_ASSIGN(auth_, memory_file("xauthority", options_.identity));
  fill_random(ready_.cookie);
  std::string entry = xauthority_entry(-1, ready_.cookie);  // without a number: it is not known yet
  if (::write(auth_.get(), entry.data(), entry.size()) != static_cast<ssize_t>(entry.size())) {
    return fail_errno("writing the X authority");
  }
  TS_TRY_ASSIGN(folder_, StartFolder::make(options_));
  return {};
}

std::vector<std::string> XvfbServer::arguments() const {
  auto fd = [](int number) { return fmt::format("/proc/self/fd/{}", number); };
  const std::string screen = fmt::format("{}x{}x24", options_.max_size.width, options_.max_size.height);
  std::vector<std::string> out{fmt::format(":{}", reserved_.value()), "-noreset", "-dpms"};
  auto add = [&](const char* option, std::string value) {
    out.insert(out.end(), {option, std::move(value)});
  };
  add("-displayfd", std::to_string(kDisplayFd));
  add("-auth", fd(kAuthFd));
  add("-fbdir", fd(kFolderFd));
  out.insert(out.end(), {"-screen", "0", screen});
  add("-dpi", "96");
  add("-nolisten", "tcp");
  add("-nolisten", "local");  // the abstract socket
  add("-extension", "GLX");
  // It keeps the cursors of programs that have ended (xsetroot in a session script) from everybody, us too.
  add("-extension", "SECURITY");
  add("-s", "0");  // no screen saver
  add("-maxclients", "512");
  out.push_back("-r");  // no repetition: clients of RDP repeat keys themselves
  return out;
}

Result<> XvfbServer::run(int display_end, int error_end) {
  os::Spawn what;
  what.program = options_.program;
  what.arguments = arguments();
  what.environment = options_.environment;
  what.environment.insert(what.environment.end(), {"PATH=/usr/bin:/bin", "LISTEN_FDS=1"});
  what.systemd_listen = true;
  const UniqueFd listening = reserved_.take_socket();
  what.fds = {{error_end, 1},
              {error_end, 2},
              {listening.get(), kListenFd},
              {display_end, kDisplayFd},
              {auth_.get(), kAuthFd},
              {framebuffer_.get(), kFramebufferFd},
              {folder_->fd(), kFolderFd}};
  what.no_new_privs = true;
  what.die_with_parent = true;
  what.parent_death_signal = SIGTERM;  // it may have a compiled keymap to remove
  if (::geteuid() == 0) {
    what.identity = options_.identity;
    if (options_.identity) what.ambient_capabilities = {CAP_IPC_OWNER};
    what.own_tmp = true;
  }
  auto pid = os::spawn(what);
  // Where mounting is not allowed, or the root folder is no mount (chroot).
  if (!pid && what.own_tmp && pid.error().error_number != ENOENT) {
    log::warning("Going on with the common /tmp, where other users can keep a display from starting: {}",
                 pid.error().message);
    what.own_tmp = false;
    pid = os::spawn(what);
  }
  if (!pid && pid.error().error_number == ENOENT) {
    return fail(ErrorCode::kUnavailable, "Xvfb is not installed ('{}'): install the package 'xvfb'",
                options_.program.string());
  }
  if (!pid) return pass(pid.error());
  pid_ = *pid;
  TS_TRY_ASSIGN(child_, Child::watch(loop_, pid_, [this](std::string how) { on_exit(how); }));
  return {};
}

Result<> XvfbServer::start() {
  TS_TRY(make_socket_folder());
  TS_TRY_ASSIGN(reserved_, os::DisplayNumber::reserve());
  TS_TRY(make_files());
  TS_TRY_ASSIGN(auto display, make_pipe());
  TS_TRY_ASSIGN(auto errors, make_pipe());
  TS_TRY(run(display.second.get(), errors.second.get()));
  display_end_ = std::move(display.first);
  error_end_ = std::move(errors.first);
  display_poller_ =
      std::make_unique<net::Poller>(loop_, display_end_.get(), [this](auto) { read_readiness(); });
  error_poller_ = std::make_unique<net::Poller>(loop_, error_end_.get(), [this](auto) { read_errors(); });
  display_poller_->watch(true, false);
  error_poller_->watch(true, false);
  return {};
}

void XvfbServer::read_readiness() {
  char text[16];
  const ssize_t size = ::read(display_end_.get(), text, sizeof text);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // Its number and a newline, perhaps in pieces; it accepts connections then. Gone instead: the exit says
  // more.
  const bool told = size > 0 && text[size - 1] == '\n';
  if (size > 0 && !told) return;
  display_poller_.reset();
  display_end_.reset();
  if (told) become_ready();
}

void XvfbServer::become_ready() {
  ready_.display = reserved_.value();
  folder_.reset();
  auth_.reset();
  // What it has now is what it keeps: no reader needs to look again.
  ::fcntl(framebuffer_.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL);
  auto callback = handlers_.on_ready;
  if (callback) callback(ready_);
}

void XvfbServer::read_errors() {
  char text[1024];
  ssize_t size = ::read(error_end_.get(), text, sizeof text);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    error_poller_.reset();
    return;
  }
  for (char c : std::string_view(text, static_cast<std::size_t>(size))) {
    if (c != '\n' && error_line_.size() < 300) error_line_.push_back(c);
    if (c != '\n') continue;
    if (!error_line_.empty()) {
      log::debug("Display server pid={}: {}", pid_, log::escaped(error_line_));
      fatal_ = error_line_;  // the last one is the one that counts
    }
    error_line_.clear();
  }
}

void XvfbServer::on_exit(const std::string& how) {
  if (error_poller_) read_errors();
  error_poller_.reset();
  display_poller_.reset();
  folder_.reset();
  std::string reason = fmt::format("the display server {}", how);
  if (ready_.display < 0) reason += " before it was ready";
  if (how != "ended with status 0" && !fatal_.empty()) reason += fmt::format(" ({})", log::escaped(fatal_));
  reserved_ = os::DisplayNumber();
  auto callback = std::move(handlers_.on_exit);  // may destroy us
  if (callback) callback(reason);
}

}  // namespace

Result<std::unique_ptr<DisplayServer>> start_xvfb(net::Loop& loop, const ServerOptions& options,
                                                  DisplayServer::Handlers handlers) {
  auto server = std::make_unique<XvfbServer>(loop, options, std::move(handlers));
  TS_TRY(server->start());
  return server;
}

}  // namespace ts::display
