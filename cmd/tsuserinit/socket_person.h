// The person in front, asked through tshost: a question goes out on tsuserinit's socket, and nothing else
// happens in this process until its answer is there. (PAM's modules block; the loop has nothing else to do
// then.)
#pragma once

#include "lib/account/logon.h"

namespace ts::userinit {

class SocketPerson : public account::Person {
 public:
  /// Borrows the socket, whose packets are read here while somebody is asked.
  explicit SocketPerson(int socket) : socket_(socket) {}
  std::optional<std::string> ask(session::LogonPrompt::Style style, const std::string& text) override;

 private:
  int socket_;
};

}  // namespace ts::userinit
