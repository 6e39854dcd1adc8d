#include "cmd/tshost/message_boxes.h"

#include "lib/base/log.h"
#include "lib/net/sockets.h"

namespace ts::host {
namespace {

using session::BoxEnded;

/// A program that starts, opens a display and paints; one that has not by then hangs.
constexpr std::chrono::seconds kUpTime{8};

BoxEnded failed(std::uint32_t request, const std::string& why) {
  BoxEnded out;
  out.request = request;
  out.how = BoxEnded::How::kFailed;
  out.message = FixedText<256>(why);
  return out;
}

}  // namespace

MessageBoxes::MessageBoxes(net::Loop& loop, Handlers handlers)
    : loop_(loop), handlers_(std::move(handlers)) {}

void MessageBoxes::show(const session::ShowBox& message) {
  if (session::replies_of(message.buttons).empty() || boxes_.contains(message.request))
    return handlers_.on_ended(failed(message.request, "the request cannot be"));
  if (boxes_.size() >= session::kMostBoxes)
    return handlers_.on_ended(
        failed(message.request,
               fmt::format("it shows {} messages already; wait until one is answered", boxes_.size())));
  if (!socket_) {
    if (auto started = start(); !started)
      return handlers_.on_ended(failed(message.request, started.error().message));
  }
  auto& box = boxes_[message.request];
  box.buttons = message.buttons;
  box.seconds = message.seconds;
  box.timer = std::make_unique<net::Timer>(loop_, [this, request = message.request] { late(request); });
  box.timer->start(kUpTime);
  // A tsmessage that does not read is late, too.
  (void)socket_->send_message(message);
}

Result<> MessageBoxes::start() {
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  socket_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(ends.first),
      net::PacketSocket::Handlers{
          [this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
          [this](const std::string&) { fail_all("the program that shows messages there has ended"); }});
  TS_TRY(socket_->send_message(handlers_.display()));
  TS_TRY(socket_->send_message(client_));
  handlers_.start(std::move(ends.second));
  return {};
}

void MessageBoxes::set_client(const session::BoxClient& client) {
  client_ = client;
  if (socket_) (void)socket_->send_message(client_);
}

void MessageBoxes::stop() {
  fail_all("the session ends");
}

void MessageBoxes::on_packet(ByteView packet) {
  bool fine = false;
  if (auto message = message_as<session::BoxShown>(packet)) fine = shown(*message);
  if (auto message = message_as<session::BoxAnswered>(packet)) fine = answered(*message);
  if (fine) return;
  log::warning("Ending tsmessage: a message of type {:#x} is not expected now", message_type(packet));
  fail_all("the program that shows messages there does not work");
}

/// What is shown and not known any more crossed our own word that its time is over.
bool MessageBoxes::shown(const session::BoxShown& message) {
  auto found = boxes_.find(message.request);
  if (found == boxes_.end()) return true;
  Box& box = found->second;
  if (std::exchange(box.shown, true)) return false;
  box.timer->stop();
  if (box.seconds > 0)
    box.timer->start(std::chrono::seconds(std::min(box.seconds, session::kMostBoxSeconds)));
  handlers_.on_shown(message);
  return true;
}

bool MessageBoxes::answered(const session::BoxAnswered& message) {
  auto found = boxes_.find(message.request);
  if (found == boxes_.end()) return true;
  if (!found->second.shown || !session::may_reply(found->second.buttons, message.reply)) return false;
  BoxEnded ended;
  ended.request = message.request;
  ended.how = BoxEnded::How::kAnswered;
  ended.reply = message.reply;
  end(ended);
  return true;
}

void MessageBoxes::late(std::uint32_t request) {
  if (!boxes_.at(request).shown) return fail_all("the program that shows messages there does not answer");
  close(request);
}

void MessageBoxes::close(std::uint32_t request) {
  if (!boxes_.contains(request)) return;
  session::CloseBox message;
  message.request = request;
  (void)socket_->send_message(message);
  BoxEnded ended;
  ended.request = request;
  ended.how = BoxEnded::How::kTimedOut;
  end(ended);
}

/// The one box is gone; without any, tsmessage goes, too.
void MessageBoxes::end(const BoxEnded& message) {
  boxes_.erase(message.request);
  if (boxes_.empty()) socket_.reset();
  handlers_.on_ended(message);
}

void MessageBoxes::fail_all(const std::string& why) {
  socket_.reset();
  for (const auto& [request, box] : std::exchange(boxes_, {})) handlers_.on_ended(failed(request, why));
}

}  // namespace ts::host
