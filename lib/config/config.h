// The one configuration of a host, for all roles: typed, with every default here. Loaded from YAML (load.h);
// no file at all is a working single-machine configuration. Keys are the field names, nested as the structs
// are. A key whose function does not exist is not here and is refused as unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/layout.h"
#include "lib/base/log.h"

namespace ts::config {

struct Size {
  std::uint16_t width = 0, height = 0;
};

struct UidRange {
  std::uint32_t first = 0, last = 0;
};

struct Listener {
  std::vector<std::string> address{"0.0.0.0:3389"};  // numeric HOST:PORT; port 0: the kernel chooses
  std::vector<std::string> security{"tls"};          // what clients may negotiate
  std::filesystem::path certificate;           // PEM chain; empty: made on the first run below STATE/pki/tsd
  std::filesystem::path private_key;           // PEM
  std::uint32_t max_connections = 400;         // at once, logged on or not
  std::uint32_t max_per_address = 50;          // of those, from one address and not logged on; 0: any number
  std::chrono::seconds handshake_timeout{60};  // from connecting to credentials
  std::filesystem::path key_log;  // TLS key log for protocol analysis (tests): whoever reads it can decrypt
};

enum class Isolation { kShared, kPrivate };

struct Sessions {
  std::uint32_t idle = 2;                     // sessions that wait, ready
  std::uint32_t max = 200;                    // of all, without the console
  std::chrono::seconds idle_lifetime{43200};  // of one that waits, until it is replaced by a new one; 0: any
  std::chrono::seconds check_interval{30};    // of looking whether those that wait are well; 0: never
  std::uint64_t min_memory = 128'000'000;     // bytes that have to be available for another one; 0: any
  std::uint32_t max_logon = 20;               // connections that have not logged on yet
  std::uint32_t per_user = 1;                 // sessions of one user; 0: any number
  std::chrono::seconds logon_timeout{180};    // from connecting to the user's desktop
  std::vector<std::string> allow;             // users and @groups that may log on; empty: all
  std::string shell;  // command; empty: ~/.xsession, else /etc/X11/Xsession, else window manager and terminal
  bool auto_reconnect = true;   // clients that lost their connection come back without a password
  bool initial_program = true;  // run the program that the client asks for instead of the desktop
  Isolation isolation = Isolation::kShared;  // of processes, /tmp and shared memory from other sessions'
  Size max_size{3840, 2160};                 // of a desktop; each session's framebuffer is made for it
  std::chrono::seconds end_timeout{10};      // from TERM to KILL at logoff
  UidRange display_uids{60600, 61183};       // unused by Debian and systemd; one a session, as root
};

enum class LimitAction { kDisconnect, kLogOff };

/// For some accounts; what it does not say is said by a later one or by the server's own limits.
struct LimitRule {
  std::vector<std::string> names;  // users and @groups
  std::optional<std::chrono::seconds> idle, active, disconnected;
  std::optional<LimitAction> action;
  std::optional<std::uint32_t> per_user;
  std::optional<std::uint64_t> memory;
  std::optional<std::uint32_t> cpu_weight, tasks;
};

/// What a session may use of time and of the machine; zero: any.
struct Limits {
  std::chrono::seconds idle{0};                   // connected, without a key or the mouse
  std::chrono::seconds active{0};                 // connected
  std::chrono::seconds disconnected{0};           // then it is logged off
  LimitAction action = LimitAction::kDisconnect;  // after `idle` and `active`
  std::chrono::seconds warning{120};              // before `action`; zero: none
  std::uint64_t memory = 0;                       // bytes
  std::uint32_t cpu_weight = 0;                   // beside other sessions', 1..10000; zero: the system's, 100
  std::uint32_t tasks = 0;                        // processes and threads
  std::vector<LimitRule> accounts;                // the first that names an account and has a value counts
};

enum class AccountBackend { kPam, kFile };

struct Accounts {
  AccountBackend backend = AccountBackend::kPam;  // default: pam as root, else file
  bool root = false;                              // may root log on?
};

struct Logon {
  std::string banner;             // text on the logon screen
  std::filesystem::path logo;     // PNG file on it
  std::string domain;             // what its domain field starts with; empty: there is no such field
  std::string language = "auto";  // of what it says; auto: by the client's keyboard
  std::vector<std::string> keyboards{"us"};  // to choose from besides the client's: Windows ids or XKB names
};

struct Events {
  std::uint64_t max_size = 10'000'000;  // bytes of one role's file before it is turned over
  std::uint32_t keep = 4;               // files of a role besides the newest
};

struct Config {
  Layout layout;  // keys `state` and `runtime`
  Listener listener;
  Sessions sessions;
  Limits limits;
  Accounts accounts;
  Logon logon;
  Events events;
  log::Level log_level = log::Level::kInfo;  // key `log.level`
};

}  // namespace ts::config
