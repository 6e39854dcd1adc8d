#include "lib/session/reconnect_cookie.h"

#include <utility>

#include "lib/base/random.h"
#include "lib/crypto/hmac.h"

namespace ts::session {
namespace {

constexpr std::array<std::byte, 32> kClientRandom{};  // under TLS, [MS-RDPBCGR] 5.5

bool proves(const ReconnectProof& proof, const ReconnectBits& bits, const ConnectionId& connection) {
  auto verifier = reconnect_verifier(bits);
  auto expected = reconnect_proof(verifier, connection);
  bool good = crypto::equal_in_constant_time(expected, proof);
  wipe(verifier.data(), verifier.size());
  wipe(expected.data(), expected.size());
  return good;
}

}  // namespace

std::array<std::byte, 16> reconnect_verifier(const ReconnectBits& bits) {
  return crypto::hmac_md5(bits, kClientRandom);
}

ReconnectProof reconnect_proof(const std::array<std::byte, 16>& verifier, const ConnectionId& connection) {
  return crypto::hmac_sha256(verifier, std::as_bytes(std::span(connection)));
}

ReconnectCookie::~ReconnectCookie() {
  revoke();
}

void ReconnectCookie::replace(const ReconnectBits& bits, TimePoint now) {
  revoke();
  current_ = bits;
  due_ = now + interval_;
}

void ReconnectCookie::renew(const ReconnectBits& bits, TimePoint now) {
  if (!current_) return replace(bits, now);
  if (former_ && now >= former_->until) forget_former();
  // The client that came with the former one never got the current one, and the former one's time runs on:
  // else it would be good for ever.
  if (!std::exchange(used_former_, false)) {
    forget_former();
    former_ = Former{*current_, now + kOverlap};
  }
  current_ = bits;
  due_ = now + interval_;
}

void ReconnectCookie::revoke() {
  forget_former();
  if (current_) wipe(current_->data(), current_->size());
  current_.reset();
}

void ReconnectCookie::forget_former() {
  if (former_) wipe(former_->bits.data(), former_->bits.size());
  former_.reset();
  used_former_ = false;
}

void ReconnectCookie::client_lost(TimePoint now) {
  due_ = now + interval_;
}

bool ReconnectCookie::check(const ReconnectProof& proof, const ConnectionId& connection, TimePoint now) {
  if (former_ && now >= former_->until) forget_former();
  if (current_ && proves(proof, *current_, connection)) {
    forget_former();
    return true;
  }
  if (!former_ || !proves(proof, former_->bits, connection)) return false;
  used_former_ = true;
  return true;
}

std::optional<TimePoint> ReconnectCookie::due() const {
  return current_ ? std::optional(due_) : std::nullopt;
}

}  // namespace ts::session
