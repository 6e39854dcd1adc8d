// The logon screen as a whole: the host on one side, the X server on the other, the model between. Everything
// waits in one loop and nothing wakes it but they, and the timer after LogonDone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cmd/tslogon/host_link.h"
#include "cmd/tslogon/keyboard.h"
#include "cmd/tslogon/keyboard_list.h"
#include "cmd/tslogon/layout.h"
#include "cmd/tslogon/widgets.h"
#include "cmd/tslogon/window.h"
#include "lib/config/config.h"
#include "lib/ui/painter.h"
#include "lib/ui/speech.h"

namespace ts::logon {

class Screen {
 public:
  /// `on_end`: nothing is left to do (empty reason), or why it cannot go on.
  Screen(net::Loop& loop, UniqueFd host, const config::Logon& settings,
         std::function<void(const std::string& reason)> on_end);

 private:
  Result<> open(const display::OpenDisplay& message);
  void prepare_fonts();
  void load_logo();
  void speak(std::uint32_t keyboard_layout);
  void greet(const session::LogonClient& client);
  void answer(const display::AreYouThere& question);
  void finish();
  void end(const std::string& reason);

  void key(const xcb_key_press_event_t& event);
  void button(int button, bool down, int x, int y);
  void use_keyboard(std::size_t index);
  void name_keyboards();

  /// Deals with the server's events, then shows what has changed.
  void settle();
  bool read_events();
  void refresh();
  void paint(Box part);

  net::Loop& loop_;
  const config::Logon settings_;
  std::function<void(const std::string&)> on_end_;
  Model model_;
  HostLink host_;
  KeyboardList keyboards_;
  Speech speech_{"tslogon"};
  Surroundings around_;
  std::uint32_t scale_percent_ = 0;
  Scene scene_;
  Surface logo_;
  std::unique_ptr<display::X11Connection> connection_;
  std::unique_ptr<Fonts> fonts_;
  std::unique_ptr<Painter> painter_;
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<net::Poller> poller_;
  net::Timer patience_;
  bool done_ = false, ended_ = false, ready_told_ = false;
};

}  // namespace ts::logon
