#include <sys/socket.h>
#include <sys/un.h>

#include "lib/os/peer.h"
#include "lib/os/programs.h"
#include "lib/os/service.h"
#include "lib/os/users.h"
#include "tests/unit/os/support.h"

namespace {

TEST(Peer, IsWhoConnected) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair.data()), 0);
  auto peer = ts::os::peer_of(pair[0]);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_TRUE(ts::os::is_administrator(*peer));
  EXPECT_FALSE(ts::os::is_administrator({1234, 4000000001U, 4000000001U}));
  for (int fd : pair) ::close(fd);
  EXPECT_FALSE(ts::os::peer_of(-1));
}

TEST(Users, ByNameAndByUid) {
  auto root = ts::os::user_by_name("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->uid, 0U);
  EXPECT_EQ(ts::os::user_by_uid(0)->name, "root");
  auto groups = ts::os::groups_of(*root);
  EXPECT_NE(std::find(groups.begin(), groups.end(), 0U), groups.end());
  auto nobody = ts::os::uid_of_user("no-such-user-here");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ts::ErrorCode::kNotFound);
  EXPECT_EQ(nobody.error().message, "no user 'no-such-user-here' on this system");
}

TEST(Programs, MissingOnesAreNamed) {
  EXPECT_TRUE(ts::os::find_program("test_os"));
  auto missing = ts::os::find_program("no-such-program");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("'no-such-program'"), std::string::npos);
}

TEST(Service, TakesTheSocketsHandedOverOnce) {
  // In a child, whose descriptors 3 and 4 are what the supervisor put there.
  pid_t pid = ::fork();
  if (pid == 0) {
    int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, 3);
    ::dup2(null, 4);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "rdp", 1);
    auto taken = ts::os::take_listen_fds();
    bool right = taken.size() == 2 && taken[0].name == "rdp" && taken[0].fd.get() == 3 &&
                 taken[1].name == "unknown" && taken[1].fd.get() == 4 &&
                 (::fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 && !std::getenv("LISTEN_FDS") &&
                 ts::os::take_listen_fds().empty();
    ::_exit(right ? 0 : 1);
  }
  EXPECT_EQ(ts::test::wait_for(pid), 0);
}

TEST(Service, AnotherProcessesSocketsAreNotOurs) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  EXPECT_TRUE(ts::os::take_listen_fds().empty());
  EXPECT_EQ(std::getenv("LISTEN_PID"), nullptr);
}

TEST(Service, ReadinessReachesTheSupervisor) {
  ts::test::TemporaryFolder folder;
  auto path = folder.path() / "notify";
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ts::os::notify_ready();
  ::unsetenv("NOTIFY_SOCKET");
  std::array<char, 64> text{};
  ssize_t size = ::recv(fd, text.data(), text.size(), 0);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))), "READY=1");
  ::close(fd);
}

}  // namespace
