// Randomness from the kernel, and wiping of secrets.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ts {

/// Fills `out` from getrandom(2); blocks only until the kernel's pool is ready, cannot fail after that.
void fill_random(std::span<std::byte> out);

/// `length` letters and digits, each with equal probability.
std::string random_password(std::size_t length);

/// Overwrites memory in a way the compiler may not drop.
void wipe(void* data, std::size_t size);
inline void wipe(std::string& text) {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace ts
