#include "lib/account/pam_conversation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "lib/base/random.h"

namespace ts::account {
namespace {

using Style = session::LogonPrompt::Style;

constexpr std::size_t kMaxSaid = 480;  // bytes kept of what modules say: a LogonForm has room for them

void free_answers(pam_response* answers, int count) {
  for (int i = 0; i < count; ++i) {
    if (!answers[i].resp) continue;
    wipe(answers[i].resp, std::strlen(answers[i].resp));
    std::free(answers[i].resp);
  }
  std::free(answers);
}

/// Modules for second factors and for new passwords ask hidden questions, too.
bool wants_the_password(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<const char*, 9> kOthers{"one-time", "otp",  "oath", "token", "code",
                                               "factor",   "pin ", "new ", "retype"};
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [&](const char* word) { return text.find(word) != std::string::npos; });
}

}  // namespace

PamConversation::~PamConversation() {
  wipe(password_);
}

void PamConversation::note(const char* text) {
  if (!text || said_.size() + std::strlen(text) > kMaxSaid) return;
  if (!said_.empty()) said_ += '\n';
  said_ += text;
}

void PamConversation::show() {
  if (said_.empty()) return;
  if (auto answer = person_.ask(Style::kInfo, said_)) wipe(*answer);
  said_.clear();
}

/// False: nobody is there to answer.
bool PamConversation::answer(const pam_message& message, pam_response& response) {
  std::string text = message.msg ? message.msg : "";
  bool hidden = message.msg_style == PAM_PROMPT_ECHO_OFF;
  if (hidden && !password_used_ && wants_the_password(text)) {
    password_used_ = true;
    response.resp = ::strdup(password_.c_str());
    return response.resp != nullptr;
  }
  if (!said_.empty()) text = said_ + "\n" + text;  // what was said explains the question
  said_.clear();
  auto reply = person_.ask(hidden ? Style::kHidden : Style::kVisible, text);
  if (!reply) return false;
  response.resp = ::strdup(reply->c_str());
  wipe(*reply);
  return response.resp != nullptr;
}

int PamConversation::converse(int count, const pam_message** messages, pam_response** out,
                              void* data) noexcept {
  auto& self = *static_cast<PamConversation*>(data);
  if (count <= 0 || count > PAM_MAX_NUM_MSG) return PAM_CONV_ERR;
  auto* answers =
      static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (!answers) return PAM_BUF_ERR;
  try {
    for (int i = 0; i < count; ++i) {
      const pam_message& message = *messages[i];
      bool asked = message.msg_style == PAM_PROMPT_ECHO_OFF || message.msg_style == PAM_PROMPT_ECHO_ON;
      if (asked && self.answer(message, answers[i])) continue;
      if (!asked) self.note(message.msg);
      if (!asked && (message.msg_style == PAM_ERROR_MSG || message.msg_style == PAM_TEXT_INFO)) continue;
      free_answers(answers, count);
      return PAM_CONV_ERR;
    }
  } catch (const std::exception&) {  // no memory: nothing may be thrown through PAM
    free_answers(answers, count);
    return PAM_BUF_ERR;
  }
  *out = answers;
  return PAM_SUCCESS;
}

}  // namespace ts::account
