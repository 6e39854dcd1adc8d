#include "cmd/tsd/stack_pool.h"

#include <fcntl.h>

#include "lib/base/log.h"
#include "lib/net/sockets.h"
#include "lib/session/listener_messages.h"
#include "lib/session/spawn_messages.h"

namespace ts::tsd {
namespace {

using namespace std::chrono_literals;

/// Longer than the way to the first picture takes.
constexpr auto kRefillPause = 200ms;
/// Longer than the pauses within a crowd.
constexpr auto kTrimPause = 2s;

Bytes first_words(const std::string& certificate, bool key_log) {
  session::Certificate message;
  message.key_log = key_log ? 1 : 0;
  message.bytes = static_cast<std::uint32_t>(certificate.size());
  Bytes out(message_bytes(message).begin(), message_bytes(message).end());
  auto pem = std::as_bytes(std::span(certificate));
  out.insert(out.end(), pem.begin(), pem.end());
  return out;
}

}  // namespace

StackPool::StackPool(net::Loop& loop, std::filesystem::path spawn_socket, const std::string& certificate,
                     const UniqueFd& key_log, std::function<void()> on_available)
    : loop_(loop),
      spawn_socket_(std::move(spawn_socket)),
      first_words_(first_words(certificate, static_cast<bool>(key_log))),
      on_available_(std::move(on_available)),
      retry_(loop, [this] { spawner_ ? refill() : connect(); }),
      refill_(loop, [this] { refill(); }),
      trim_(loop, [this] {
        while (waiting_.size() > kWaiting + wanted_) waiting_.pop_back();
      }) {
  if (key_log) key_log_.emplace_back(::fcntl(key_log.get(), F_DUPFD_CLOEXEC, 0));
  connect();
}

void StackPool::connect() {
  auto fd = net::connect_unix(spawn_socket_, net::SocketKind::kPacket);
  if (!fd) return wait(fd.error().message);
  spawner_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(*fd),
      net::PacketSocket::Handlers{
          .on_packet = [this](ByteView packet,
                              std::vector<UniqueFd> fds) { on_packet(packet, std::move(fds)); },
          .on_close =
              [this](const std::string& reason) {
                spawner_.reset();
                // They are the children of a tsspawn that is gone, and its sessions with it.
                waiting_.clear();
                wait(reason.empty() ? "it has closed the connection" : reason);
              }});
  starting_ = 0;
  refill();
}

/// Told once: it has been reached again when it answers, not when it lets us connect.
void StackPool::wait(const std::string& reason) {
  if (!std::exchange(said_waiting_, true))
    log::warning("Waiting for tsspawn, clients wait until it is there reason=\"{}\"", log::escaped(reason));
  retry_.start(500ms);
}

void StackPool::refill() {
  std::size_t target = std::min(kWaiting + wanted_, kWaiting + kStarting);
  while (spawner_ && waiting_.size() + starting_ < target && starting_ < kStarting) {
    if (!spawner_->send_message(session::StartStack{})) return;
    ++starting_;
  }
}

void StackPool::on_packet(ByteView packet, std::vector<UniqueFd> fds) {
  auto reply = message_as<session::SpawnReply>(packet);
  if (!reply || reply->request != session::StartStack::kType || starting_ == 0) {
    log::error("tsspawn sent something else than the answer to a request: closing the link");
    spawner_.reset();
    retry_.start(1s);
    return;
  }
  --starting_;
  if (reply->error_number != 0 || fds.empty()) {
    if (!std::exchange(said_failing_, true))
      log::error("No stack could be started, trying again until one can reason=\"{}\"",
                 log::escaped(reply->message.view()));
    retry_.start(2s);
    return;
  }
  if (std::exchange(said_waiting_, false)) log::info("Reached tsspawn");
  if (std::exchange(said_failing_, false)) log::info("Stacks can be started again");
  Waiting waiting{reply->pid, std::move(fds[0]), nullptr};
  // If it has died, its poller tells.
  (void)net::send_with_fds(waiting.control.get(), first_words_, key_log_);
  int pid = waiting.pid;
  waiting.death =
      std::make_unique<net::Poller>(loop_, waiting.control.get(), [this, pid](auto) { forget(pid); });
  waiting.death->watch(true, false);
  waiting_.push_back(std::move(waiting));
  on_available_();
  if (waiting_.size() > kWaiting + wanted_ && !trim_.active()) trim_.start(kTrimPause);
}

void StackPool::forget(int pid) {
  log::warning("A waiting stack ended, starting another pid={}", pid);
  waiting_.remove_if([pid](const Waiting& waiting) { return waiting.pid == pid; });
  retry_.start(1s);  // not at once: one that cannot live would be started in a loop
}

std::optional<StackPool::Stack> StackPool::take() {
  if (waiting_.empty()) return std::nullopt;
  Waiting taken = std::move(waiting_.front());
  waiting_.pop_front();
  taken.death.reset();
  if (waiting_.empty())
    refill();
  else if (!refill_.active())
    refill_.start(kRefillPause);
  return Stack{taken.pid, std::move(taken.control)};
}

void StackPool::set_wanted(std::size_t wanted) {
  wanted_ = wanted;
  if (waiting_.size() > kWaiting + wanted_ && !trim_.active()) trim_.start(kTrimPause);
  if (wanted_ > 0 && !retry_.active()) refill();
}

}  // namespace ts::tsd
