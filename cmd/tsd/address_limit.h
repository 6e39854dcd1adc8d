// How many connections that have not logged on come from one address, so that one stranger cannot take all
// places of listener.max_connections. A place is held for as long as the connection has not logged on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace ts::tsd {

class AddressLimit {
 public:
  /// Gives its place back when it goes. The limit outlives it.
  class Place {
   public:
    Place(AddressLimit& limit, std::string network) : limit_(&limit), network_(std::move(network)) {}
    Place(Place&& other) noexcept
        : limit_(std::exchange(other.limit_, nullptr)), network_(std::move(other.network_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limit_ != nullptr) limit_->leave(network_);
    }

   private:
    AddressLimit* limit_;
    std::string network_;
  };

  /// `most`: from one network (net::peer_network); 0: any number.
  explicit AddressLimit(std::uint32_t most) : most_(most) {}
  AddressLimit(const AddressLimit&) = delete;
  AddressLimit& operator=(const AddressLimit&) = delete;

  /// Nothing when this network has all the places that one may have.
  std::optional<Place> take(const std::string& network) {
    std::uint32_t& count = counts_[network];
    if (most_ != 0 && count >= most_) return std::nullopt;
    ++count;
    return std::optional<Place>(std::in_place, *this, network);
  }
  bool has_room(const std::string& network) const {
    auto found = counts_.find(network);
    return most_ == 0 || found == counts_.end() || found->second < most_;
  }
  std::size_t networks() const { return counts_.size(); }

 private:
  void leave(const std::string& network) {
    auto found = counts_.find(network);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

  std::uint32_t most_;
  std::map<std::string, std::uint32_t> counts_;  // never more than there are connections
};

}  // namespace ts::tsd
