#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "lib/varlink/client.h"

namespace ts::varlink {

AsyncClient::AsyncClient(net::Loop& loop, UniqueFd connected, OnClosed on_closed)
    : on_closed_(std::move(on_closed)) {
  stream_ = std::make_unique<net::Stream>(
      loop, std::move(connected),
      net::Stream::Handlers{
          .on_data = [this](ByteView bytes, std::vector<UniqueFd> fds) { on_data(bytes, std::move(fds)); },
          .on_close = [this](const std::string& reason) { end(reason); }});
}

Result<> AsyncClient::call(std::string_view method, const nlohmann::json& parameters, Mode mode,
                           OnReply on_reply) {
  if (stream_ == nullptr) return fail(ErrorCode::kUnavailable, "not connected");
  nlohmann::json request = {{"method", method}, {"parameters", parameters}};
  if (mode == Mode::kMore) request["more"] = true;
  if (mode == Mode::kOneway) request["oneway"] = true;
  TS_TRY(stream_->write(frame_bytes(request)));
  if (mode != Mode::kOneway)
    waiting_.push_back({std::string(method), mode == Mode::kMore, std::move(on_reply)});
  return {};
}

void AsyncClient::on_data(ByteView bytes, std::vector<UniqueFd> fds) {
  auto alive = alive_;
  if (auto fed = reader_.feed(bytes, std::move(fds)); !fed) return end(fed.error().message);
  while (auto frame = reader_.next()) {
    auto reply = parse_reply(std::move(*frame));
    if (!reply) return end(reply.error().message);
    if (waiting_.empty()) return end("a reply that no call waits for");
    Waiting& waiting = waiting_.front();
    if (reply->continues && !waiting.more) return end("several replies to a call that takes one");
    if (auto fits = expectations_.check(waiting.method, *reply); !fits) return end(fits.error().message);
    auto on_reply = waiting.on_reply;
    if (!reply->continues) waiting_.pop_front();
    if (on_reply) on_reply(std::move(*reply));
    if (!*alive || stream_ == nullptr) return;
  }
}

void AsyncClient::end(const std::string& reason) {
  stream_.reset();
  waiting_.clear();
  if (auto callback = on_closed_) callback(reason);
}

Result<UniqueFd> AsyncClient::release() {
  if (stream_ == nullptr) return fail(ErrorCode::kUnavailable, "not connected");
  if (!waiting_.empty() || reader_.buffered() > 0 || stream_->pending() > 0)
    return fail(ErrorCode::kRefused, "the connection is in the middle of a call");
  UniqueFd fd(::fcntl(stream_->fd(), F_DUPFD_CLOEXEC, 3));
  if (!fd) return fail_errno("dup");
  stream_.reset();
  return fd;
}

}  // namespace ts::varlink
