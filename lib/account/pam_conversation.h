// What PAM's modules ask and say while an account logs on ([XSSO] pam_conv): answered with the password that
// came with the logon where they want just that, else by the person in front.
#pragma once

#include <security/pam_appl.h>

#include <string>

#include "lib/account/logon.h"

namespace ts::account {

class PamConversation {
 public:
  PamConversation(const std::string& password, Person& person) : password_(password), person_(person) {}
  ~PamConversation();
  PamConversation(const PamConversation&) = delete;
  PamConversation& operator=(const PamConversation&) = delete;

  /// Refers to this object.
  pam_conv callbacks() { return {&PamConversation::converse, this}; }

  /// A new step begins: the password is good for one more answer.
  void begin_step() { password_used_ = false; }
  /// What was told and has not been shown with a question yet; one line for each message.
  const std::string& said() const { return said_; }
  /// Shows what was said to the person, if anything was.
  void show();

 private:
  static int converse(int count, const pam_message** messages, pam_response** out, void* self) noexcept;
  bool answer(const pam_message& message, pam_response& response);
  void note(const char* text);

  std::string password_;
  Person& person_;
  bool password_used_ = false;
  std::string said_;
};

}  // namespace ts::account
