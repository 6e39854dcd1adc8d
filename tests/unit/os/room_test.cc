// A session's room: what is seen in it, and how it ends.
#include "lib/os/room.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>

#include <fstream>

#include "lib/os/display_number.h"
#include "lib/os/proc.h"
#include "tests/unit/os/support.h"

namespace {

using ts::os::Room;
using ts::test::run;
using ts::test::shell;

constexpr uid_t kNobody = 65534;

class RoomTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!ts::test::is_root()) GTEST_SKIP() << "only root makes rooms";
    auto number = ts::os::DisplayNumber::reserve();
    ASSERT_TRUE(number) << number.error().message;
    display_ = std::move(*number);
    socket_ = display_.take_socket();
    std::filesystem::create_directory(home() / "mine");
    for (const auto& folder : {home(), home() / "mine"}) {
      ASSERT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
      ASSERT_EQ(::chmod(folder.c_str(), 0700), 0);
    }
  }
  std::filesystem::path home() const { return folder_.path(); }
  Room::Plan plan() const {
    return {display_.value(), home(), home() / "mine", kNobody, kNobody, ::getpid()};
  }
  static void end(const Room& room) {
    ::kill(room.keeper(), SIGKILL);
    ts::test::wait_for(room.keeper());
  }
  std::string x_socket() const { return "/tmp/.X11-unix/X" + std::to_string(display_.value()); }

  ts::test::TemporaryFolder folder_;
  ts::os::DisplayNumber display_;
  ts::UniqueFd socket_;
};

/// Runs in the room; what it prints.
std::string in(const Room& room, const std::string& script) {
  auto what = shell(script);
  what.room = room.handle();
  auto outcome = run(what);
  EXPECT_TRUE(outcome) << outcome.error().message;
  if (!outcome) return {};
  EXPECT_EQ(outcome->status, 0) << script << ": " << outcome->output;
  return outcome->output;
}

bool gone_in_time(const Room& room) {
  pollfd ended{room.handle(), POLLIN, 0};
  return ::poll(&ended, 1, 10'000) == 1;
}

TEST_F(RoomTest, OnlyItsOwnProcessesAreSeen) {
  auto room = Room::open(plan());
  ASSERT_TRUE(room) << room.error().message;
  EXPECT_EQ(in(*room, "cd /proc; cat 1/comm; for i in [0-9]*; do echo; done | wc -l; ls self/fd"),
            "tsroom\n4\n0\n1\n2\n3\n");
  // The number that a process is started under is the one outside.
  auto what = shell("echo $$; exec sleep 60");
  what.room = room->handle();
  auto pid = ts::os::spawn(what);
  ASSERT_TRUE(pid) << pid.error().message;
  EXPECT_EQ(ts::os::process_of(*pid).parent, ::getpid());
  ::kill(room->keeper(), SIGKILL);
  // The last of a PID namespace are waited for by process 1.
  const int status = ts::test::wait_for(*pid);
  ts::test::wait_for(room->keeper());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "ends with its room";
}

TEST_F(RoomTest, FilesInMemoryAreItsOwn) {
  const std::string mark = "ts-room-test-" + std::to_string(::getpid());
  std::ofstream("/dev/shm/" + mark) << "outside";
  std::ofstream(home() / "mine" / "outside") << "seen";
  auto room = Room::open(plan());
  ASSERT_TRUE(room) << room.error().message;
  EXPECT_EQ(in(*room, "ls -A /tmp | sort; ls -A /dev/shm; ls /dev/pts; stat -c %a /tmp /dev/shm"),
            ".ICE-unix\n.X11-unix\nptmx\n1777\n1777\n");
  in(*room, "touch /tmp/" + mark + " /dev/shm/" + mark + "-2");
  EXPECT_FALSE(std::filesystem::exists("/tmp/" + mark));
  EXPECT_FALSE(std::filesystem::exists("/dev/shm/" + mark + "-2"));
  ::unlink(("/dev/shm/" + mark).c_str());
  end(*room);
}

TEST_F(RoomTest, OfTheRuntimeFolderOnlyTheSessionsOwnIsThere) {
  // Below /var/tmp: what is below /tmp is covered by the room's own.
  std::string name = "/var/tmp/ts-room-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path runtime = name;
  for (const char* one : {"mine", "other"}) {
    std::filesystem::create_directory(runtime / one);
    ASSERT_EQ(::chown((runtime / one).c_str(), kNobody, kNobody), 0);
  }
  ASSERT_EQ(::chown(name.c_str(), kNobody, kNobody), 0);
  auto wanted = plan();
  wanted.runtime = runtime;
  wanted.folder = runtime / "mine";
  auto room = Room::open(wanted);
  ASSERT_TRUE(room) << room.error().message;
  std::ofstream(runtime / "mine" / "later") << "from outside";
  EXPECT_EQ(in(*room, "ls " + name + "; stat -c '%u %a' " + name + "; cat " + name + "/mine/later"),
            "mine\n65534 700\nfrom outside");
  in(*room, "touch " + name + "/inside");
  EXPECT_FALSE(std::filesystem::exists(runtime / "inside"));
  end(*room);
  // Somebody else's folder is not covered: where it is, others may decide.
  ASSERT_EQ(::chown(name.c_str(), 0, 0), 0);
  auto refused = Room::open(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("runtime folder"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("sessions.isolation"), std::string::npos);
  std::filesystem::remove_all(runtime);
}

TEST_F(RoomTest, OfTheXSocketsOnlyItsOwnIsThereAndLeadsToItsServer) {
  auto room = Room::open(plan());
  ASSERT_TRUE(room) << room.error().message;
  EXPECT_EQ(in(*room, "echo /tmp/.X11-unix/*"), x_socket() + "\n");
  in(*room,
     "perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or die $!' " +
         x_socket());
  pollfd coming{socket_.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&coming, 1, 10'000), 1);
  end(*room);
  auto wanted = plan();
  wanted.display = -1;
  auto refused = Room::open(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("X server"), std::string::npos) << refused.error().message;
}

TEST_F(RoomTest, EndsByTermOnlyWhenItIsEmpty) {
  auto room = Room::open(plan());
  ASSERT_TRUE(room) << room.error().message;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ts::UniqueFd reader(ends[0]), writer(ends[1]);
  // An orphan, which ends when it is told to.
  auto what = shell("(setsid sh -c 'read line <&3' & )");
  what.fds = {{reader.get(), 3}};
  what.room = room->handle();
  auto pid = ts::os::spawn(what);
  ASSERT_TRUE(pid) << pid.error().message;
  ts::test::wait_for(*pid);
  reader.reset();
  ::kill(room->keeper(), SIGTERM);
  pollfd ended{room->handle(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 300), 0) << "somebody is in it";
  writer.reset();
  EXPECT_TRUE(gone_in_time(*room));
  ts::test::wait_for(room->keeper());
}

TEST_F(RoomTest, EndsWithTheHostOfTheSession) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ts::UniqueFd reader(ends[0]), writer(ends[1]);
  auto host = ts::os::spawn(shell("exec sleep 600"));
  ASSERT_TRUE(host);
  auto wanted = plan();
  wanted.host = *host;
  auto room = Room::open(wanted);
  ASSERT_TRUE(room) << room.error().message;
  auto what = shell("trap '' TERM HUP; sleep 600");
  what.room = room->handle();
  what.fds = {{writer.get(), 1}};
  auto pid = ts::os::spawn(what);
  ASSERT_TRUE(pid);
  writer.reset();
  ::kill(*host, SIGKILL);
  // All that had the pipe are gone then.
  EXPECT_EQ(ts::test::read_to_end(reader.get()), "");
  for (pid_t one : {*host, *pid}) ts::test::wait_for(one);
  EXPECT_TRUE(gone_in_time(*room));
  ts::test::wait_for(room->keeper());
}

TEST_F(RoomTest, WhatCannotBeStartedInItIsSaidAndLeavesNoProcess) {
  auto room = Room::open(plan());
  ASSERT_TRUE(room) << room.error().message;
  auto what = shell("true");
  what.room = room->handle();
  what.working_folder = "/nonexistent";
  auto failed = ts::os::spawn(what);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("working folder"), std::string::npos);
  end(*room);
  what.working_folder.clear();
  auto late = ts::os::spawn(what);
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message.find("entering the session's room"), std::string::npos)
      << late.error().message;
  errno = 0;
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(RoomTest, WhereNamespacesAreNotAllowedThatIsSaidAndWhatToDo) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ts::UniqueFd reader(ends[0]), writer(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    // As in a container that keeps it away.
    ::capng_get_caps_process();
    ::capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
    if (::capng_apply(CAPNG_SELECT_CAPS) != 0) ::_exit(2);
    auto refused = Room::open(plan());
    if (refused) ::_exit(3);
    const auto& message = refused.error().message;
    ::_exit(::write(writer.get(), message.data(), message.size()) > 0 ? 0 : 4);
  }
  writer.reset();
  EXPECT_EQ(ts::test::read_to_end(reader.get()),
            "the session gets no room of its own, it cannot have a PID namespace: allow namespaces "
            "(CAP_SYS_ADMIN) here, or set sessions.isolation to shared: Operation not permitted");
  EXPECT_EQ(ts::test::wait_for(child), 0);
}

}  // namespace
