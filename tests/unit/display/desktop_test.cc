// What a stack sees: geometry, sizes, damage, pixels, the pointer's shape.
#include <signal.h>
#include <sys/stat.h>
#include <xcb/randr.h>
#include <xcb/xfixes.h>

#include <cstring>

#include "lib/display/x11_desktop.h"
#include "tests/unit/display/harness.h"

namespace ts::display::test {
namespace {

std::uint32_t pixel(const FramebufferView& view, std::size_t x, std::size_t y) {
  std::uint32_t value = 0;
  std::memcpy(&value, view.row(y).data() + x * 4, 4);
  return value & 0xffffff;
}

bool same(const Rect& a, const Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/// Attached, with the full damage of the attach taken.
std::unique_ptr<TestStack> attach_and_pull(SessionDisplay& session) {
  auto stack = session.attach();
  EXPECT_TRUE(stack->next<Geometry>());
  auto damage = stack->pull();
  EXPECT_TRUE(damage && damage->count == 1);
  EXPECT_TRUE(damage && same(damage->rects[0], {0, 0, session.size.width, session.size.height}));
  return stack;
}

TEST(Desktop, EveryAttachStartsWithGeometryThatFitsTheMapping) {
  SessionDisplay session;
  for (int i = 0; i < 2; ++i) {
    auto stack = session.attach();
    auto geometry = stack->next<Geometry>();
    ASSERT_TRUE(geometry);
    EXPECT_TRUE(stack->dropped.empty());
    EXPECT_EQ(geometry->width, 1024);
    EXPECT_EQ(geometry->height, 768);
    EXPECT_EQ(geometry->stride, 1600u * 4);
    auto view = session.view();
    EXPECT_TRUE(view.set_geometry(*geometry));
  }
}

TEST(Desktop, PixelsAreWhatWasDrawnAndDamageIsWhereItWas) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto view = session.view();
  ASSERT_TRUE(view.set_geometry({.offset = framebuffer_layout(session.server->framebuffer())->offset,
                                 .stride = 1600 * 4,
                                 .width = 1024,
                                 .height = 768}));
  auto program = session.program();
  program.fill(program.root(), {100, 50, 30, 20}, 0x123456);
  auto damage = stack->pull();
  ASSERT_TRUE(damage);
  ASSERT_EQ(damage->count, 1u);
  EXPECT_TRUE(same(damage->rects[0], {100, 50, 30, 20}));
  for (std::size_t y = 50; y < 70; ++y) {
    for (std::size_t x = 100; x < 130; ++x) ASSERT_EQ(pixel(view, x, y), 0x123456u);
  }
  EXPECT_NE(pixel(view, 99, 50), 0x123456u);
  EXPECT_NE(pixel(view, 130, 69), 0x123456u);
}

TEST(Desktop, APullIsHeldUntilSomethingChangesAndAnsweredOnce) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  stack->send(Pull{});
  stack->settle();
  EXPECT_FALSE(stack->dropped_a(Damage::kType));  // nothing was drawn

  program.fill(program.root(), {1, 2, 3, 4}, 0xff0000);
  auto damage = stack->next<Damage>();
  ASSERT_TRUE(damage);
  EXPECT_TRUE(same(damage->rects[0], {1, 2, 3, 4}));

  // Without a pull nothing comes; two changes then come together.
  program.fill(program.root(), {10, 10, 5, 5}, 0x00ff00);
  program.fill(program.root(), {500, 500, 5, 5}, 0x0000ff);
  stack->settle();
  EXPECT_FALSE(stack->dropped_a(Damage::kType));
  damage = stack->pull();
  ASSERT_TRUE(damage);
  ASSERT_EQ(damage->count, 2u);
  EXPECT_TRUE(same(damage->rects[0], {10, 10, 5, 5}));
  EXPECT_TRUE(same(damage->rects[1], {500, 500, 5, 5}));
  stack->send(Pull{});
  stack->settle();
  EXPECT_FALSE(stack->dropped_a(Damage::kType));
}

TEST(Desktop, ManyRectanglesAreMergedAndAllIsCovered) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  for (std::uint16_t y = 0; y < 20; ++y) {
    for (std::uint16_t x = 0; x < 20; ++x) {
      program.fill(program.root(),
                   {static_cast<std::uint16_t>(x * 50), static_cast<std::uint16_t>(y * 38), 3, 3}, 1);
    }
  }
  auto damage = stack->pull();
  ASSERT_TRUE(damage);
  ASSERT_LE(damage->count, kMaxDamageRects);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) {
      // Pixel by pixel: two of the cover's cells may share a small rectangle.
      bool covered = true;
      for (int at = 0; at < 9; ++at) {
        const int px = x * 50 + at % 3, py = y * 38 + at / 3;
        covered &=
            std::any_of(damage->rects.begin(), damage->rects.begin() + damage->count, [&](const Rect& r) {
              return r.x <= px && px < r.x + r.width && r.y <= py && py < r.y + r.height;
            });
      }
      ASSERT_TRUE(covered) << x << "," << y;
    }
  }
}

TEST(Desktop, RefreshDamagesAnAreaClippedToTheDesktopOrAll) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  stack->send(Refresh{.area = {1000, 700, 60000, 60000}});
  auto damage = stack->pull();
  ASSERT_TRUE(damage && damage->count == 1);
  EXPECT_TRUE(same(damage->rects[0], {1000, 700, 24, 68}));
  stack->send(Refresh{});
  damage = stack->pull();
  ASSERT_TRUE(damage && damage->count == 1);
  EXPECT_TRUE(same(damage->rects[0], {0, 0, 1024, 768}));
}

TEST(Desktop, ResizesToAnySizeUpToTheLargest) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto view = session.view();
  auto program = session.program();
  constexpr std::pair<Size, Size> kSizes[] = {
      {{1280, 720}, {1280, 720}},   {{801, 603}, {801, 603}}, {{640, 480}, {640, 480}},
      {{1600, 1200}, {1600, 1200}}, {{200, 200}, {200, 200}}, {{1365, 767}, {1365, 767}},
      {{9000, 9000}, {1600, 1200}}, {{0, 0}, {32, 32}},       {{1024, 768}, {1024, 768}},
      {{1024, 768}, {1024, 768}},
  };
  Size before{1024, 768};
  for (auto [asked, expected] : kSizes) {
    stack->send(Resize{.width = asked.width, .height = asked.height});
    auto geometry = stack->next<Geometry>();
    ASSERT_TRUE(geometry);
    EXPECT_EQ((Size{geometry->width, geometry->height}), expected);
    ASSERT_TRUE(view.set_geometry(*geometry));
    if (expected != before) {
      auto damage = stack->pull();
      ASSERT_TRUE(damage && damage->count == 1);
      EXPECT_TRUE(same(damage->rects[0], {0, 0, expected.width, expected.height}));
    }
    before = expected;
    // The last pixel can be drawn and seen.
    const auto x = static_cast<std::uint16_t>(expected.width - 1),
               y = static_cast<std::uint16_t>(expected.height - 1);
    program.fill(program.root(), {x, y, 1, 1}, 0xabcdef);
    EXPECT_EQ(pixel(view, x, y), 0xabcdefu);
  }
}

TEST(Desktop, WindowsStayOverAResizeAndAreAskedToDrawAgain) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto view = session.view();
  auto program = session.program();
  auto window = program.open_window({10, 10, 100, 100});
  for (Size size : {Size{300, 200}, Size{1600, 1200}}) {
    stack->send(Resize{.width = size.width, .height = size.height});
    auto geometry = stack->next<Geometry>();
    ASSERT_TRUE(geometry);
    ASSERT_TRUE(view.set_geometry(*geometry));
    ASSERT_TRUE(program.next_event(XCB_EXPOSE));
    program.fill(window, {0, 0, 100, 100}, 0x777777);
    EXPECT_EQ(pixel(view, 10, 10), 0x777777u);
    EXPECT_EQ(pixel(view, 109, 109), 0x777777u);
    EXPECT_NE(pixel(view, 110, 110), 0x777777u);
  }
}

TEST(Desktop, ASmallDesktopNeedsLittleMemory) {
  SessionDisplay session({3840, 2160}, {1024, 768});
  struct stat status {};
  ASSERT_EQ(::fstat(session.server->framebuffer(), &status), 0);
  EXPECT_GT(status.st_size, 3840 * 2160 * 4);
  EXPECT_LT(status.st_blocks * 512, 8 << 20);
}

TEST(Desktop, AResizeByAProgramIsTold) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  stack->send(Resize{.width = 900, .height = 500});
  auto geometry = stack->next<Geometry>();
  ASSERT_TRUE(geometry);
  EXPECT_EQ(geometry->width, 900);
  auto program = session.program();
  XReply<xcb_randr_get_screen_resources_current_reply_t> resources(
      xcb_randr_get_screen_resources_current_reply(
          program.xcb(), xcb_randr_get_screen_resources_current(program.xcb(), program.root()), nullptr));
  ASSERT_TRUE(resources);
  XReply<xcb_randr_set_crtc_config_reply_t> off(xcb_randr_set_crtc_config_reply(
      program.xcb(),
      xcb_randr_set_crtc_config(
          program.xcb(), xcb_randr_get_screen_resources_current_crtcs(resources.get())[0], 0,
          resources->config_timestamp, 0, 0, 0, XCB_RANDR_ROTATION_ROTATE_0, 0, nullptr),
      nullptr));
  ASSERT_TRUE(off);
  xcb_randr_set_screen_size(program.xcb(), program.root(), 700, 600, 185, 159);
  program.sync();
  geometry = stack->next<Geometry>();
  ASSERT_TRUE(geometry);
  EXPECT_EQ(geometry->width, 700);
  EXPECT_EQ(geometry->height, 600);
}

TEST(Desktop, DamageIsKeptForASlowStackAndBeginsAnewWithTheNext) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  program.fill(program.root(), {0, 0, 8, 8}, 0x111111);
  program.fill(program.root(), {200, 200, 8, 8}, 0x222222);
  auto damage = stack->pull();
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->count, 2u);
  program.fill(program.root(), {300, 300, 8, 8}, 0x333333);
  auto next = attach_and_pull(session);
  EXPECT_TRUE(session.waiter.until([&] { return stack->closed; }));
  program.fill(program.root(), {400, 400, 8, 8}, 0x444444);
  damage = next->pull();
  ASSERT_TRUE(damage && damage->count == 1);
  EXPECT_TRUE(same(damage->rects[0], {400, 400, 8, 8}));
}

/// A cursor of one colour per pixel index, so that the assembly can be checked.
xcb_cursor_t make_cursor(TestProgram& program, std::uint16_t width, std::uint16_t height, bool visible) {
  const xcb_pixmap_t source = xcb_generate_id(program.xcb()), mask = xcb_generate_id(program.xcb());
  for (xcb_pixmap_t pixmap : {source, mask}) {
    xcb_create_pixmap(program.xcb(), 1, pixmap, program.root(), width, height);
    program.fill(pixmap, {0, 0, width, height}, pixmap == mask && visible ? 1 : 0);
  }
  if (visible) program.fill(source, {0, 0, 1, 1}, 1);  // the first pixel in the foreground colour
  const xcb_cursor_t cursor = xcb_generate_id(program.xcb());
  xcb_create_cursor(program.xcb(), cursor, source, mask, 0xffff, 0, 0, 0, 0, 0xffff, 5, 7);
  return cursor;
}

void show_cursor(TestProgram& program, xcb_window_t window, xcb_cursor_t cursor) {
  xcb_change_window_attributes(program.xcb(), window, XCB_CW_CURSOR, &cursor);
  program.sync();
}

/// The chunks of one shape, put together as a stack does it.
Cursor next_cursor(TestStack& stack, std::uint16_t width) {
  Cursor out;
  for (;;) {
    auto chunk = stack.next<CursorChunk>();
    if (!chunk) {
      ADD_FAILURE() << "no cursor";
      return {};
    }
    if (chunk->width != width) continue;
    EXPECT_EQ(chunk->first, out.pixels.size());
    out.serial = chunk->serial;
    out.width = chunk->width;
    out.height = chunk->height;
    out.hot_x = chunk->hot_x;
    out.hot_y = chunk->hot_y;
    out.pixels.insert(out.pixels.end(), chunk->pixels.begin(), chunk->pixels.begin() + chunk->count);
    if (out.pixels.size() >= std::size_t{chunk->width} * chunk->height) return out;
  }
}

TEST(Desktop, CursorShapesComeInChunksAndWithTheirSerial) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  auto window = program.open_window({0, 0, 1024, 768});
  const xcb_cursor_t small = make_cursor(program, 16, 20, true), large = make_cursor(program, 100, 90, true);

  show_cursor(program, window, small);
  Cursor first = next_cursor(*stack, 16);
  ASSERT_EQ(first.pixels.size(), 16u * 20);
  EXPECT_EQ(first.height, 20);
  EXPECT_EQ(first.hot_x, 5);
  EXPECT_EQ(first.hot_y, 7);
  EXPECT_EQ(first.pixels[0], 0xffff0000u);
  EXPECT_EQ(first.pixels[1], 0xff0000ffu);

  show_cursor(program, window, large);
  Cursor second = next_cursor(*stack, 100);
  ASSERT_EQ(second.pixels.size(), 100u * 90);  // three chunks
  EXPECT_NE(second.serial, first.serial);
  EXPECT_EQ(second.pixels.back(), 0xff0000ffu);

  show_cursor(program, window, small);
  EXPECT_EQ(next_cursor(*stack, 16).serial, first.serial);
}

TEST(Desktop, AnInvisibleCursorIsHidden) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  auto window = program.open_window({0, 0, 1024, 768});
  show_cursor(program, window, make_cursor(program, 16, 16, false));
  Cursor cursor = next_cursor(*stack, 0);
  EXPECT_EQ(cursor.height, 0);
  EXPECT_TRUE(cursor.pixels.empty());
}

TEST(Desktop, TheCursorIsNotPaintedIntoTheFramebuffer) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto view = session.view();
  stack->send(Resize{.width = 1024, .height = 768});
  ASSERT_TRUE(view.set_geometry(*stack->next<Geometry>()));
  auto program = session.program();
  auto window = program.open_window({0, 0, 1024, 768});
  show_cursor(program, window, make_cursor(program, 16, 16, true));
  stack->send(MouseEvent{.x = 300, .y = 300});
  stack->settle();
  program.fill(window, {0, 0, 1024, 768}, 0x404040);
  for (std::size_t y = 280; y < 320; ++y) {
    for (std::size_t x = 280; x < 320; ++x) ASSERT_EQ(pixel(view, x, y), 0x404040u);
  }
}

TEST(Desktop, APointerMovedByAProgramIsTold) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  auto program = session.program();
  stack->send(MouseEvent{.x = 300, .y = 301});
  program.fill(program.root(), {0, 0, 8, 8}, 0x101010);
  ASSERT_TRUE(stack->pull());
  EXPECT_FALSE(stack->dropped_a(CursorMoved::kType));  // it moved it itself
  xcb_warp_pointer(program.xcb(), 0, program.root(), 0, 0, 0, 0, 77, 88);
  program.fill(program.root(), {0, 0, 8, 8}, 0x202020);
  stack->send(Pull{});
  auto moved = stack->next<CursorMoved>();
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->x, 77);
  EXPECT_EQ(moved->y, 88);
}

TEST(Desktop, ARestartedDisplayProcessServesTheSameDesktop) {
  SessionDisplay session;
  auto stack = attach_and_pull(session);
  stack->key(0x1e, true);
  stack->settle();
  ::kill(session.process->pid(), SIGKILL);
  ASSERT_TRUE(session.waiter.until([&] { return !session.process_end.empty() && stack->closed; }));
  EXPECT_EQ(session.process_end, "tsdisplay was killed by signal 9");
  session.start_process();
  // A key that the killed one held is up again.
  auto program = session.program();
  XReply<xcb_query_keymap_reply_t> keys(
      xcb_query_keymap_reply(program.xcb(), xcb_query_keymap(program.xcb()), nullptr));
  ASSERT_TRUE(keys);
  for (std::uint8_t byte : keys->keys) EXPECT_EQ(byte, 0);
  stack = attach_and_pull(session);
  program.fill(program.root(), {5, 5, 5, 5}, 0x998877);
  EXPECT_TRUE(stack->pull());
}

}  // namespace
}  // namespace ts::display::test
