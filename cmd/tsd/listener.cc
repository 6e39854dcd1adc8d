#include "cmd/tsd/listener.h"

#include "lib/base/log.h"

namespace ts::tsd {
namespace {

std::vector<std::string> addresses_of(const std::vector<UniqueFd>& listening) {
  std::vector<std::string> out;
  for (const auto& fd : listening) out.push_back(net::local_address(fd.get()));
  return out;
}

void add_bytes(ListenerStatus& totals, const ConnectionStatus& connection) {
  if (!connection.tcp) return;
  totals.received += connection.tcp->received;
  totals.sent += connection.tcp->sent;
}

}  // namespace

Listener::Listener(net::Loop& loop, const config::Config& config, events::EventLog& events,
                   ListenerCertificate certificate, UniqueFd key_log, std::vector<UniqueFd> listening,
                   std::function<void()> on_ready)
    : loop_(loop),
      config_(config),
      events_(events),
      certificate_(std::move(certificate)),
      key_log_(std::move(key_log)),
      on_ready_(std::move(on_ready)),
      address_limit_(config.listener.max_per_address),
      status_service_(loop, [this] { return status(); }),
      pool_(loop, config.layout.spawn_socket(), certificate_.pem, key_log_,
            [this] {
              hand_over();
              check_ready();
            }),
      announcement_(
          loop, config.layout.session_socket(), addresses_of(listening),
          [this] {
            announced_ = true;
            check_ready();
          },
          [this](UniqueFd asker) { status_service_.serve(std::move(asker)); }) {
  for (auto& fd : listening) {
    log::info("Listening address={}", net::local_address(fd.get()));
    acceptors_.emplace_back(loop, std::move(fd), [this](UniqueFd client) { on_accept(std::move(client)); });
  }
}

void Listener::check_ready() {
  if (ready_ || !announced_ || !pool_.full()) return;
  ready_ = true;
  on_ready_();
}

void Listener::tell_refused(const std::string& peer, const std::string& reason) {
  events_.write({.kind = events::Kind::kRefused, .address = peer, .reason = reason}, refusals_);
}

void Listener::refuse(const std::string& peer, const char* limit, const std::string& why,
                      log::Limited& limit_events) {
  ++totals_.refused;
  auto reason = fmt::format("{} ({})", why, limit);
  events_.write({.kind = events::Kind::kLimit, .reason = reason, .limit = limit}, limit_events);
  tell_refused(peer, reason);
}

void Listener::on_accept(UniqueFd client) {
  auto connections = arrivals_.size() + serving_.size();
  if (connections >= config_.listener.max_connections) {
    auto peer = net::peer_address(client.get());
    full_log_.warning("Connection refused, listener.max_connections reached peer={} connections={}", peer,
                      connections);
    return refuse(peer, "listener.max_connections",
                  fmt::format("{} connections are there already", connections), full_events_);
  }
  auto place = address_limit_.take(net::peer_network(client.get()));
  if (!place) {
    auto peer = net::peer_address(client.get());
    auto reason = fmt::format("{} from there have not logged on", config_.listener.max_per_address);
    address_log_.warning("Connection refused, listener.max_per_address reached: {} peer={}", reason, peer);
    return refuse(peer, "listener.max_per_address", reason, address_events_);
  }
  ++totals_.accepted;
  std::uint64_t number = next_number_++;
  auto incoming = std::make_unique<Incoming>(
      loop_, std::move(client), config_.layout.session_socket(), config_.listener.handshake_timeout,
      Incoming::Handlers{
          .on_introduced =
              [this, number] {
                arrivals_.at(number).introduced = true;
                hand_over();
              },
          .on_end = [this, number](const std::string& reason) { on_incoming_end(number, reason); }});
  arrivals_.emplace(number, Arrival{std::move(incoming), *std::move(place)});
}

void Listener::on_incoming_end(std::uint64_t number, const std::string& reason) {
  auto found = arrivals_.find(number);
  if (found == arrivals_.end()) return;
  if (!reason.empty()) {
    const auto& peer = found->second.incoming->peer_address();
    log::info("Connection ended peer={} reason=\"{}\"", peer, log::escaped(reason));
    tell_refused(peer, reason);
  }
  add_bytes(totals_, found->second.incoming->status());
  arrivals_.erase(found);
}

void Listener::on_stack_end(std::uint64_t number) {
  auto found = serving_.find(number);
  if (found == serving_.end()) return;
  add_bytes(totals_, found->second->status());
  serving_.erase(found);
}

ListenerStatus Listener::status() const {
  ListenerStatus out = totals_;
  out.uptime = std::chrono::duration_cast<std::chrono::seconds>(net::Clock::now() - began_);
  for (const auto& [number, stack] : serving_) out.connections.push_back(stack->status());
  for (const auto& [number, arrival] : arrivals_) out.connections.push_back(arrival.incoming->status());
  for (const auto& connection : out.connections) add_bytes(out, connection);
  return out;
}

void Listener::hand_over() {
  std::size_t wanted = 0;
  for (auto at = arrivals_.begin(); at != arrivals_.end();) {
    if (!at->second.introduced) {
      ++at;
      continue;
    }
    auto stack = pool_.take();
    if (!stack) {
      ++wanted;
      ++at;
      continue;
    }
    std::uint64_t number = at->first;
    auto client = at->second.incoming->take();
    log::debug("Client handed over peer={} stack={}", client.peer_address, stack->pid);
    serving_[number] = std::make_unique<ServingStack>(
        loop_, std::move(*stack), std::move(client), std::move(at->second.place), certificate_,
        ServingStack::Handlers{
            .on_end = [this, number] { on_stack_end(number); },
            .on_refused = [this](const std::string& peer,
                                 const std::string& reason) { tell_refused(peer, reason); }});
    at = arrivals_.erase(at);
  }
  pool_.set_wanted(wanted);
}

}  // namespace ts::tsd
