// The parts that need no display: scan codes, regions, the framebuffer's header and mapping.
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/display/framebuffer.h"
#include "lib/display/region.h"
#include "lib/display/scancodes.h"

namespace ts::display {
namespace {

TEST(Scancodes, NoCodeIsAKeyOutsideX) {
  for (int prefix : {0, 0xe0, 0xe1}) {
    for (int code = 0; code < 256; ++code) {
      ScancodeReader reader;
      auto key = reader.keycode(static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(prefix));
      EXPECT_GE(key.value_or(9), 9) << code;
    }
  }
}

TEST(Scancodes, PauseIsASequenceAndNumLockIsNot) {
  ScancodeReader reader;
  EXPECT_EQ(reader.keycode(0x45, 0), Keycode{77});
  EXPECT_EQ(reader.keycode(0x1d, 0xe1), std::nullopt);
  EXPECT_EQ(reader.keycode(0x45, 0), Keycode{127});
  EXPECT_EQ(reader.keycode(0x45, 0), Keycode{77});
  EXPECT_EQ(reader.keycode(0x1d, 0xe1), std::nullopt);
  EXPECT_EQ(reader.keycode(0x1e, 0), Keycode{38});  // something else came between
  EXPECT_EQ(reader.keycode(0x45, 0), Keycode{77});
}

TEST(Scancodes, KoreanKeysWithoutARelease) {
  EXPECT_TRUE(has_no_release(0xf1, 0));
  EXPECT_TRUE(has_no_release(0xf2, 0));
  EXPECT_FALSE(has_no_release(0x72, 0));
  EXPECT_FALSE(has_no_release(0xf1, 0xe0));
}

TEST(Region, FewRectanglesAreExact) {
  Region region;
  region.add(Rect{10, 10, 5, 5});
  region.add(Rect{100, 100, 5, 5});
  std::array<Rect, kMaxDamageRects> out;
  ASSERT_EQ(region.cover(out), 2u);
  EXPECT_EQ(out[1].x, 100);
  region.clip({50, 50});
  EXPECT_EQ(region.cover(out), 1u);
  region.clip({5, 5});
  EXPECT_TRUE(region.empty());
  EXPECT_EQ(region.cover(out), 0u);
}

TEST(Region, ManyRectanglesKeepFarCornersApart) {
  Region region;
  for (std::uint16_t i = 0; i < 40; ++i) {
    const auto near = static_cast<std::uint16_t>(i * 2), far = static_cast<std::uint16_t>(1000 + i * 2);
    region.add(Rect{near, near, 1, 1});
    region.add(Rect{far, far, 1, 1});
  }
  std::array<Rect, kMaxDamageRects> out;
  const std::size_t count = region.cover(out);
  ASSERT_LE(count, out.size());
  std::size_t area = 0;
  for (std::size_t i = 0; i < count; ++i) area += std::size_t{out[i].width} * out[i].height;
  EXPECT_LT(area, 20000u);  // of 1.1 million that a bounding box would have
}

/// A file with an XWD header for `width` x `height`, of `length` bytes.
UniqueFd make_framebuffer(std::uint32_t width, std::uint32_t height, std::size_t length) {
  UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  Bytes bytes;
  ByteWriter writer(bytes);
  const std::uint32_t stride = width * 4;
  for (std::uint32_t field :
       {160u, 7u,        2u,      24u,   width, height, 0u,   0u,    32u,    0u, 32u, 32u, stride,
        4u,   0xff0000u, 0xff00u, 0xffu, 8u,    256u,   256u, width, height, 0u, 0u,  0u}) {
    writer.u32be(field);
  }
  EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(length)), 0);
  return file;
}

constexpr std::size_t kHeader = 160 + 256 * 12;

TEST(Framebuffer, HeaderIsCheckedAgainstTheFilesLength) {
  const std::size_t length = kHeader + 64 * 48 * 4;
  auto layout = framebuffer_layout(make_framebuffer(64, 48, length).get());
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offset, kHeader);
  EXPECT_EQ(layout->stride, 64u * 4);
  EXPECT_EQ(layout->max_size, (Size{64, 48}));
  EXPECT_FALSE(framebuffer_layout(make_framebuffer(64, 48, length - 1).get()));
  EXPECT_FALSE(framebuffer_layout(make_framebuffer(64, 48, 50).get()));
  EXPECT_FALSE(framebuffer_layout(make_framebuffer(0, 48, length).get()));
  EXPECT_FALSE(framebuffer_layout(make_framebuffer(0x10040, 48, length).get()));
}

TEST(Framebuffer, AViewTakesNoGeometryThatLeavesItsMapping) {
  const std::size_t length = kHeader + 64 * 48 * 4;
  auto view = FramebufferView::map(make_framebuffer(64, 48, length));
  ASSERT_TRUE(view);
  const Geometry good{.offset = kHeader, .stride = 64 * 4, .width = 64, .height = 48};
  ASSERT_TRUE(view->set_geometry(good));
  EXPECT_EQ(view->row(47).size(), 64u * 4);
  auto refused = [&](auto change) {
    Geometry bad = good;
    change(bad);
    return !view->set_geometry(bad) && view->size() == Size{64, 48};
  };
  EXPECT_TRUE(refused([](Geometry& g) { g.offset += 1; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.offset = 0xffffffff; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.stride = 0xffffffff; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.stride = 63 * 4; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.height = 49; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.width = 65; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.width = 0; }));
  EXPECT_TRUE(refused([](Geometry& g) { g.version = 2; }));
}

TEST(Framebuffer, GivingBackKeepsWhatIsInside) {
  constexpr std::uint32_t kWidth = 4096, kHeight = 512;
  const std::size_t length = kHeader + std::size_t{kWidth} * kHeight * 4;
  UniqueFd file = make_framebuffer(kWidth, kHeight, length);
  auto layout = framebuffer_layout(file.get());
  ASSERT_TRUE(layout);
  Bytes ones(length - kHeader, std::byte{1});
  ASSERT_EQ(::pwrite(file.get(), ones.data(), ones.size(), kHeader), static_cast<ssize_t>(ones.size()));
  auto kept = [&] {
    struct stat status {};
    EXPECT_EQ(::fstat(file.get(), &status), 0);
    return static_cast<std::size_t>(status.st_blocks) * 512;
  };
  const std::size_t all = kept();
  ASSERT_TRUE(give_back_outside(file.get(), *layout, {800, 300}, {800, 300}));
  EXPECT_EQ(kept(), all) << "nothing was drawn outside";
  ASSERT_TRUE(give_back_outside(file.get(), *layout, {800, 300}, {640, 400}));
  EXPECT_LT(kept(), all * 2 / 3) << "the rows below";
  EXPECT_GT(kept(), all / 2) << "what is beside the others was not drawn to";
  ASSERT_TRUE(give_back_outside(file.get(), *layout, {800, 300}, layout->max_size));
  auto view = FramebufferView::map(file);
  ASSERT_TRUE(view->set_geometry({.offset = kHeader, .stride = kWidth * 4, .width = 800, .height = 300}));
  for (std::size_t y = 0; y < 300; ++y) {
    EXPECT_THAT(view->row(y), ::testing::Each(std::byte{1})) << y;
  }
  EXPECT_LT(kept(), length / 3);
}

}  // namespace
}  // namespace ts::display
