// Pictures of one moment: what they show, that nobody changes them, and what is refused of a stranger's.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/display/snapshot.h"
#include "tests/unit/display/harness.h"

namespace ts::display::test {
namespace {

std::uint32_t pixel_at(const FramebufferView& view, std::size_t x, std::size_t y) {
  std::uint32_t pixel = 0;
  std::memcpy(&pixel, view.row(y).data() + x * 4, sizeof pixel);
  return pixel & 0xffffff;
}

TEST(Snapshot, ShowsOneMomentAndTakesNothingFromTheStack) {
  SessionDisplay session;
  auto stack = session.attach();
  auto geometry = stack->next<Geometry>();
  ASSERT_TRUE(geometry && stack->pull());
  TestProgram program = session.program();
  auto window = program.open_window({0, 0, 1024, 768});
  program.fill(window, {0, 0, 1024, 768}, 0x102030);
  program.fill(window, {1023, 767, 1, 1}, 0xfedcba);
  program.sync();
  auto taken = session.take_picture(17);
  ASSERT_TRUE(taken) << taken.error().message;
  program.fill(window, {0, 0, 1024, 768}, 0xffffff);
  program.sync();
  auto view = view_snapshot(*taken);
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->size(), (Size{1024, 768}));
  EXPECT_EQ(pixel_at(*view, 0, 0), 0x102030u);
  EXPECT_EQ(pixel_at(*view, 1022, 767), 0x102030u);
  EXPECT_EQ(pixel_at(*view, 1023, 767), 0xfedcbau);
  // No more than the desktop itself is in it.
  EXPECT_EQ(view->pixels().size(), 1024u * 768 * 4);
  // Whoever is attached stays that.
  EXPECT_TRUE(stack->pull());
  EXPECT_FALSE(stack->closed);
}

TEST(Snapshot, HasTheSizeOfItsMoment) {
  SessionDisplay session;
  auto stack = session.attach();
  ASSERT_TRUE(stack->next<Geometry>());
  for (Size size : {Size{640, 480}, Size{1600, 1200}}) {
    stack->send(Resize{.width = size.width, .height = size.height});
    ASSERT_TRUE(stack->next<Geometry>());
    auto taken = session.take_picture(1);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ((Size{taken->geometry.width, taken->geometry.height}), size);
  }
}

TEST(Snapshot, CannotBeChangedByAnyWay) {
  SessionDisplay session;
  auto taken = session.take_picture(1);
  ASSERT_TRUE(taken) << taken.error().message;
  const int file = taken->file.get();
  EXPECT_EQ(::write(file, "x", 1), -1);
  EXPECT_EQ(::ftruncate(file, 0), -1);
  EXPECT_EQ(::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), -1);
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), MAP_FAILED);
  // Opened anew, by an account that may: it is the file that is closed, not the descriptor.
  UniqueFd again(::open(fmt::format("/proc/self/fd/{}", file).c_str(), O_RDWR | O_CLOEXEC));
  if (again) {
    EXPECT_EQ(::write(again.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again.get(), 0), MAP_FAILED);
  }
}

/// A memory file of one page with these seals.
Snapshot stranger(int seals, unsigned flags = MFD_ALLOW_SEALING) {
  Snapshot out;
  out.file.reset(::memfd_create("stranger", flags | MFD_CLOEXEC));
  EXPECT_EQ(::ftruncate(out.file.get(), 4096), 0);
  EXPECT_EQ(::fcntl(out.file.get(), F_ADD_SEALS, seals), 0);
  out.geometry.stride = 128;
  out.geometry.width = 32;
  out.geometry.height = 32;
  return out;
}

constexpr int kAll = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

TEST(Snapshot, OfAStrangerIsTakenOnlyWhenItStandsStill) {
  EXPECT_TRUE(view_snapshot(stranger(kAll)));
  for (int missing : {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE})
    EXPECT_FALSE(view_snapshot(stranger(kAll & ~missing)));
  EXPECT_FALSE(view_snapshot(stranger(0)));
  Snapshot other = stranger(kAll);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd write_end(ends[1]);
  other.file.reset(ends[0]);
  EXPECT_EQ(view_snapshot(other).error().message, "a picture that is no memory file");
  other.file.reset(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(view_snapshot(other));
  other.file.reset();
  EXPECT_FALSE(view_snapshot(other));
}

TEST(Snapshot, OfAStrangerIsHeldAgainstItsNumbers) {
  auto with = [](auto change) {
    Snapshot snapshot = stranger(kAll);
    change(snapshot.geometry);
    return view_snapshot(snapshot).has_value();
  };
  EXPECT_TRUE(with([](Geometry&) {}));
  EXPECT_FALSE(with([](Geometry& g) { g.height = 33; }));
  EXPECT_FALSE(with([](Geometry& g) { g.height = 0; }));
  EXPECT_FALSE(with([](Geometry& g) { g.width = 33; }));
  EXPECT_FALSE(with([](Geometry& g) { g.stride = 0xffffffff; }));
  EXPECT_FALSE(with([](Geometry& g) { g.offset = 1; }));
  EXPECT_FALSE(with([](Geometry& g) { g.offset = 0xffffffff; }));
  EXPECT_FALSE(with([](Geometry& g) { g.version = 2; }));
}

/// A sparse file costs its maker nothing, and whoever reads its rows all of their memory.
TEST(Snapshot, OfAStrangerIsNoLargerThanADesktop) {
  auto of = [](std::uint16_t width, std::uint16_t height) {
    Snapshot out;
    out.file.reset(::memfd_create("stranger", MFD_ALLOW_SEALING | MFD_CLOEXEC));
    EXPECT_EQ(::ftruncate(out.file.get(), off_t{65535} * 65535 * 4), 0);
    EXPECT_EQ(::fcntl(out.file.get(), F_ADD_SEALS, kAll), 0);
    out.geometry.stride = width * std::uint32_t{4};
    out.geometry.width = width;
    out.geometry.height = height;
    return view_snapshot(out).has_value();
  };
  EXPECT_TRUE(of(8192, 8192));
  EXPECT_FALSE(of(8193, 1));
  EXPECT_FALSE(of(1, 8193));
  EXPECT_FALSE(of(65535, 65535));
}

}  // namespace
}  // namespace ts::display::test
