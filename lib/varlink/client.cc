#include "lib/varlink/client.h"

#include <fcntl.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/net/sockets.h"

namespace ts::varlink {
namespace {

constexpr std::chrono::seconds kConnectTime{10};  // until one of many who wait is accepted
constexpr int kConnectPause = 5;                  // ms

using nlohmann::json;

Bytes request_bytes(std::string_view method, const json& parameters, bool more) {
  json request = {{"method", method}, {"parameters", parameters}};
  if (more) request["more"] = true;
  return frame_bytes(request);
}

/// Waits until the socket can be read or written; what is ready is for the next system call to find out.
Result<> wait_for(int fd, short events, Client::Deadline deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(ErrorCode::kTimedOut, "no answer within the time allowed");
    pollfd waiting{fd, events, 0};
    int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 3600 * 1000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail_errno("poll");
  }
}

}  // namespace

Result<Reply> parse_reply(Frame frame) {
  TS_TRY_ASSIGN(auto object, parse_object(frame.text, kReplyLimits));
  Reply reply;
  reply.fds = std::move(frame.fds);
  json parameters = json::object();
  for (auto& [key, value] : object.items()) {
    if (key == "parameters" && value.is_object())
      parameters = std::move(value);
    else if (key == "parameters" && value.is_null())
      continue;
    else if (key == "continues" && value.is_boolean())
      reply.continues = value.get<bool>();
    else if (key == "error" && value.is_string())
      reply.error = value.get<std::string>();
    else
      return fail(ErrorCode::kMalformed, "'{}' is not part of a reply", log::escaped(key, 40));
  }
  reply.parameters = std::make_shared<const json>(std::move(parameters));
  return reply;
}

std::string_view Reply::error_name() const {
  return std::string_view(error).substr(error.rfind('.') + 1);  // npos + 1 is 0
}

Error Reply::as_error() const {
  std::string_view name = error_name();
  ErrorCode code = name == "NotPermitted"                      ? ErrorCode::kNotPermitted
                   : name.starts_with("NoSuch")                ? ErrorCode::kNotFound
                   : error.starts_with("org.varlink.service.") ? ErrorCode::kInternal
                                                               : ErrorCode::kRefused;
  if (auto message = parameters->find("message"); message != parameters->end() && message->is_string())
    return {code, message->get<std::string>()};
  std::string details =
      parameters->empty() ? "" : " " + parameters->dump(-1, ' ', true, json::error_handler_t::replace);
  return {code, fmt::format("{}{}", error, details)};
}

Result<> Expectations::add(std::string_view definition) {
  TS_TRY_ASSIGN(auto interface, Interface::parse(definition));
  interfaces_.push_back(std::move(interface));
  return {};
}

Result<> Expectations::check(std::string_view method, const Reply& reply) const {
  std::string_view subject = reply.ok() ? method : reply.error;
  auto dot = subject.rfind('.');
  if (dot == std::string_view::npos) return {};
  for (const auto& interface : interfaces_) {
    if (interface.name() != subject.substr(0, dot)) continue;
    std::string_view name = subject.substr(dot + 1);
    const Method* expected = reply.ok() ? interface.find_method(name) : nullptr;
    const Definition* error = reply.ok() ? nullptr : interface.find_error(name);
    if (expected == nullptr && error == nullptr)
      return fail(ErrorCode::kMalformed, "'{}' is unknown", subject);
    auto fits = interface.check(expected != nullptr ? expected->reply : error->type, *reply.parameters);
    return fits ? fits : pass(fits.error(), fmt::format("reply to '{}'", method));
  }
  return {};
}

Result<Client> Client::connect(const std::filesystem::path& socket) {
  // Whoever calls over and over has others wait, and does not have them believe that nobody is there.
  const auto deadline = std::chrono::steady_clock::now() + kConnectTime;
  auto fd = net::connect_unix(socket, net::SocketKind::kStream);
  while (!fd && fd.error().error_number == EAGAIN && std::chrono::steady_clock::now() < deadline) {
    (void)::poll(nullptr, 0, kConnectPause);
    fd = net::connect_unix(socket, net::SocketKind::kStream);
  }
  if (!fd) return pass(fd.error());
  return Client(std::move(*fd));
}

Result<> Client::send_all(ByteView bytes, Deadline deadline) {
  while (!bytes.empty()) {
    auto sent = net::send_with_fd(fd_.get(), bytes, -1);
    if (sent)
      bytes = bytes.subspan(*sent);
    else if (sent.error().error_number == EAGAIN)
      TS_TRY(wait_for(fd_.get(), POLLOUT, deadline));
    else
      return fail(ErrorCode::kUnavailable, "the service has closed the connection");
  }
  return {};
}

/// What is there now; false: nothing.
Result<bool> Client::read_some() {
  std::byte buffer[64 * 1024];
  std::vector<UniqueFd> fds;
  auto got = net::receive_with_fds(fd_.get(), buffer, fds);
  if (got && *got == 0) return fail(ErrorCode::kUnavailable, "the service has closed the connection");
  if (got) {
    TS_TRY(reader_.feed({buffer, *got}, std::move(fds)));
    return true;
  }
  if (got.error().error_number == EAGAIN) return false;
  return fail(ErrorCode::kUnavailable, "the connection broke: {}", got.error().message);
}

Result<Frame> Client::receive(Deadline deadline) {
  for (;;) {
    if (auto frame = reader_.next()) return std::move(*frame);
    TS_TRY(wait_for(fd_.get(), POLLIN, deadline));
    TS_TRY(read_some());
  }
}

Result<Reply> Client::checked(std::string_view method, Frame frame) const {
  TS_TRY_ASSIGN(auto reply, parse_reply(std::move(frame)));
  TS_TRY(expectations_.check(method, reply));
  return reply;
}

Result<Reply> Client::call(std::string_view method, const json& parameters,
                           std::chrono::milliseconds timeout) {
  Deadline deadline = std::chrono::steady_clock::now() + timeout;
  if (!fd_) return fail(ErrorCode::kUnavailable, "not connected");
  net::set_nonblocking(fd_.get());
  TS_TRY(send_all(request_bytes(method, parameters, false), deadline));
  TS_TRY_ASSIGN(auto frame, receive(deadline));
  return checked(method, std::move(frame));
}

Result<> Client::start(std::string_view method, const json& parameters, std::chrono::milliseconds timeout) {
  if (!fd_) return fail(ErrorCode::kUnavailable, "not connected");
  net::set_nonblocking(fd_.get());
  started_ = method;
  return send_all(request_bytes(method, parameters, true), std::chrono::steady_clock::now() + timeout);
}

Result<std::optional<Reply>> Client::next_reply() {
  for (;;) {
    if (auto frame = reader_.next()) {
      TS_TRY_ASSIGN(auto reply, checked(started_, std::move(*frame)));
      return std::optional<Reply>(std::move(reply));
    }
    TS_TRY_ASSIGN(bool came, read_some());
    if (!came) return std::optional<Reply>();
  }
}

Result<> Client::call_more(std::string_view method, const json& parameters, std::chrono::milliseconds timeout,
                           const std::function<Result<>(const Reply&)>& on_reply) {
  Deadline deadline = std::chrono::steady_clock::now() + timeout;
  TS_TRY(start(method, parameters, timeout));
  for (bool continues = true; continues;) {
    TS_TRY_ASSIGN(auto frame, receive(deadline));
    TS_TRY_ASSIGN(auto reply, checked(method, std::move(frame)));
    continues = reply.continues;
    TS_TRY(on_reply(reply));
  }
  return {};
}

Result<UniqueFd> Client::release() {
  if (reader_.buffered() > 0) return fail(ErrorCode::kMalformed, "the service said more than it was asked");
  return std::move(fd_);
}

}  // namespace ts::varlink
