// Display numbers among strangers who take what they can. Each test has a /tmp and a network (abstract names)
// of its own, so that it takes nothing from anybody.
#include "lib/os/display_number.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "tests/unit/os/support.h"

namespace {

using ts::UniqueFd;
using ts::os::DisplayNumber;

constexpr uid_t kStranger = 65534;
constexpr int kNoMount = 77;

void in_a_world_of_its_own(const std::function<void()>& what) {
  if (!ts::test::is_root()) GTEST_SKIP() << "needs root";
  pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);  // a test that hangs has failed
    bool made = ::unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 &&
                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777") == 0 &&
                ::mkdir("/tmp/.X11-unix", 0700) == 0 && ::chmod("/tmp/.X11-unix", 01777) == 0;
    if (!made && errno == EINVAL) ::_exit(kNoMount);
    EXPECT_TRUE(made) << std::strerror(errno);
    if (made) what();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = ts::test::wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMount)
    GTEST_SKIP() << "the root folder is no mount (chroot)";
  EXPECT_EQ(status, 0);
}

std::string path_of(int number) {
  return "/tmp/.X11-unix/X" + std::to_string(number);
}

std::pair<sockaddr_un, socklen_t> name_of(int number, bool abstract) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::string path = (abstract ? std::string(1, 0) : "") + path_of(number);
  path.copy(name.sun_path, path.size());
  return {name, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size())};
}

UniqueFd bound(int number, bool abstract) {
  UniqueFd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto [name, size] = name_of(number, abstract);
  EXPECT_EQ(::bind(out.get(), reinterpret_cast<sockaddr*>(&name), size), 0) << std::strerror(errno);
  if (!abstract) {
    EXPECT_EQ(::chown(path_of(number).c_str(), kStranger, kStranger), 0);
  }
  return out;
}

int connect_error(int number) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto [name, size] = name_of(number, false);
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), size) == 0 ? 0 : errno;
}

void make_lock(int number) {
  std::string path = "/tmp/.X" + std::to_string(number) + "-lock";
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  ASSERT_EQ(::fchown(file.get(), kStranger, kStranger), 0);
}

/// A listener that accepts nothing and has no room for one more.
std::vector<UniqueFd> full(int number) {
  std::vector<UniqueFd> out;
  out.push_back(bound(number, false));
  EXPECT_EQ(::listen(out[0].get(), 0), 0);
  for (int error = 0; error == 0;) {
    out.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    auto [name, size] = name_of(number, false);
    error = ::connect(out.back().get(), reinterpret_cast<sockaddr*>(&name), size) == 0 ? 0 : errno;
    EXPECT_TRUE(error == 0 || error == EAGAIN) << std::strerror(error);
  }
  return out;
}

TEST(DisplayNumber, IsTheSmallestFreeOneAndListens) {
  in_a_world_of_its_own([] {
    auto first = DisplayNumber::reserve(), second = DisplayNumber::reserve();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->value(), 0);
    EXPECT_EQ(second->value(), 1);
    EXPECT_EQ(connect_error(0), 0);
    struct stat found {};
    ASSERT_EQ(::stat(path_of(0).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0777U);
    EXPECT_EQ(found.st_uid, 0U);
    *first = DisplayNumber();
    EXPECT_NE(::access(path_of(0).c_str(), F_OK), 0);
    EXPECT_EQ(DisplayNumber::reserve()->value(), 0);
  });
}

TEST(DisplayNumber, PassesOverWhatIsTakenAndNeverWaits) {
  in_a_world_of_its_own([] {
    make_lock(0);
    auto silent = full(1);
    auto name = bound(2, true);
    auto number = DisplayNumber::reserve();
    ASSERT_TRUE(number);
    EXPECT_EQ(number->value(), 3);
    EXPECT_EQ(::access(path_of(1).c_str(), F_OK), 0) << "somebody listens there";
  });
}

TEST(DisplayNumber, TakesWhatNobodyListensBehind) {
  in_a_world_of_its_own([] {
    bound(0, false).reset();
    ASSERT_EQ(::symlink("/nowhere", path_of(1).c_str()), 0);
    ASSERT_EQ(::mkdir(path_of(2).c_str(), 0777), 0);
    auto first = DisplayNumber::reserve(), second = DisplayNumber::reserve(),
         third = DisplayNumber::reserve();
    ASSERT_TRUE(first && second && third);
    EXPECT_EQ(first->value(), 0);
    EXPECT_EQ(second->value(), 1);
    EXPECT_EQ(third->value(), 3);
    EXPECT_EQ(connect_error(0), 0);
    EXPECT_EQ(connect_error(1), 0);
  });
}

TEST(DisplayNumber, WhoTakesTenThousandNumbersTakesNobodysSession) {
  in_a_world_of_its_own([] {
    for (int number = 0; number < 10000; ++number) make_lock(number);
    auto first = DisplayNumber::reserve(), second = DisplayNumber::reserve();
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_GE(first->value(), 10000);
    EXPECT_NE(first->value(), second->value());
    EXPECT_EQ(connect_error(first->value()), 0);
  });
}

TEST(DisplayNumber, AfterADeathOnlyWhatIsDeadIsRemoved) {
  in_a_world_of_its_own([] {
    auto living = DisplayNumber::reserve();
    ASSERT_TRUE(living);
    DisplayNumber::clear_after_death(0);
    EXPECT_EQ(connect_error(0), 0) << "its holder lives";
    bound(1, false).reset();
    DisplayNumber::clear_after_death(1);
    EXPECT_NE(::access(path_of(1).c_str(), F_OK), 0);
    auto served = full(2);
    DisplayNumber::clear_after_death(2);
    EXPECT_EQ(::access(path_of(2).c_str(), F_OK), 0);
    DisplayNumber::clear_after_death(3);
  });
}

}  // namespace
