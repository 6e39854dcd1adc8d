#include "lib/varlink/connection.h"

namespace ts::varlink {
namespace {
constexpr std::chrono::milliseconds kUnreadPause{20};
}

void Connection::start(net::Loop& loop, UniqueFd fd, std::size_t reply_bytes, Handlers handlers) {
  handlers_ = std::move(handlers);
  wake_ = std::make_unique<net::Timer>(loop, [this] {
    auto self = shared_from_this();
    // What was answered is sent first; a client that does not read is not waited for.
    if (closing_ && stream_ != nullptr && (stream_->pending() == 0 || !end_reason_.empty()))
      return end(end_reason_);
    pump();
  });
  // Descriptors from clients are not wanted: letting the vector go closes them.
  stream_ = std::make_unique<net::Stream>(
      loop, std::move(fd),
      net::Stream::Handlers{.on_data = [this](ByteView bytes, std::vector<UniqueFd>) { on_data(bytes); },
                            .on_close = [this](const std::string& reason) { end(reason); },
                            .on_drain = [this] { wake_later(); }});
  stream_->set_max_pending(reply_bytes);
}

void Connection::wake_later() {
  if (wake_ != nullptr) wake_->start(std::chrono::milliseconds(0));
}

void Connection::on_data(ByteView bytes) {
  auto self = shared_from_this();
  if (closing_) return;
  if (auto fed = reader_.feed(bytes, {}); !fed) return end(fed.error().message);
  // Reading goes on while a call is being handled, so that the client's going is noticed; what it may send
  // ahead meanwhile is bounded here: by what it costs us, not by what it costs the sender.
  if (reader_.buffered() > 2 * limits_.frame_bytes)
    return end("calls are sent faster than they are answered");
  pump();
}

void Connection::pump() {
  auto self = shared_from_this();
  if (pumping_) return;
  pumping_ = true;
  while (open() && !busy_ && stream_->pending() == 0) {
    // Descriptors that nobody takes count against all that our account may send.
    passed_ = passed_ && stream_->unread();
    if (passed_) {
      if (reader_.buffered() > 0) wake_->start(kUnreadPause);
      break;
    }
    auto frame = reader_.next();
    if (!frame) break;
    busy_ = true;
    auto on_frame = handlers_.on_frame;
    on_frame(*this, frame->text);
  }
  pumping_ = false;
}

Result<> Connection::send(ByteView frame, UniqueFd passed, bool last) {
  if (!open()) return fail(ErrorCode::kUnavailable, "the caller is gone");
  passed_ = passed_ || passed;
  if (auto written = stream_->write(frame, std::move(passed)); !written) {
    end_reason_ = written.error().message;
    close();
    return written;
  }
  if (last) finish_call();
  return {};
}

void Connection::finish_call() {
  busy_ = false;
  // Never from here into the next call's handler: the one who answers is in the middle of its own work.
  if (!pumping_) wake_later();
}

void Connection::close() {
  if (!open()) return;
  closing_ = true;
  wake_later();
}

void Connection::end(const std::string& reason) {
  if (stream_ == nullptr) return;
  auto self = shared_from_this();
  closing_ = true;
  stream_.reset();
  wake_.reset();
  auto on_end = std::move(handlers_.on_end);
  handlers_ = {};
  if (on_end) on_end(*this, reason);
}

}  // namespace ts::varlink
