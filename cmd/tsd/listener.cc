#include "cmd/tsd/listener.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "lib/base/log.h"

namespace ts::tsd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTurns = 8;             // connections at a time between their turn and their stack
constexpr std::chrono::seconds kPatience{2};  // with who says nothing, while others want its place
constexpr const char* kAll = "";
constexpr const char* kMaxConnections = "listener.max_connections";
constexpr const char* kMaxPerAddress = "listener.max_per_address";

// A stack costs about ten milliseconds of a processor until it waits, and a TLS handshake some more.
double stacks_per_second() {
  return 20.0 * std::max(1U, std::thread::hardware_concurrency());
}

session::Debts debts_of_networks(const config::Listener& listener) {
  return {static_cast<double>(listener.max_per_address), stacks_per_second() / 2};
}

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
      network_debts_(debts_of_networks(config.listener)),
      all_debts_(2 * stacks_per_second(), stacks_per_second()),
      next_turn_(loop, [this] { give_turns(); }),
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

log::Limited& Listener::log_of(const char* limit) {
  return limit == kMaxConnections ? full_log_ : address_log_;
}

std::size_t Listener::connections() const {
  auto staying = std::count_if(serving_.begin(), serving_.end(),
                               [](const auto& entry) { return !entry.second->gave_way(); });
  return arrivals_.size() + static_cast<std::size_t>(staying);
}

bool Listener::make_room(const std::string& network, bool own, const char* limit) {
  std::vector<session::Stranger> strangers;
  std::vector<std::uint64_t> numbers;
  auto consider = [&](const session::Stranger& stranger, std::uint64_t number) {
    if (own && stranger.network != network) return;
    strangers.push_back(stranger);
    numbers.push_back(number);
  };
  for (const auto& [number, arrival] : arrivals_)
    consider({arrival.incoming->network(), arrival.stage == Arrival::Stage::kSilent ? 0U : 1U,
              arrival.incoming->came()},
             number);
  for (const auto& [number, stack] : serving_)
    if (auto stranger = stack->stranger()) consider(*stranger, number);
  auto goes = session::who_gives_way(strangers, network, tries_, kPatience, net::Clock::now());
  if (!goes) return false;
  auto number = numbers[*goes];
  auto serving = serving_.find(number);
  const std::string peer = serving != serving_.end() ? serving->second->status().peer_address
                                                     : arrivals_.at(number).incoming->peer_address();
  log_of(limit).warning("Connection ended in favour of another, {} reached: it has not logged on peer={}",
                        limit, peer);
  refuse(peer, limit, "it has not logged on, and others want its place",
         limit == kMaxConnections ? full_events_ : address_events_);
  if (serving != serving_.end())
    serving->second->give_way();
  else
    end_arrival(number);
  return true;
}

void Listener::on_accept(UniqueFd client) {
  auto network = net::peer_network(client.get());
  if (!address_limit_.has_room(network) && !make_room(network, true, kMaxPerAddress)) {
    auto peer = net::peer_address(client.get());
    auto reason = fmt::format("{} from there have not logged on", config_.listener.max_per_address);
    address_log_.warning("Connection refused, listener.max_per_address reached: {} peer={}", reason, peer);
    return refuse(peer, kMaxPerAddress, reason, address_events_);
  }
  auto there = connections();
  if (there >= config_.listener.max_connections && !make_room(network, false, kMaxConnections)) {
    auto peer = net::peer_address(client.get());
    full_log_.warning("Connection refused, listener.max_connections reached peer={} connections={}", peer,
                      there);
    return refuse(peer, kMaxConnections, fmt::format("{} connections are there already", there),
                  full_events_);
  }
  ++totals_.accepted;
  tries_.add(network, net::Clock::now());
  std::uint64_t number = next_number_++;
  auto place = address_limit_.take(network);
  auto incoming = std::make_unique<Incoming>(
      loop_, std::move(client), config_.layout.session_socket(), config_.listener.handshake_timeout,
      Incoming::Handlers{
          .on_spoke =
              [this, number] {
                arrivals_.at(number).stage = Arrival::Stage::kSpoke;
                give_turns();
              },
          .on_introduced =
              [this, number] {
                arrivals_.at(number).stage = Arrival::Stage::kIntroduced;
                hand_over();
              },
          .on_end = [this, number](const std::string& reason) { on_incoming_end(number, reason); }});
  arrivals_.emplace(number, Arrival{std::move(incoming), *std::move(place)});
}

/// Whoever has spoken and whose turn it is.
void Listener::give_turns() {
  std::vector<session::Stranger> waiting;
  std::vector<std::uint64_t> numbers, theirs;
  std::size_t under_way = 0;
  for (const auto& [number, arrival] : arrivals_) {
    if (arrival.stage > Arrival::Stage::kSpoke) ++under_way;
    if (arrival.stage != Arrival::Stage::kSpoke) continue;
    waiting.push_back({arrival.incoming->network(), 1, arrival.incoming->came()});
    numbers.push_back(number);
  }
  for (auto now = net::Clock::now(); under_way < kTurns && !waiting.empty(); ++under_way) {
    auto again = all_debts_.next(kAll, now);
    auto turn = again > now ? std::nullopt : session::whose_turn(waiting, network_debts_, now, again);
    if (!turn) {
      next_turn_.start(std::chrono::ceil<std::chrono::milliseconds>(again - now));
      break;
    }
    all_debts_.add(kAll, now);
    network_debts_.add(waiting[*turn].network, now);
    theirs.push_back(numbers[*turn]);
    arrivals_.at(numbers[*turn]).stage = Arrival::Stage::kHadTurn;
    numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(*turn));
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(*turn));
  }
  // One that has left meanwhile ends at once.
  for (auto number : theirs)
    if (auto found = arrivals_.find(number); found != arrivals_.end()) found->second.incoming->introduce();
}

void Listener::on_incoming_end(std::uint64_t number, const std::string& reason) {
  auto found = arrivals_.find(number);
  if (found == arrivals_.end()) return;
  if (!reason.empty()) {
    const auto& peer = found->second.incoming->peer_address();
    log::info("Connection ended peer={} reason=\"{}\"", peer, log::escaped(reason));
    tell_refused(peer, reason);
  }
  end_arrival(number);
  give_turns();
}

void Listener::end_arrival(std::uint64_t number) {
  auto found = arrivals_.find(number);
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
    if (at->second.stage != Arrival::Stage::kIntroduced) {
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
            .on_logged_on =
                [this, number] {
                  tries_.forgive(serving_.at(number)->network());
                  network_debts_.forgive(serving_.at(number)->network());
                  all_debts_.forgive(kAll);
                },
            .on_refused = [this](const std::string& peer,
                                 const std::string& reason) { tell_refused(peer, reason); }});
    at = arrivals_.erase(at);
  }
  pool_.set_wanted(wanted);
  give_turns();
}

}  // namespace ts::tsd
