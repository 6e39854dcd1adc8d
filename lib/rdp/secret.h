// Secret: text that leaves no copy of itself behind, for passwords and cookies on their way through events.
// Moving wipes the source (short strings would otherwise stay there), destruction wipes the rest; it cannot
// be copied by accident.
#pragma once

#include <string>
#include <utility>

#include "lib/base/random.h"

namespace ts::rdp {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string&& text) : text_(std::move(text)) { clear(text); }
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { clear(other.text_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear(text_);
      text_ = std::move(other.text_);
      clear(other.text_);
    }
    return *this;
  }
  ~Secret() { clear(text_); }

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  // The whole capacity: a moved-from or shortened string still holds its old characters there.
  static void clear(std::string& text) {
    wipe(text.data(), text.capacity());
    text.clear();
  }
  std::string text_;
};

}  // namespace ts::rdp
