// The pages, from top to bottom, and their words.
#include "cmd/tslogon/page_writer.h"
#include "cmd/tslogon/sentences.h"
#include "lib/ui/safe_text.h"

namespace ts::logon {
namespace {

using Style = session::LogonPrompt::Style;

constexpr int kBannerLines = 5, kPromptLines = 8;

std::string words(std::string_view text) {
  return std::string(text);
}

void write_head(PageWriter& page, std::string title, const Surroundings& around) {
  page.text(std::move(title), Font::kTitle, Colour::kText, 2);
  page.gap(2);
  page.text(around.computer, Font::kSubtitle, Colour::kQuiet, 1);
  page.gap(16);
}

std::string caps_hint(const Model& model, const Catalogue& tr, Widget widget) {
  const bool matters = model.caps_lock() && model.field(widget)->secret();
  return matters ? words(tr(TS_SENTENCE("Caps Lock is on"))) : std::string();
}

std::string keyboard_label(const Model& model, const Catalogue& tr) {
  if (model.keyboard().empty()) return "";
  return fill_in(tr(TS_SENTENCE("Keyboard: {0}")), {model.keyboard()});
}

void write(PageWriter& page, const FormPage& form, const Model& model, const Surroundings& around,
           const Catalogue& tr) {
  if (around.logo_height > 0) {
    page.logo(around.logo_width, around.logo_height);
    page.gap(16);
  }
  write_head(page, words(tr(TS_SENTENCE("Log on"))), around);
  if (!around.banner.empty()) {
    page.text(around.banner, Font::kBody, Colour::kText, page.lines(kBannerLines));
    page.gap(16);
  }
  if (form.notice != session::Notice::kNone || !form.detail.empty()) {
    page.notice(notice_text(form, tr), is_calm(form.notice));
    page.gap(14);
  }
  page.field(model, Widget::kUser, words(tr(TS_SENTENCE("User name"))), "");
  page.field(model, Widget::kPassword, words(tr(TS_SENTENCE("Password"))),
             caps_hint(model, tr, Widget::kPassword));
  if (model.has_domain()) page.field(model, Widget::kDomain, words(tr(TS_SENTENCE("Domain"))), "");
  page.gap(8);
  page.primary(model, words(tr(TS_SENTENCE("Log on"))));
  page.gap(10);
  page.bottom_line(model, keyboard_label(model, tr), words(tr(TS_SENTENCE("Disconnect"))));
}

void write(PageWriter& page, const PromptPage& prompt, const Model& model, const Surroundings& around,
           const Catalogue& tr) {
  if (prompt.style == Style::kError || prompt.style == Style::kInfo) {
    write_head(page, words(tr(TS_SENTENCE("A message about your account"))), around);
    page.notice(prompt.text, prompt.style == Style::kInfo);
    page.gap(20);
    page.primary(model, words(tr(TS_SENTENCE("Continue"))));
    return;
  }
  write_head(page, words(tr(TS_SENTENCE("One more answer is needed"))), around);
  page.text(prompt.text, Font::kBody, Colour::kText, kPromptLines);
  page.gap(8);
  page.field(model, Widget::kAnswer, "", caps_hint(model, tr, Widget::kAnswer));
  page.gap(8);
  page.primary(model, words(tr(TS_SENTENCE("Continue"))));
  page.gap(10);
  page.bottom_line(model, keyboard_label(model, tr), words(tr(TS_SENTENCE("Cancel"))));
}

void write(PageWriter& page, const WorkingPage& working, const Model& model, const Surroundings& around,
           const Catalogue& tr) {
  write_head(page, words(tr(TS_SENTENCE("Please wait"))), around);
  if (!working.user.empty()) {
    page.text(fill_in(tr(TS_SENTENCE("Logging on as {0}.")), {working.user}), Font::kBody, Colour::kText, 3);
  }
  if (working.seconds > 0) {
    page.gap(8);
    page.text(
        fill_in(tr(TS_SENTENCE("There were too many wrong passwords. The next answer takes {0} seconds.")),
                {std::to_string(working.seconds)}),
        Font::kBody, Colour::kText, 3);
  }
  page.gap(18);
  page.bottom_line(model, "", working.cancelled ? std::string() : words(tr(TS_SENTENCE("Cancel"))));
}

void write(PageWriter& page, const ChoicePage& choice, const Model& model, const Surroundings& around,
           const Catalogue& tr) {
  write_head(page, words(tr(TS_SENTENCE("Choose a session"))), around);
  if (choice.notice != session::Notice::kNone) {
    page.notice(notice_text({.notice = choice.notice}, tr), is_calm(choice.notice));
    page.gap(14);
  }
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& entry : choice.entries) rows.emplace_back(entry_title(entry, tr), entry_detail(entry, tr));
  if (choice.may_start_new) {
    rows.emplace_back(tr(TS_SENTENCE("New session")), tr(TS_SENTENCE("Start with an empty desktop")));
  }
  page.list(model, rows, page.pixels(112));
  page.gap(18);
  if (!rows.empty()) page.primary(model, words(tr(TS_SENTENCE("Connect"))));
  page.gap(10);
  page.bottom_line(model, "", words(tr(TS_SENTENCE("Cancel"))));
}

void write_keyboards(PageWriter& page, const Model& model, const Surroundings& around, const Catalogue& tr) {
  write_head(page, words(tr(TS_SENTENCE("Choose a keyboard"))), around);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& name : model.keyboards()) rows.emplace_back(name, "");
  page.list(model, rows, page.pixels(112));
  page.gap(18);
  page.primary(model, words(tr(TS_SENTENCE("Use this keyboard"))));
  page.gap(10);
  page.bottom_line(model, "", words(tr(TS_SENTENCE("Cancel"))));
}

}  // namespace

void write_page(PageWriter& page, const Model& model, const Surroundings& around, const Catalogue& tr) {
  if (model.choosing_keyboard()) return write_keyboards(page, model, around, tr);
  std::visit(
      [&](const auto& shown) {
        // The last picture before the desktop is that of waiting.
        if constexpr (std::is_same_v<std::decay_t<decltype(shown)>, DonePage>) {
          write(page, WorkingPage{.cancelled = true}, model, around, tr);
        } else {
          write(page, shown, model, around, tr);
        }
      },
      model.page());
}

}  // namespace ts::logon
