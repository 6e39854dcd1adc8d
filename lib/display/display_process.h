// tshost's handle on its tsdisplay: starts it with exactly one descriptor (3, the control socket), tells it
// over that socket what it serves (display number, cookie, framebuffer: never in arguments or environment),
// makes a display socket for each stack, and tells when it is gone. Destroying it ends the process.
//
//   auto process = start_display_process(loop, {.identity = uid, .display = ready.display, .cookie =
//   ready.cookie,
//                                               .framebuffer = server->framebuffer()}, handlers);
//   auto socket = (*process)->attach();   // any time, also before on_ready: goes to the stack with a dup of
//                                         // server->framebuffer_readonly() (lib/session/stack_messages.h:
//                                         Display)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/log_limit.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/display/child.h"
#include "lib/display/server.h"
#include "lib/display/snapshot.h"
#include "lib/net/packet_socket.h"
#include "lib/os/spawn.h"

namespace ts::display {

struct DisplayProcessOptions {
  std::optional<os::Identity> identity;  // the same as the display server's
  int display = -1;
  Cookie cookie{};
  int framebuffer = -1;                  // borrowed: DisplayServer::framebuffer()
  Size size{1024, 768};                  // of the desktop until a stack asks for another
  std::vector<std::string> environment;  // "NAME=value", e.g. TS_SESSION_ID; PATH is added
  std::vector<std::string> arguments;    // common options for a child program (cli::Context::forwarded)
  std::filesystem::path program;         // empty: tsdisplay, found by os::find_program
};

class DisplayProcess {
 public:
  struct Handlers {
    std::function<void()> on_ready;  // connected to the display server; the desktop has its first size
    /// Once, when it is gone and reaped; start another and attach() the stack again.
    std::function<void(const std::string& reason)> on_exit;
    /// Answer to take_picture(), checked; kSystem and kMalformed say why there is none.
    std::function<void(std::uint32_t request, Result<Snapshot>)> on_picture;
    /// Somebody uses keys or the mouse; as tsdisplay says, which may be a lie.
    std::function<void()> on_input;
    /// Answer to ask().
    std::function<void(std::uint32_t request)> on_answer;
  };

  DisplayProcess(const DisplayProcess&) = delete;
  DisplayProcess& operator=(const DisplayProcess&) = delete;

  pid_t pid() const { return child_->pid(); }
  /// A new display socket: the returned end is the stack's. The one before ends.
  Result<UniqueFd> attach();
  /// Ends the display socket that attach() made last, also when its stack does not close it.
  Result<> detach();
  /// The desktop takes this size, which a stack that is attached later will ask for.
  Result<> fit(Size size);
  /// on_answer follows when it, and the display server, still work.
  Result<> ask(std::uint32_t request);
  /// on_picture follows, unless it ends before.
  Result<> take_picture(std::uint32_t request);

 private:
  friend Result<std::unique_ptr<DisplayProcess>> start_display_process(net::Loop&,
                                                                       const DisplayProcessOptions&,
                                                                       Handlers);
  explicit DisplayProcess(Handlers handlers) : handlers_(std::move(handlers)) {}
  Result<> start(net::Loop& loop, const DisplayProcessOptions& options);
  void on_packet(ByteView packet, std::vector<UniqueFd> fds);
  void on_picture(const PictureTaken& message, std::vector<UniqueFd> fds);

  Handlers handlers_;
  log::Limited log_;  // of what tsdisplay says
  std::unique_ptr<net::PacketSocket> control_;
  std::unique_ptr<Child> child_;  // last: its end is waited for while the control socket is still open
};

Result<std::unique_ptr<DisplayProcess>> start_display_process(net::Loop& loop,
                                                              const DisplayProcessOptions& options,
                                                              DisplayProcess::Handlers handlers);

}  // namespace ts::display
