#include "cmd/tslogon/keyboard_list.h"

#include <algorithm>
#include <charconv>

#include "cmd/tslogon/widgets.h"

namespace ts::logon {

std::string keyboard_name(std::string_view layout, std::string_view variant) {
  std::string out(layout);
  if (!variant.empty()) out += "(" + std::string(variant) + ")";
  return out;
}

KeyboardList::KeyboardList(const std::vector<std::string>& configured) {
  for (const std::string& text : configured) {
    if (text.starts_with("0x")) {
      std::uint32_t id = 0;
      std::from_chars(text.data() + 2, text.data() + text.size(), id, 16);
      configured_.push_back(display::choose_keyboard({.layout = id}).layout);
      continue;
    }
    const auto bracket = text.find('(');
    const std::string& layout = texts_.emplace_back(text.substr(0, bracket));
    const std::string& variant = texts_.emplace_back(
        bracket == std::string::npos ? "" : text.substr(bracket + 1, text.size() - bracket - 2));
    configured_.push_back(display::keyboard_layout_named(layout, variant));
  }
  collect();
}

void KeyboardList::set_client(std::uint32_t windows_id) {
  client_ = display::choose_keyboard({.layout = windows_id}).layout;
  collect();
}

void KeyboardList::collect() {
  all_.clear();
  const auto add = [&](const display::KeyboardLayout& layout) {
    const auto same = [&](const auto& other) {
      return other.layout == layout.layout && other.variant == layout.variant;
    };
    if (std::none_of(all_.begin(), all_.end(), same)) all_.push_back(layout);
  };
  if (client_) add(*client_);
  for (const auto& layout : configured_) add(layout);
  add({});
}

std::vector<std::string> KeyboardList::names() const {
  std::vector<std::string> out;
  for (const auto& layout : all_) out.push_back(keyboard_name(layout.layout, layout.variant));
  return out;
}

}  // namespace ts::logon
