#include "cmd/tslogon/sentences.h"

#include <fmt/format.h>

#include <ctime>

#include "cmd/tslogon/widgets.h"
#include "lib/ui/safe_text.h"
#include "lib/ui/time_text.h"

namespace ts::logon {
namespace {

using session::Notice;

const char* sentence(Notice notice) {
  switch (notice) {
    case Notice::kNone:
      return "";
    case Notice::kBadCredentials:
      return TS_SENTENCE("The user name or password is wrong. Check both and try again.");
    case Notice::kAccountLocked:
      return TS_SENTENCE("This account is locked. Ask your administrator to unlock it.");
    case Notice::kAccountExpired:
      return TS_SENTENCE("This account has expired. Ask your administrator to renew it.");
    case Notice::kPasswordExpired:
      return TS_SENTENCE("Your password has expired and was not changed. Log on again to change it.");
    case Notice::kNotAllowed:
      return TS_SENTENCE(
          "This account may not log on to this computer, or not at this time. Ask your administrator for "
          "access.");
    case Notice::kTooManySessions:
      return TS_SENTENCE("You have as many sessions as you may have. End one and try again.");
    case Notice::kNoHome:
      return TS_SENTENCE("Your home folder is not available. Ask your administrator to check it.");
    case Notice::kNoAccountService:
      return TS_SENTENCE(
          "This computer cannot check passwords at the moment. Ask your administrator to check its log.");
    case Notice::kSessionFailed:
      return TS_SENTENCE("Your session could not be started. Try again, or ask your administrator.");
    case Notice::kDraining:
      return TS_SENTENCE("This computer takes no new logons at the moment. Try again later.");
    case Notice::kSessionGone:
      return TS_SENTENCE("The session that you chose has ended. Choose again.");
  }
  return TS_SENTENCE("Logging on did not work. Try again.");
}

}  // namespace

bool is_calm(Notice notice) {
  return notice == Notice::kDraining || notice == Notice::kSessionGone;
}

std::string notice_text(const FormPage& page, const Catalogue& tr) {
  const char* english = sentence(page.notice);
  if (*english == '\0') return page.detail;
  std::string out = fill_in(tr(english), {});
  if (!page.detail.empty()) out += "\n" + page.detail;
  return out;
}

std::string entry_title(const session::LogonChoice::Entry& entry, const Catalogue& tr) {
  std::string out = fill_in(tr(TS_SENTENCE("Session {0}")), {fmt::format("{}", entry.id)});
  if (entry.width != 0 && entry.height != 0) out += fmt::format("  ·  {}×{}", entry.width, entry.height);
  const std::string program = safe_text(entry.program.view(), 60);
  if (!program.empty()) out += "  ·  " + fill_in("{0}", {program});
  return out;
}

std::string entry_detail(const session::LogonChoice::Entry& entry, const Catalogue& tr) {
  const std::string client = safe_text(entry.client.view(), 40);
  const bool connected = entry.disconnect_time == 0;
  const std::string since = time_text(connected ? entry.connect_time : entry.disconnect_time);
  const char* english = nullptr;
  if (connected) {
    english = client.empty() ? TS_SENTENCE("In use since {0}") : TS_SENTENCE("In use since {0}, from {1}");
  } else {
    english = client.empty() ? TS_SENTENCE("Disconnected since {0}")
                             : TS_SENTENCE("Disconnected since {0}, last used from {1}");
  }
  return fill_in(tr(english), {since, client});
}

}  // namespace ts::logon
