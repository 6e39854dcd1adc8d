// The links to stacks over real sockets and with real processes, which have the account that stacks have:
// here that of whoever runs the test.
#include "cmd/tshost/stack_links.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ts::host::test {
namespace {

constexpr std::chrono::seconds kDeadline{20};
constexpr uid_t kNobody = 65534;  // stands for the stacks' account when root runs the test

/// A stack: a process of its account, and the far end of its session socket.
class Stack {
 public:
  Stack() {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close_range(STDERR_FILENO + 1, ~0U, 0);  // other stacks' sockets
      if (::getuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(1);
      ::raise(SIGSTOP);
      ::_exit(0);
    }
    // It has changed its account when it stands still.
    int status = 0;
    ::waitpid(pid_, &status, WUNTRACED);
    EXPECT_TRUE(WIFSTOPPED(status));
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    near_ = UniqueFd(ends[0]);
    far_ = UniqueFd(ends[1]);
  }
  ~Stack() { end(); }

  void end() {
    if (std::exchange(ended_, true)) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  bool lives() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }
  UniqueFd take_socket() { return std::move(near_); }
  void close() { far_.reset(); }
  void say(ByteView bytes) { EXPECT_GT(::send(far_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0); }
  /// The next packet; empty: there is none. `closed`: the host has closed its end.
  Bytes hear() {
    Bytes out(64 * 1024);
    const ssize_t got = ::recv(far_.get(), out.data(), out.size(), MSG_DONTWAIT);
    closed_ = got == 0 || (got < 0 && errno == ECONNRESET);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  bool closed() {
    hear();
    return closed_;
  }

 private:
  pid_t pid_ = -1;
  bool ended_ = false, closed_ = false;
  UniqueFd near_, far_;
};

class StackLinksTest : public ::testing::Test {
 protected:
  // As the host of a server without root, to which stacks are processes of its own account.
  StackLinksTest() {
    be(kNobody);
    links_ = std::make_unique<StackLinks>(
        loop_, StackLinks::Handlers{[this](const session::Credentials& credentials) {
                                      users_.push_back(credentials.user.str());
                                      return takes_credentials_;
                                    },
                                    [this] { ++gone_; }, [this] { ++all_gone_; },
                                    [this] { return holds_desktop_; }});
  }
  ~StackLinksTest() override {
    links_.reset();
    be(0);
  }

  void attach(Stack& stack, std::uint8_t number = 1) {
    links_->attach(stack.take_socket(), stack.pid(), connection(number));
  }
  static session::ConnectionId connection(std::uint8_t number) {
    session::ConnectionId out{};
    std::memset(&out, number, sizeof out);
    return out;
  }
  static void be(uid_t uid) {
    if (::getuid() == 0) {
      EXPECT_EQ(::seteuid(uid), 0);
    }
  }
  bool until(const std::function<bool()>& done) {
    const auto end = net::Clock::now() + kDeadline;
    net::Timer beat(loop_, [this] { loop_.stop(); });
    for (;;) {
      if (done()) return true;
      if (net::Clock::now() >= end) return false;
      beat.start(std::chrono::milliseconds(5));
      loop_.run();
    }
  }

  net::Loop loop_;
  std::unique_ptr<StackLinks> links_;
  std::vector<std::string> users_;
  bool takes_credentials_ = true, holds_desktop_ = false;
  int gone_ = 0, all_gone_ = 0;
};

TEST_F(StackLinksTest, CredentialsComeToTheHostAndAnythingElseEndsTheAttachment) {
  Stack stack;
  attach(stack);
  session::Credentials credentials;
  credentials.user.assign("ann");
  stack.say(message_bytes(credentials));
  EXPECT_TRUE(until([&] { return users_.size() == 1; }));
  EXPECT_EQ(users_.front(), "ann");
  EXPECT_TRUE(links_->attached());
  stack.say(message_bytes(session::End{}));
  EXPECT_TRUE(until([&] { return stack.closed(); }));
  EXPECT_EQ(gone_, 1);
  EXPECT_FALSE(links_->attached());
  EXPECT_TRUE(stack.lives()) << "it has seen no desktop";
}

TEST_F(StackLinksTest, CredentialsThatAreNotExpectedEndTheAttachment) {
  Stack stack;
  attach(stack);
  takes_credentials_ = false;
  stack.say(message_bytes(session::Credentials{}));
  EXPECT_TRUE(until([&] { return stack.closed(); }));
  EXPECT_EQ(gone_, 1);
}

TEST_F(StackLinksTest, OneThatIsReleasedIsToldWhyAndMayClose) {
  Stack stack;
  attach(stack);
  links_->release(session::EndReason::kLogonTimeout);
  EXPECT_FALSE(links_->attached());
  EXPECT_FALSE(links_->all_gone());
  std::optional<session::End> end;
  EXPECT_TRUE(until([&] {
    end = message_as<session::End>(stack.hear());
    return end.has_value();
  }));
  EXPECT_EQ(end->reason, session::EndReason::kLogonTimeout);
  // What it says now is nobody's.
  stack.say(message_bytes(session::Credentials{}));
  stack.close();
  EXPECT_TRUE(until([&] { return links_->all_gone(); }));
  EXPECT_EQ(all_gone_, 1);
  EXPECT_EQ(gone_, 0) << "that is for those that go by themselves";
  EXPECT_TRUE(users_.empty());
}

TEST_F(StackLinksTest, OneThatHasSeenADesktopHasGoneOnlyWithItsProcess) {
  Stack stack;
  attach(stack);
  holds_desktop_ = true;
  stack.close();
  EXPECT_TRUE(until([&] { return gone_ == 1; }));
  EXPECT_FALSE(links_->all_gone());
  stack.end();
  EXPECT_TRUE(until([&] { return links_->all_gone(); }));
}

TEST_F(StackLinksTest, OneThatDoesNotGoIsKilled) {
  Stack stack;
  attach(stack);
  holds_desktop_ = true;
  stack.close();
  EXPECT_TRUE(until([&] { return links_->all_gone(); }));
  EXPECT_TRUE(until([&] { return !stack.lives(); }));
}

TEST_F(StackLinksTest, OneThatMovesToAnotherSessionIsLeftAlone) {
  Stack moved, spared;
  holds_desktop_ = true;
  attach(moved, 1);
  links_->hand_over();
  EXPECT_FALSE(links_->attached());
  moved.close();
  EXPECT_TRUE(until([&] { return links_->all_gone(); }));
  // The other order: its socket is closed before the word comes that it has moved.
  attach(spared, 2);
  spared.close();
  EXPECT_TRUE(until([&] { return gone_ == 1; }));
  EXPECT_FALSE(links_->all_gone());
  links_->spare(connection(1));
  EXPECT_FALSE(links_->all_gone()) << "that was another one";
  links_->spare(connection(2));
  EXPECT_TRUE(links_->all_gone());
  EXPECT_TRUE(moved.lives() && spared.lives());
}

TEST_F(StackLinksTest, AProcessOfAnotherAccountIsNotFollowed) {
  if (::getuid() != 0) GTEST_SKIP() << "only root has processes of two accounts";
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  UniqueFd near(ends[0]), far(ends[1]);
  links_->attach(std::move(near), ::getpid(), connection(1));
  holds_desktop_ = true;
  far.reset();
  EXPECT_TRUE(until([&] { return links_->all_gone(); })) << "nobody is waited for, and nobody is killed";
}

}  // namespace
}  // namespace ts::host::test
