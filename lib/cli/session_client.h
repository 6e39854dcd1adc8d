// What tsctl and tsquery ask the session manager (ts.Session): typed, blocking, with messages that tell a
// person what to do. Every call has a deadline.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/unique_fd.h"
#include "lib/cli/program.h"
#include "lib/session/types.h"
#include "lib/varlink/client.h"

namespace ts::cli {

/// As ts.Session has it; what is not known is empty.
struct ClientRow {
  std::string name, address;
  std::int64_t width = 0, height = 0, depth = 0;
};

struct LimitsRow {
  std::optional<std::int64_t> memory_bytes, cpu_weight, tasks;
  std::vector<std::string> not_in_force;
};

struct SessionRow {
  session::SessionId id = 0;
  std::string name, user, domain, state;
  std::optional<ClientRow> client;
  std::string type, device;
  std::optional<std::int64_t> uid, display, pid;
  std::string program;
  std::optional<std::string> connect_time, logon_time, disconnect_time;
  std::vector<std::string> addresses;
  std::optional<LimitsRow> limits;
};

/// How one session changed: "present" (there when it was first asked), "new", "changed" or "gone".
struct SessionChange {
  std::string kind;
  SessionRow session;
};

/// Which processes get which signal: one by its id, or those of a name in a session.
struct KillRequest {
  std::optional<std::int64_t> pid;
  std::optional<std::string> name;
  std::optional<session::SessionId> session;
  int signal = 0;
};

/// What a session showed: rows of pixels in a memory file. Numbers as the service says them, not checked.
struct PictureFile {
  UniqueFd file;
  std::int64_t width = 0, height = 0, offset = 0, stride = 0;
};

/// A message for the person in front of a session; `buttons` as ts.Session has them.
struct MessageRequest {
  std::string title, text, buttons = "ok";
  std::uint32_t seconds = 0;  // until it closes by itself; 0: it stays
  bool wait = false;
};

/// The session manager's socket, ts.Session expected. kUnavailable, with what to do, when nobody serves the
/// configured runtime folder. An ordinary user whose own folder is not served and was not asked for is taken
/// to the system's.
Result<varlink::Client> dial_session_manager(const Context& context);

class SessionClient {
 public:
  static Result<SessionClient> connect(const Context& context);

  Result<std::vector<SessionRow>> list();
  /// Asks to be told of changes; the client is for nothing else from then on. next_changes() takes what has
  /// come, perhaps nothing; when fd() is readable there is more.
  Result<> watch();
  Result<std::optional<std::vector<SessionChange>>> next_changes();
  int fd() const { return client_.fd(); }
  Result<> disconnect(session::SessionId id);
  /// `timeout`: programs have their time to end.
  Result<> logoff(session::SessionId id, std::chrono::milliseconds timeout);
  Result<> reset(session::SessionId id);
  /// The client of session `to` gets session `id` to show.
  Result<> show(session::SessionId id, session::SessionId to);
  Result<PictureFile> screenshot(session::SessionId id);
  /// The button, if the request waits for one; kTimedOut when nobody pressed any in time.
  Result<std::optional<std::string>> message(session::SessionId id, const MessageRequest& request);
  /// Returns how many processes got the signal.
  Result<std::int64_t> kill(const KillRequest& request);

 private:
  explicit SessionClient(varlink::Client client) : client_(std::move(client)) {}
  Result<> act(const char* method, session::SessionId id, std::chrono::milliseconds timeout);

  varlink::Client client_;
};

/// The session this process runs in, by TS_SESSION_ID.
std::optional<session::SessionId> own_session();

/// A session named as people do: by id, or by name (console, rdp-tcp#1; letter case does not matter).
Result<SessionRow> find_session(const std::vector<SessionRow>& sessions, const std::string& named);

/// The id; the id of the session that has this name; without a word that of the one we are in, and if that is
/// none, `how` it can be named.
Result<session::SessionId> chosen_session(SessionClient& client, const std::string& named,
                                          const char* how = "its ID");

/// kNotFound for the listener, which 'tsquery session' lists although nothing can be done to it.
Result<> check_no_listener(session::SessionId id);

/// "17", digits only.
std::optional<session::SessionId> session_id_in(const std::string& text);

/// ASCII letters alike in both cases, as session names are compared.
bool same_name(const std::string& a, const std::string& b);

}  // namespace ts::cli
