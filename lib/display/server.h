// A session's display server as its host (tshost) sees it: started, ready, watched, stopped. What draws is
// behind this interface: Xvfb today (xvfb.h); a Wayland compositor or somebody's :0 fit the same.
//
// The framebuffer is a sealed memory file that the host owns: it cannot shrink, so a reader's mapping never
// faults, and it is gone when the last process lets go of it. `framebuffer` is writable and for tsdisplay
// only; `framebuffer_readonly` is what stacks get (dup it for each). The session's uid draws into it: readers
// treat its contents, the header included, as hostile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"
#include "lib/os/spawn.h"

namespace ts::display {

struct Size {
  std::uint16_t width = 0, height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

/// MIT-MAGIC-COOKIE-1: whoever knows it may use the display.
using Cookie = std::array<std::byte, 16>;

struct ServerOptions {
  std::optional<os::Identity> identity;  // the session's display uid (as root); empty: the caller's
  Size max_size{3840, 2160};             // the framebuffer is made for it; tsdisplay resizes below it
  std::filesystem::path folder;  // RUNTIME: a private folder is made here and removed once the server is up
  std::vector<std::string>
      environment;  // "NAME=value" for the server process, e.g. TS_SESSION_ID; PATH is added
  std::filesystem::path program = "/usr/bin/Xvfb";
};

struct ServerReady {
  int display = -1;  // DISPLAY=":<display>"
  Cookie cookie{};
};

class DisplayServer {
 public:
  struct Handlers {
    std::function<void(const ServerReady&)> on_ready;
    /// Once, when the server process is gone: with `reason` a sentence, whether it was ever ready or not. It
    /// has been reaped (a caller that reaps all its children itself does no harm) and its socket and lock are
    /// removed.
    std::function<void(const std::string& reason)> on_exit;
  };

  virtual ~DisplayServer() = default;
  /// Of the server process, e.g. to put it into a cgroup.
  virtual pid_t pid() const = 0;
  /// Descriptors borrowed; valid from start() on (filled by the server once it is ready).
  virtual int framebuffer() const = 0;
  virtual int framebuffer_readonly() const = 0;
  /// Asks the server to end (SIGTERM, after 2 s SIGKILL); on_exit follows. Destroying it instead waits for
  /// the end.
  virtual void stop() = 0;
};

/// One entry of an XAUTHORITY file that opens `display` (-1: any) on this host, e.g. for the user's own file.
std::string xauthority_entry(int display, const Cookie& cookie);

}  // namespace ts::display
