#include "lib/base/random.h"

#include <string.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace ts {

void fill_random(std::span<std::byte> out) {
  while (!out.empty()) {
    ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();  // no kernel of ours lacks getrandom; going on without randomness is worse
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::string random_password(std::size_t length) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  while (out.size() < length) {
    std::byte byte;
    fill_random({&byte, 1});
    auto value = std::to_integer<std::size_t>(byte);
    if (value < 4 * kAlphabet.size()) out += kAlphabet[value % kAlphabet.size()];  // 248..255 would bias
  }
  return out;
}

void wipe(void* data, std::size_t size) {
  if (size == 0) return;  // an empty vector has no address
  ::explicit_bzero(data, size);
}

}  // namespace ts
