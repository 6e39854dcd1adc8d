// Takes tsstack's place: a stack that somebody has taken over. tsspawn starts it, tsd hands it a client, and
// the client tells it, a line each, what to do with what a stack has; after the answer comes a line "end".
//
//   pid                            which process it is
//   trials caged|uncaged STACK DAEMON PORT SOCKET ABSTRACT   tries the walls (cage_trials.h)
//   enter                          closes its own cage, as tsstack does before its client comes
//   grow                           takes memory without end
//   call DESCRIPTORS JSON          over the connection to tssession; answers the next reply, or "closed"
//   send DESCRIPTORS JSON          the same, and waits for no reply
//   tsd|host HEX DESCRIPTORS WAIT  a packet to tsd or to the session's host; answers the types of the packets
//   that
//                                  come, until WAIT comes ("0x303", "closed")
//
// Started by hand as root, `cage_probe STACK DAEMON PORT SOCKET ABSTRACT`, it tries the same walls where none
// stands.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "cmd/tsstack/cage.h"
#include "cmd/tsstack/control.h"
#include "lib/base/message.h"
#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"
#include "lib/session/stack_messages.h"
#include "tests/e2e/cage_trials.h"

namespace {

using namespace ts;

constexpr int kPatience = 10'000;  // milliseconds
constexpr std::size_t kLump = std::size_t{16} << 20;

cage::Targets targets_from(std::istream& words) {
  cage::Targets out;
  words >> out.stack >> out.daemon >> out.port >> out.socket >> out.abstract;
  return out;
}

Bytes from_hex(const std::string& text) {
  Bytes out;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2)
    out.push_back(static_cast<std::byte>(std::stoi(text.substr(at, 2), nullptr, 16)));
  return out;
}

/// Any will do: nobody is to take them.
std::vector<UniqueFd> spare_descriptors(int count) {
  std::vector<UniqueFd> out;
  for (int i = 0; i < count; ++i) out.emplace_back(::eventfd(0, EFD_CLOEXEC));
  return out;
}

/// Empty: the other side has closed. Nothing: it says nothing.
std::optional<Bytes> receive(int fd, std::vector<UniqueFd>& fds) {
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, kPatience) <= 0) return std::nullopt;
  Bytes out(net::PacketSocket::kMaxPacket);
  auto size = net::receive_with_fds(fd, out, fds);
  out.resize(size.value_or(0));
  return out;
}

class Probe {
 public:
  Probe(int control, stack::Client client) : control_(control), client_(std::move(client)) {}

  void obey() {
    for (std::string line; read_line(line);) {
      std::istringstream words(line);
      std::string command;
      words >> command;
      carry_out(command, words);
      say("end");
    }
  }

 private:
  void carry_out(const std::string& command, std::istringstream& words) {
    if (command == "pid") return say(std::to_string(::getpid()));
    if (command == "trials") return trials(words);
    if (command == "call" || command == "send") return call(words, command == "call");
    if (command == "tsd") return packet(control_, words);
    if (command == "host") return packet(host_.get(), words);
    if (command == "grow") grow();
    if (command != "enter") return say("what?");
    auto entered = stack::enter_cage();
    say(entered ? "entered" : entered.error().message);
  }

  void trials(std::istringstream& words) {
    std::string where;
    words >> where;
    cage::run_trials(where == "caged" ? cage::Where::kCaged : cage::Where::kUncaged, targets_from(words),
                     client_.socket.get(), [this](const std::string& line) { say(line); });
  }

  void call(std::istringstream& words, bool answered) {
    int descriptors = 0;
    std::string text;
    std::getline(words >> descriptors >> std::ws, text);
    auto bytes = std::as_bytes(std::span(text.c_str(), text.size() + 1));  // with the NUL that ends a call
    (void)net::send_with_fds(client_.session.get(), bytes, spare_descriptors(descriptors));
    if (!answered) return;
    while (said_.find('\0') == std::string::npos) {
      std::vector<UniqueFd> fds;
      auto more = receive(client_.session.get(), fds);
      if (!more) return say("nothing");
      if (more->empty()) return say("closed");
      said_.append(reinterpret_cast<const char*>(more->data()), more->size());
      if (!fds.empty()) host_ = std::move(fds[0]);
    }
    say(said_.substr(0, said_.find('\0')));
    said_.erase(0, said_.find('\0') + 1);
  }

  void packet(int fd, std::istringstream& words) {
    std::string hex, wait, heard;
    int descriptors = 0;
    words >> hex >> descriptors >> wait;
    if (!net::send_with_fds(fd, from_hex(hex), spare_descriptors(descriptors))) heard = "unsent ";
    for (std::string last; last != wait && last != "closed" && last != "nothing"; heard += last + " ") {
      std::vector<UniqueFd> fds;
      auto more = receive(fd, fds);
      last = !more ? "nothing" : more->empty() ? "closed" : fmt::format("{:#x}", message_type(*more));
      if (auto result = more ? message_as<session::LogonResult>(*more) : std::nullopt)
        last += fmt::format(":{}", static_cast<unsigned>(result->status));
    }
    say(heard);
  }

  /// An operator of its own: what is written with `new` the compiler may leave out.
  [[noreturn]] static void grow() {
    for (;;) *static_cast<volatile char*>(::operator new(kLump)) = 1;
  }

  bool read_line(std::string& line) {
    line.clear();
    for (char letter = 0;;) {
      pollfd waiting{client_.socket.get(), POLLIN, 0};
      if (::poll(&waiting, 1, -1) <= 0 || ::read(client_.socket.get(), &letter, 1) != 1) return false;
      if (letter == '\n') return true;
      line += letter;
    }
  }

  void say(const std::string& line) {
    (void)!::write(client_.socket.get(), (line + "\n").data(), line.size() + 1);
  }

  int control_;
  stack::Client client_;
  UniqueFd host_;
  std::string said_;  // by tssession, and not yet told
};

int serve() {
  stack::Control control{UniqueFd(stack::kControlFd)};
  if (!control.wait_for_certificate()) return 0;
  auto client = control.wait_for_client();
  if (client) Probe(stack::kControlFd, std::move(*client)).obey();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1 && ::fcntl(stack::kControlFd, F_GETFD) >= 0) return serve();
  std::ostringstream words;
  for (int i = 1; i < argc; ++i) words << argv[i] << ' ';
  std::istringstream in(words.str());
  if (argc != 6) {
    std::fputs("usage: cage_probe STACK DAEMON PORT SOCKET ABSTRACT\n", stderr);
    return 2;
  }
  cage::run_trials(cage::Where::kFree, targets_from(in), -1, [](const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
  });
}
