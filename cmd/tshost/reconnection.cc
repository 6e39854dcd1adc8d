#include "cmd/tshost/reconnection.h"

#include <algorithm>

#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::host {
namespace {

using session::CookieChange;

/// At once; a person has one client that comes back, which may try again before the first try is through.
constexpr std::size_t kMostChecks = 4;
/// Less than tssession waits for us.
constexpr std::chrono::seconds kCheckTime{8};

}  // namespace

Reconnection::Reconnection(net::Loop& loop, bool enabled, Handlers handlers,
                           std::chrono::milliseconds interval)
    : loop_(loop), enabled_(enabled), handlers_(std::move(handlers)), cookie_(interval), due_(loop, [this] {
        on_due();
      }) {}

void Reconnection::change(CookieChange change) {
  if (!enabled_) return;
  switch (change) {
    case CookieChange::kNew:
      give(false);
      break;
    case CookieChange::kRenewed:
      give(true);
      break;
    case CookieChange::kClientLost:
      cookie_.client_lost(net::Clock::now());
      break;
    case CookieChange::kVoid:
      proved_.reset();
      cookie_.revoke();
      break;
  }
  set_timer();
}

void Reconnection::give(bool renewed) {
  proved_.reset();
  session::ReconnectTicket ticket;
  ticket.session_id = handlers_.state().session_id;
  fill_random(ticket.bits);
  renewed ? cookie_.renew(ticket.bits, net::Clock::now()) : cookie_.replace(ticket.bits, net::Clock::now());
  handlers_.on_ticket(ticket);
  wipe(&ticket, sizeof ticket);
}

void Reconnection::on_due() {
  // A client that has not come back within the interval has to log on.
  if (handlers_.state().attached != 0)
    give(true);
  else
    cookie_.revoke();
  set_timer();
}

void Reconnection::set_timer() {
  if (auto due = cookie_.due())
    due_.start(std::chrono::ceil<std::chrono::milliseconds>(*due - net::Clock::now()));
  else
    due_.stop();
}

void Reconnection::verify(const session::VerifyReconnect& message) {
  if (!enabled_)
    return answer(message, "it was switched off when the session began (sessions.auto_reconnect)");
  if (!cookie_.exists()) return answer(message, "the session has no cookie that is good");
  if (!cookie_.check(message.proof, message.connection, net::Clock::now()))
    return answer(message, "the cookie is not the session's, or not any more");
  if (checks_.size() >= kMostChecks) return answer(message, "too many clients try at the same time");
  begin_check(message);
}

void Reconnection::begin_check(const session::VerifyReconnect& message) {
  auto& check = *checks_.emplace_back(std::make_unique<Check>());
  check.asked = message;
  const Check* self = &check;
  UserinitLink::Handlers handlers;
  handlers.on_prompt = [](const session::UserinitPrompt&) {};
  handlers.on_limits = [](const session::UserinitLimits&) {};
  handlers.on_result = [this, self](const session::UserinitResult& result) {
    end_check(self, judge(result));
  };
  handlers.on_started = [](const session::UserinitStarted&) {};
  handlers.on_shell_ended = [](const session::UserinitShellEnded&) {};
  handlers.on_gone = [this, self] {
    end_check(self, "whether the account is in order could not be found out");
  };
  auto userinit = handlers_.start_userinit(std::move(handlers));
  if (!userinit) return end_check(self, userinit.error().message);
  check.userinit = std::move(*userinit);
  check.late = std::make_unique<net::Timer>(
      loop_, [this, self] { end_check(self, "whether the account is in order was not found out in time"); });
  check.late->start(kCheckTime);
  session::UserinitClient client;
  client.session_id = handlers_.state().session_id;
  client.address = message.address;
  check.userinit->send(client);
  session::UserinitCheck question;
  question.user = handlers_.state().user;
  check.userinit->send(question);
}

std::string_view Reconnection::judge(const session::UserinitResult& result) const {
  if (result.status != session::LogonStatus::kLoggedOn) return result.message.view();
  return result.uid == handlers_.state().uid ? "" : "the account is another one than the session's now";
}

void Reconnection::end_check(const Check* check, std::string_view why_not) {
  auto found =
      std::find_if(checks_.begin(), checks_.end(), [&](const auto& one) { return one.get() == check; });
  if (found == checks_.end()) return;
  const auto asked = (*found)->asked;
  const FixedText<256> reason(why_not);  // may be the link's own
  checks_.erase(found);
  // Another computer may have taken the session over meanwhile.
  if (reason.empty() && !cookie_.check(asked.proof, asked.connection, net::Clock::now()))
    return answer(asked, "the cookie has become void meanwhile");
  answer(asked, reason.view());
}

void Reconnection::answer(const session::VerifyReconnect& asked, std::string_view why_not) {
  session::ReconnectVerified message;
  message.session_id = handlers_.state().session_id;
  message.good = why_not.empty() ? 1 : 0;
  message.connection = asked.connection;
  message.message = FixedText<256>(why_not);
  if (why_not.empty()) proved_ = asked.connection;
  handlers_.on_verified(message);
}

void Reconnection::stop() {
  checks_.clear();
}

}  // namespace ts::host
