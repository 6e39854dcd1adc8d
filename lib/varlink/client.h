// Callers of Varlink services: Client blocks, for command-line tools; AsyncClient lives in a loop, for
// daemons and stacks. Both check replies against the interface definitions they were told to expect, so a
// reply of a known method can be read without further checks.
//
//   TS_TRY_ASSIGN(auto client, Client::connect(layout.session_socket()));
//   TS_TRY(client.expect(k_ts_session));
//   TS_TRY_ASSIGN(auto reply, client.call("ts.Session.List", json::object(), std::chrono::seconds(5)));
//   if (!reply.ok()) return pass(reply.as_error());
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/stream.h"
#include "lib/varlink/frame.h"
#include "lib/varlink/interface.h"

namespace ts::varlink {

/// One answer of a service: parameters of the reply, or an error that the service itself returned.
struct Reply {
  std::string error;                                 // full name, "ts.Session.NoSuchSession"; empty: none
  std::shared_ptr<const nlohmann::json> parameters;  // always an object
  bool continues = false;
  std::vector<UniqueFd> fds;

  bool ok() const { return error.empty(); }
  /// "NoSuchSession" of "ts.Session.NoSuchSession".
  std::string_view error_name() const;
  /// The service's error as one of ours, for reports to people: NotPermitted -> kNotPermitted, NoSuch... ->
  /// kNotFound, others kRefused; the message is the error's own `message` if it has one.
  Error as_error() const;
};

/// What a frame from a service says; shared by both clients.
Result<Reply> parse_reply(Frame frame);

/// The interface definitions that replies are checked against.
class Expectations {
 public:
  Result<> add(std::string_view definition);
  Result<> check(std::string_view method, const Reply& reply) const;

 private:
  std::vector<Interface> interfaces_;
};

class Client {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// kUnavailable when nobody listens there, kNotPermitted when we may not. Waits some seconds for its turn.
  static Result<Client> connect(const std::filesystem::path& socket);
  /// A socket that is connected already.
  explicit Client(UniqueFd connected) : fd_(std::move(connected)) {}

  Result<> expect(std::string_view definition) { return expectations_.add(definition); }
  /// Errors of ours: kTimedOut, kUnavailable (closed), kMalformed. After one of these the client is of no
  /// more use.
  Result<Reply> call(std::string_view method, const nlohmann::json& parameters,
                     std::chrono::milliseconds timeout);
  /// The same for a call with `more`: `on_reply` gets each reply up to the last one or the first error, which
  /// may be of its own. The time is that of all of them.
  Result<> call_more(std::string_view method, const nlohmann::json& parameters,
                     std::chrono::milliseconds timeout,
                     const std::function<Result<>(const Reply&)>& on_reply);
  /// Sends a call with `more` whose replies come when they come: next_reply() takes one that is there, or
  /// says that there is none yet; wait for fd() to become readable.
  Result<> start(std::string_view method, const nlohmann::json& parameters,
                 std::chrono::milliseconds timeout);
  Result<std::optional<Reply>> next_reply();
  int fd() const { return fd_.get(); }
  /// Gives the socket away; fails when bytes have come that no call asked for.
  Result<UniqueFd> release();

 private:
  Result<> send_all(ByteView bytes, Deadline deadline);
  Result<bool> read_some();
  Result<Frame> receive(Deadline deadline);
  Result<Reply> checked(std::string_view method, Frame frame) const;

  UniqueFd fd_;
  std::string started_;  // the method that next_reply() is about
  FrameReader reader_{kReplyLimits};
  Expectations expectations_;
};

class AsyncClient {
 public:
  enum class Mode { kOnce, kMore, kOneway };
  using OnReply = std::function<void(Reply)>;
  /// The service is gone (empty reason) or broke the protocol. Calls that wait get no reply.
  using OnClosed = std::function<void(const std::string& reason)>;

  /// The owner may destroy the client from inside any callback.
  AsyncClient(net::Loop& loop, UniqueFd connected, OnClosed on_closed);
  ~AsyncClient() { *alive_ = false; }
  AsyncClient(const AsyncClient&) = delete;
  AsyncClient& operator=(const AsyncClient&) = delete;

  Result<> expect(std::string_view definition) { return expectations_.add(definition); }
  /// Calls are answered in order; `on_reply` is called once, with kMore until a reply that does not continue.
  Result<> call(std::string_view method, const nlohmann::json& parameters, Mode mode, OnReply on_reply);
  /// Gives the socket away and ends this client's use of it; fails when a call waits or unread bytes are
  /// here.
  Result<UniqueFd> release();

 private:
  struct Waiting {
    std::string method;
    bool more = false;
    OnReply on_reply;
  };
  void on_data(ByteView bytes, std::vector<UniqueFd> fds);
  void end(const std::string& reason);

  FrameReader reader_{kReplyLimits};
  Expectations expectations_;
  std::deque<Waiting> waiting_;
  OnClosed on_closed_;
  std::unique_ptr<net::Stream> stream_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ts::varlink
