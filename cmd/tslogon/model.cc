#include "cmd/tslogon/model.h"

#include <algorithm>

#include "lib/base/random.h"
#include "lib/session/stack_messages.h"
#include "lib/ui/safe_text.h"

namespace ts::logon {
namespace {

using Style = session::LogonPrompt::Style;

constexpr std::size_t kMostDetail = 300;  // characters of what a PAM module says

bool asks(const PromptPage& prompt) {
  return prompt.style == Style::kHidden || prompt.style == Style::kVisible;
}

}  // namespace

void List::select(std::size_t row) {
  if (rows == 0) return;
  selected = std::min(row, rows - 1);
  if (selected < first) first = selected;
  if (selected >= first + visible) first = selected + 1 - visible;
}

void List::scroll(int by) {
  const auto last = static_cast<std::ptrdiff_t>(rows > visible ? rows - visible : 0);
  first =
      static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(first) + by, 0, last));
}

Model::Model(std::string domain, Outlet outlet)
    : outlet_(std::move(outlet)), default_domain_(std::move(domain)), has_domain_(!default_domain_.empty()) {
  domain_.assign(default_domain_);
}

// From the host
// ------------------------------------------------------------------------------------------------------

void Model::turn_to(Page page) {
  page_ = std::move(page);
  choosing_keyboard_ = false;
  pressed_ = Widget::kNone;
  list_ = {};
  answer_.clear();
}

void Model::show(const session::LogonForm& form) {
  const bool typing = std::holds_alternative<FormPage>(page_);
  turn_to(FormPage{form.notice, safe_text(form.detail.view(), kMostDetail, Lines::kSeveral)});
  // What somebody is typing at this moment is theirs, unless the host says who it is.
  if (!form.user.empty() || !typing) user_.assign(form.user.view());
  if (!form.user.empty() || !typing) password_.clear();
  if (!form.domain.empty()) {
    has_domain_ = true;
    domain_.assign(form.domain.view());
  } else if (!typing) {
    domain_.assign(default_domain_);
  }
  if (!typing || !form.user.empty()) focus_ = user_.empty() ? Widget::kUser : Widget::kPassword;
}

void Model::show(const session::LogonPrompt& prompt) {
  PromptPage page{prompt.style, safe_text(prompt.text.view(), kMostDetail, Lines::kSeveral)};
  const bool asking = asks(page);
  turn_to(std::move(page));
  answer_.set_kind(prompt.style == Style::kVisible ? TextField::Kind::kPlain : TextField::Kind::kSecret);
  focus_ = asking ? Widget::kAnswer : Widget::kPrimary;
}

void Model::show(const session::LogonWorking& working) {
  turn_to(WorkingPage{safe_text(working.user.view(), 64), working.seconds, false});
  password_.clear();
  focus_ = Widget::kNone;
}

void Model::show(const session::LogonChoice& choice) {
  const std::size_t count = std::min<std::size_t>(choice.count, choice.kMost);
  ChoicePage page{.notice = choice.notice};
  page.entries.assign(choice.entries.begin(), choice.entries.begin() + static_cast<std::ptrdiff_t>(count));
  page.may_start_new = choice.may_start_new != 0;
  const std::size_t rows = count + (page.may_start_new ? 1 : 0);
  turn_to(std::move(page));
  list_.rows = rows;
  focus_ = rows > 0 ? Widget::kList : Widget::kCancel;
}

void Model::show(const session::LogonDone&) {
  turn_to(DonePage{});
  password_.clear();
  user_.clear();
  focus_ = Widget::kNone;
}

// Messages to the host
// -----------------------------------------------------------------------------------------------

template <typename T>
void Model::send_and_wipe(T& message) {
  outlet_.send(message_bytes(message));
  wipe(&message, sizeof message);
}

void Model::submit_form() {
  if (user_.empty()) {
    focus_ = Widget::kUser;
    return;
  }
  session::Credentials message;
  message.user.assign(user_.text());
  message.domain.assign(has_domain_ ? domain_.text() : std::string_view());
  message.password.assign(password_.text());
  password_.clear();
  send_and_wipe(message);
  turn_to(WorkingPage{.user = safe_text(user_.text(), 64)});
  focus_ = Widget::kNone;
}

void Model::submit_answer() {
  session::LogonAnswer message;
  if (asks(std::get<PromptPage>(page_))) message.text.assign(answer_.text());
  answer_.clear();
  send_and_wipe(message);
  turn_to(WorkingPage{});
  focus_ = Widget::kNone;
}

void Model::submit_choice() {
  const auto& choice = std::get<ChoicePage>(page_);
  if (list_.rows == 0) return;
  session::LogonChosen message;
  if (list_.selected < choice.entries.size()) message.session = choice.entries[list_.selected].id;
  send_and_wipe(message);
  turn_to(WorkingPage{});
  focus_ = Widget::kNone;
}

void Model::cancel(bool disconnect) {
  session::LogonCancel message;
  message.disconnect = disconnect ? 1 : 0;
  password_.clear();
  send_and_wipe(message);
  turn_to(WorkingPage{.cancelled = true});
  focus_ = Widget::kNone;
}

// Keyboard layouts
// ---------------------------------------------------------------------------------------------------

void Model::set_keyboards(std::vector<std::string> names, std::string current) {
  if (choosing_keyboard_ && names != keyboards_) close_keyboards();
  keyboards_ = std::move(names);
  keyboard_ = std::move(current);
}

void Model::open_keyboards() {
  if (keyboards_.empty()) return;
  focus_before_ = focus_;
  list_before_ = list_;
  choosing_keyboard_ = true;
  list_ = {.rows = keyboards_.size()};
  const auto current = std::find(keyboards_.begin(), keyboards_.end(), keyboard_);
  if (current != keyboards_.end()) list_.select(static_cast<std::size_t>(current - keyboards_.begin()));
  focus_ = Widget::kList;
}

void Model::close_keyboards() {
  choosing_keyboard_ = false;
  list_ = list_before_;
  // Back to typing, rather than to the button that opened the list.
  focus_ = focus_before_;
  if (focus_ == Widget::kKeyboard) focus_ = widgets().front();
  if (const auto* form = std::get_if<FormPage>(&page_); form != nullptr && !user_.empty())
    focus_ = Widget::kPassword;
}

void Model::fit_list(std::size_t visible) {
  list_.visible = std::max<std::size_t>(visible, 1);
  list_.scroll(0);
  list_.select(list_.selected);
}

}  // namespace ts::logon
