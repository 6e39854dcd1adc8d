// The keyboard layouts that can be chosen from: the client's own, us, and those of `logon.keyboards`. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "lib/display/keyboard_layouts.h"

namespace ts::logon {

class KeyboardList {
 public:
  /// As the configuration has them: Windows ids ("0x407") or XKB names ("de", "de(nodeadkeys)").
  explicit KeyboardList(const std::vector<std::string>& configured);

  void set_client(std::uint32_t windows_id);
  std::vector<std::string> names() const;
  const display::KeyboardLayout& operator[](std::size_t index) const { return all_[index]; }
  std::size_t size() const { return all_.size(); }

 private:
  void collect();

  std::deque<std::string> texts_;  // what configured layouts point into
  std::vector<display::KeyboardLayout> configured_, all_;
  std::optional<display::KeyboardLayout> client_;
};

/// "de" or "de(nodeadkeys)".
std::string keyboard_name(std::string_view layout, std::string_view variant);

}  // namespace ts::logon
