// What tsmessage makes of messages that anybody with the right to send one wrote, and of what the person does
// with them. The input is a list of steps, each a byte: a message follows (buttons, a length, its text), or a
// key or a button is pressed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "cmd/tsmessage/model.h"
#include "lib/ui/safe_text.h"

namespace {

using namespace ts;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Valid UTF-8 that shows what it is; at most so many characters were taken.
void fit_to_be_shown(std::string_view text, std::size_t most, bool lines) {
  constexpr std::size_t kLongest = 8;  // what one character may become, "\\u200b" among them
  std::size_t count = 0;
  while (!text.empty()) {
    const auto next = ui::next_code_point(text);
    require(next.valid && next.bytes > 0 && !ui::is_invisible(next.value));
    require(!ui::is_control(next.value) || (lines && next.value == '\n'));
    text.remove_prefix(next.bytes);
    ++count;
  }
  require(count <= most * kLongest + 1);
}

session::ShowBox box_from(std::string_view& rest, std::uint32_t request) {
  const auto take = [&](std::size_t most) {
    const std::size_t size = std::min(most, rest.size());
    const auto part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  const auto byte = [&] {
    const auto part = take(1);
    return part.empty() ? std::size_t{0} : static_cast<unsigned char>(part[0]);
  };
  session::ShowBox box;
  box.request = request;
  box.buttons = static_cast<session::BoxButtons>(byte());
  box.sender.assign(take(byte()));
  box.title.assign(take(byte()));
  const std::size_t low = byte();
  box.text.assign(take(low + byte() * 256));
  return box;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::set<std::uint32_t> shown;
  message::Model model([&](std::uint32_t request, session::BoxReply reply) {
    require(shown.erase(request) == 1);
    require(!session::reply_name(reply).empty());
  });
  std::uint32_t request = 0;
  while (!rest.empty()) {
    const unsigned step = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    if (step < 16) {
      const auto message = message::message_from(box_from(rest, ++request));
      fit_to_be_shown(message.sender, 64, false);
      fit_to_be_shown(message.title, session::kMostBoxTitle, false);
      fit_to_be_shown(message.text, session::kMostBoxText, true);
      const std::size_t before = model.empty() ? 0 : model.behind() + 1;
      model.add(message);
      if (!model.empty() && model.behind() + 1 > before) shown.insert(request);
    } else if (step < 64) {
      model.key(static_cast<message::Key>(step % 8));
    } else if (step < 128) {
      model.press(static_cast<ui::Widget>(step % 5));
    } else if (step < 192) {
      model.release(static_cast<ui::Widget>(step % 5));
    } else if (step < 224) {
      model.set_keyboard(step % 2 != 0);
      model.fit_text(static_cast<int>(step) * 7, 17, 100);
      model.scroll(static_cast<int>(step) - 208);
    } else if (!shown.empty()) {
      model.remove(*shown.begin());
      shown.erase(shown.begin());
    }
    require(shown.size() <= session::kMostBoxes && model.empty() == shown.empty());
    require(model.empty() || (model.behind() + 1 == shown.size() && shown.contains(model.front().request)));
  }
  return 0;
}
