// What the logon screen is about, without a screen: pages, fields, focus. The host's messages and the
// person's keys and clicks come in; messages to the host go out. Pure: no X, no drawing, no clock; nothing
// blocks.
//
// INVARIANT: what was typed into a secret field is in that field's storage, and for the length of one call in
// the message that is sent; both are wiped right after.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cmd/tslogon/key.h"
#include "cmd/tslogon/text_field.h"
#include "cmd/tslogon/widgets.h"
#include "lib/session/logon_messages.h"

namespace ts::logon {

/// Who is to log on.
struct FormPage {
  session::Notice notice = session::Notice::kNone;
  std::string detail;
};
/// A PAM module asks, or tells something.
struct PromptPage {
  session::LogonPrompt::Style style = session::LogonPrompt::Style::kHidden;
  std::string text;
};
/// The host is busy; nothing can be done but giving up.
struct WorkingPage {
  std::string user;           // empty: not known
  std::uint32_t seconds = 0;  // that it is made to take
  bool cancelled = false;
};
struct ChoicePage {
  session::Notice notice = session::Notice::kNone;
  std::vector<session::LogonChoice::Entry> entries;
  bool may_start_new = false;
};
/// The desktop takes over: the picture stays as it was.
struct DonePage {};
using Page = std::variant<FormPage, PromptPage, WorkingPage, ChoicePage, DonePage>;

/// A list of which one row is chosen. Its window is as high as the layout allows.
struct List {
  std::size_t rows = 0, selected = 0, first = 0, visible = 1;
  void select(std::size_t row);
  void scroll(int by);
};

class Model {
 public:
  struct Outlet {
    /// A message to the host; wiped after the call.
    std::function<void(ByteView)> send;
    /// The person chose this one of the keyboard layouts.
    std::function<void(std::size_t)> use_keyboard;
  };

  /// `domain`: what the domain field starts with; empty: there is none until the host names one.
  Model(std::string domain, Outlet outlet);

  // From the host.
  void show(const session::LogonForm& form);
  void show(const session::LogonPrompt& prompt);
  void show(const session::LogonWorking& working);
  void show(const session::LogonChoice& choice);
  void show(const session::LogonDone& done);

  // From the person.
  void key(const Key& key);
  /// The button goes down on a widget (of a list: on a row), and up somewhere.
  void press(Widget widget, std::size_t row = 0);
  void release(Widget widget);
  /// A click into a field puts the cursor there.
  void place_cursor(std::size_t byte);
  void scroll(int rows);

  // From the screen.
  void set_caps_lock(bool on) { caps_lock_ = on; }
  void set_keyboards(std::vector<std::string> names, std::string current);
  void fit_list(std::size_t visible);

  // What is to be shown.
  const Page& page() const { return page_; }
  bool choosing_keyboard() const { return choosing_keyboard_; }
  Widget focus() const { return focus_; }
  Widget pressed() const { return pressed_; }
  const TextField* field(Widget widget) const;
  bool has_domain() const { return has_domain_; }
  bool caps_lock() const { return caps_lock_; }
  const List& list() const { return list_; }
  const std::vector<std::string>& keyboards() const { return keyboards_; }
  const std::string& keyboard() const { return keyboard_; }
  /// In the order of the Tab key.
  std::vector<Widget> widgets() const;

  /// To be locked into memory.
  std::vector<std::span<std::byte>> secrets() { return {password_.storage(), answer_.storage()}; }

 private:
  TextField* field(Widget widget);
  void turn_to(Page page);
  void move_focus(int by);
  void edit(TextField& field, const Key& key);
  bool move_in_list(const Key& key);
  void activate(Widget widget);
  void enter();
  void escape();
  void submit_form();
  void submit_answer();
  void submit_choice();
  void open_keyboards();
  void close_keyboards();
  void cancel(bool disconnect);
  template <typename T>
  void send_and_wipe(T& message);

  Outlet outlet_;
  std::string default_domain_;
  Page page_ = FormPage{};
  Widget focus_ = Widget::kUser, pressed_ = Widget::kNone;
  Widget focus_before_ = Widget::kNone;  // of the page under the keyboard list
  List list_, list_before_;
  bool choosing_keyboard_ = false, has_domain_ = false, caps_lock_ = false;
  std::vector<std::string> keyboards_;
  std::string keyboard_;
  TextField user_{TextField::Kind::kPlain, 255}, domain_{TextField::Kind::kPlain, 255};
  TextField password_{TextField::Kind::kSecret, 511}, answer_{TextField::Kind::kSecret, 511};
};

}  // namespace ts::logon
