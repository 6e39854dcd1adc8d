#include "cmd/tssession/session_service.h"

#include <signal.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cmd/tssession/logon_service.h"
#include "cmd/tssession/session_rows.h"
#include "lib/base/log.h"
#include "ts_session_varlink.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::Record;
using session::SessionId;
using session::Verdict;

// What the host itself may take on top of its processes: a client has some seconds to leave.
constexpr std::chrono::seconds kKillExtra{5};
constexpr std::chrono::seconds kResetTime{10};
constexpr std::chrono::seconds kConnectTime{10};

session::Caller caller_of(const varlink::Call& call) {
  return {call.peer().uid, os::is_administrator(call.peer())};
}

/// An id that no session can have stands for every number that is not one.
SessionId id_of(const varlink::Call& call, const char* name = "id") {
  auto id = call.parameters().at(name).get<std::int64_t>();
  return id < 0 || id > session::kListenerSession ? std::numeric_limits<SessionId>::max()
                                                  : static_cast<SessionId>(id);
}

/// True when the call may go on; otherwise it has been answered. `name`: which parameter says the session.
bool proceed(Verdict verdict, const std::shared_ptr<varlink::Call>& call, const char* name = "id") {
  const json& id = call->parameters().at(name);
  std::string number = id.dump();
  switch (verdict) {
    case Verdict::kAllowed:
      return true;
    case Verdict::kNoSuchSession:
      (void)call->error("NoSuchSession", {{"id", id}});
      break;
    case Verdict::kNotPermitted:
      (void)call->error("NotPermitted", {{"message", "session " + number + " is not yours"}});
      break;
    case Verdict::kNotConnected:
      (void)call->error("NotConnected", {{"id", id}});
      break;
    case Verdict::kNotLoggedOn:
      (void)call->error("NotLoggedOn", {{"id", id}, {"message", "nobody is logged on to session " + number}});
      break;
  }
  return false;
}

}  // namespace

SessionService::SessionService(net::Loop& loop, const session::SessionTable& table,
                               std::chrono::milliseconds end_timeout, Handlers handlers)
    : table_(table),
      end_timeout_(end_timeout),
      handlers_(std::move(handlers)),
      kills_(loop, table, handlers_.signal),
      watchers_(table, [this] { return handlers_.listening(); }),
      late_(loop, [this] { handle_late(); }) {}

Result<> SessionService::add_to(varlink::Service& service) {
  return service.add_interface(varlink::k_ts_session,
                               {{"List", [this](CallPtr call) { handle_list(call); }},
                                {"Processes", [this](CallPtr call) { handle_processes(call); }},
                                {"Screenshot", [this](CallPtr call) { handle_screenshot(call); }},
                                {"Message", [this](CallPtr call) { handle_message(call); }},
                                {"Watch", [this](CallPtr call) { handle_watch(call); }},
                                {"Disconnect", [this](CallPtr call) { handle_disconnect(call); }},
                                {"Logoff", [this](CallPtr call) { handle_logoff(call); }},
                                {"Reset", [this](CallPtr call) { handle_reset(call); }},
                                {"Connect", [this](CallPtr call) { handle_connect(call); }},
                                {"Kill", [this](CallPtr call) { handle_kill(call); }}});
}

void SessionService::handle_list(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  json rows = json::array();
  for (const auto& [id, record] : table_.records())
    if (session::may_see(record, caller)) rows.push_back(session_row(record));
  if (auto addresses = handlers_.listening(); addresses && caller.administrator)
    rows.push_back(listener_row(*addresses));
  (void)call->reply({{"sessions", rows}});
}

void SessionService::handle_watch(const CallPtr& call) {
  if (!refuse_stack(call)) watchers_.add(call, caller_of(*call));
}

void SessionService::handle_processes(const CallPtr& call) {
  if (refuse_stack(call)) return;
  SessionId id = id_of(*call);
  if (proceed(session::may_look(table_, id, caller_of(*call)), call)) handlers_.list_processes(call, id);
}

/// What somebody does in their own session is their own affair, and may be done over and over.
void SessionService::note_look(const char* what, SessionId id, const varlink::Call& call) const {
  const auto level = table_.find(id)->state.uid == call.peer().uid ? log::Level::kDebug : log::Level::kInfo;
  log::write(level, fmt::format("{} session {} as asked by uid={}", what, id, call.peer().uid));
}

void SessionService::handle_screenshot(const CallPtr& call) {
  if (refuse_stack(call)) return;
  SessionId id = id_of(*call);
  if (!proceed(session::may_look(table_, id, caller_of(*call)), call)) return;
  note_look("Taking a picture of", id, *call);
  handlers_.take_picture(call, id);
}

void SessionService::handle_message(const CallPtr& call) {
  if (refuse_stack(call)) return;
  SessionId id = id_of(*call);
  if (!proceed(session::may_show(table_, id, caller_of(*call)), call)) return;
  note_look("Showing a message in", id, *call);
  handlers_.show_message(call, id);
}

void SessionService::handle_disconnect(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  SessionId id = id_of(*call);
  if (!proceed(session::may_disconnect(table_, id, caller), call)) return;
  const Record& record = *table_.find(id);
  // Its host is told once, whoever asks and goes, over and over.
  auto same = [&](const Request& former) {
    return former.kind == Request::Kind::kDisconnect && former.id == id &&
           former.connection == record.state.connection;
  };
  bool told = std::ranges::any_of(requests_, same);
  std::erase_if(requests_, [&](const Request& former) { return same(former) && !former.call->open(); });
  requests_.push_back({.call = call, .id = id, .connection = record.state.connection});
  if (told) return;
  log::info("Disconnecting session {} as asked by uid={}", id, call->peer().uid);
  handlers_.disconnect(id, session::disconnect_reason(record, caller));
}

void SessionService::handle_logoff(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  SessionId id = id_of(*call);
  if (!proceed(session::may_log_off(table_, id, caller), call)) return;
  wait_for_end(call, id, end_timeout_ + kKillExtra);
  log::info("Logging off session {} as asked by uid={}", id, call->peer().uid);
  handlers_.end_session(id, session::logoff_reason(*table_.find(id), caller));
}

void SessionService::handle_reset(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  SessionId id = id_of(*call);
  if (!proceed(session::may_reach(table_, id, caller), call)) return;
  wait_for_end(call, id, kResetTime);
  log::info("Resetting session {} as asked by uid={}", id, call->peer().uid);
  handlers_.reset_session(id, session::logoff_reason(*table_.find(id), caller));
}

void SessionService::handle_kill(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  const json& said = call->parameters();
  auto number = [&](const char* key) {
    return said.value(key, json()).is_null() ? 0 : said[key].get<std::int64_t>();
  };
  session::SignalProcesses message;
  auto signal = number("signal"), pid = number("pid");
  std::string name = said.value("name", json()).is_null() ? "" : said["name"].get<std::string>();
  bool in_one = !said.value("id", json()).is_null();
  // A name alone would reach into every session.
  bool known = pid > 0 ? pid <= std::numeric_limits<std::int32_t>::max() : !name.empty() && in_one;
  if (signal < 1 || signal > SIGRTMAX || !known) {
    return (void)call->error(
        "BadSignal", {{"message", "a signal from 1 on, and a pid or a name and its session, are needed"}});
  }
  message.signal = static_cast<std::int32_t>(signal);
  message.pid = static_cast<std::int32_t>(std::max<std::int64_t>(pid, 0));
  message.name.assign(name);
  message.uid = caller.administrator ? session::kNoUid : caller.uid;
  std::set<SessionId> reached;
  if (in_one && !proceed(session::may_reach(table_, id_of(*call), caller), call)) return;
  for (const auto& [id, record] : table_.records())
    if (in_one ? id == id_of(*call) : session::may_see(record, caller)) reached.insert(id);
  kills_.start(call, std::move(reached), message);
}

void SessionService::handle_connect(const CallPtr& call) {
  if (refuse_stack(call)) return;
  auto caller = caller_of(*call);
  SessionId id = id_of(*call), from = id_of(*call, "to");
  if (!proceed(session::may_show(table_, id, caller), call)) return;
  if (!proceed(session::may_move(table_, from, caller), call, "to")) return;
  auto refuse = [&](const std::string& text) { (void)call->error("NotPossible", {{"message", text}}); };
  if (id == from) return refuse(fmt::format("session {} is what that client shows already", id));
  auto moved = handlers_.move_client(from, id);
  if (!moved) return refuse(moved.error().message);
  log::info("Showing session {} to the client of session {} as asked by uid={}", id, from, call->peer().uid);
  add({.call = call,
       .kind = Request::Kind::kConnect,
       .id = id,
       .connection = *moved,
       .deadline = net::Clock::now() + kConnectTime});
}

/// A session ends in time also when nobody waits for it any more. Of callers that have gone one is kept,
/// whoever asks and goes, over and over.
void SessionService::wait_for_end(const CallPtr& call, SessionId id, std::chrono::milliseconds patience) {
  Request request{
      .call = call, .kind = Request::Kind::kEnd, .id = id, .deadline = net::Clock::now() + patience};
  std::erase_if(requests_, [&](const Request& former) {
    if (former.kind != Request::Kind::kEnd || former.id != id || former.call->open()) return false;
    request.deadline = std::min(request.deadline, former.deadline);
    request.late = request.late || former.late;
    return true;
  });
  add(std::move(request));
}

void SessionService::add(Request request) {
  requests_.push_back(std::move(request));
  handle_late();  // sets the clock
}

void SessionService::signalled(SessionId id, const session::ProcessesSignalled& answer) {
  kills_.answered(id, answer);
}

bool SessionService::is_done(const Request& request) const {
  const Record* record = table_.find(request.id);
  if (record == nullptr) return true;
  bool connected = record->state.attached != 0 && record->state.connection == request.connection;
  switch (request.kind) {
    case Request::Kind::kDisconnect:
      return !connected;
    case Request::Kind::kEnd:
      return !record->ending;  // the console's next one is there already
    case Request::Kind::kConnect:
      return connected;
  }
  return true;
}

void SessionService::update() {
  std::vector<Request> done;
  std::erase_if(requests_, [&](const Request& request) {
    if (!is_done(request)) return request.kind == Request::Kind::kConnect && !request.call->open();
    done.push_back(request);
    return true;
  });
  for (const auto& request : done) {
    if (!request.call->open()) continue;
    if (request.kind == Request::Kind::kConnect && table_.find(request.id) == nullptr)
      (void)request.call->error("NoSuchSession", {{"id", request.id}});
    else
      (void)request.call->reply();
  }
  kills_.update();
  watchers_.update();
}

/// A session that does not end is ended from outside; a client that does not come is not waited for.
void SessionService::handle_late() {
  auto now = net::Clock::now();
  std::optional<net::TimePoint> next;
  std::vector<Request> late;
  for (auto& request : requests_) {
    if (request.kind == Request::Kind::kDisconnect || request.late) continue;
    if (now >= request.deadline) {
      request.late = true;
      late.push_back(request);
    } else if (!next || request.deadline < *next) {
      next = request.deadline;
    }
  }
  std::erase_if(requests_, [](const Request& r) { return r.late && r.kind == Request::Kind::kConnect; });
  if (next) late_.start(std::chrono::ceil<std::chrono::milliseconds>(*next - now));
  for (const auto& request : late) {
    if (request.kind == Request::Kind::kEnd) {
      log::warning("Session {} did not end in time, ending its host", request.id);
      handlers_.end_host(request.id);
    } else if (request.call->open()) {
      auto text =
          fmt::format("session {} did not take the client in time; see 'tsquery session'", request.id);
      (void)request.call->error("NotPossible", {{"message", text}});
    }
  }
}

}  // namespace ts::tssession
