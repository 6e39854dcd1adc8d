#include "cmd/tsuserinit/socket_person.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/session/userinit_messages.h"

namespace ts::userinit {
namespace {

/// False when the other end is gone.
bool wait_for(int socket, short events) {
  for (;;) {
    pollfd waiting{socket, events, 0};
    int count = ::poll(&waiting, 1, -1);
    if (count < 0 && errno == EINTR) continue;
    return count == 1 && (waiting.revents & events) != 0;
  }
}

}  // namespace

std::optional<std::string> SocketPerson::ask(session::LogonPrompt::Style style, const std::string& text) {
  log::debug("A PAM module speaks to the logon screen text={}", log::escaped(text));
  session::UserinitPrompt prompt;
  prompt.style = style;
  prompt.text = FixedText<512>(text);
  auto bytes = message_bytes(prompt);
  if (!wait_for(socket_, POLLOUT)) return std::nullopt;
  if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    return std::nullopt;

  std::array<std::byte, sizeof(session::UserinitAnswer) + 1> buffer;
  if (!wait_for(socket_, POLLIN)) return std::nullopt;
  ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return std::nullopt;
  auto answer = message_as<session::UserinitAnswer>({buffer.data(), static_cast<std::size_t>(got)});
  wipe(buffer.data(), buffer.size());
  if (!answer) {
    log::warning("The logon ends: tshost sent something else than an answer");
    return std::nullopt;
  }
  std::string out = answer->text.str();
  wipe(&*answer, sizeof *answer);
  return out;
}

}  // namespace ts::userinit
