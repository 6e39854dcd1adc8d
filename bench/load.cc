// Draws for some seconds, at a pace that the clock sets, and says how many pictures it drew.
//
//   bench_load scroll SECONDS   30 lines of text a second at the bottom of a screen that moves up
//   bench_load drag SECONDS     a window with text, moved 30 times a second over a background of many colours
//   bench_load noise SECONDS    25 pictures a second, 640x360, each pixel with grain: hard to compress
//   bench_load smooth SECONDS   the same without the grain
//
// A picture that is late is drawn at once; when more than one is due the rest are left out, and the number
// printed is smaller. Each picture has its own colour at kTag. The last one stays until standard input ends,
// so that taking it away again is no part of what is measured.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "bench/screen.h"

namespace {
using namespace ts::bench;
using Clock = std::chrono::steady_clock;

constexpr int kWidth = 1280, kHeight = 720;

// The same numbers on every server.
class Numbers {
 public:
  std::uint32_t below(std::uint32_t end) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 33) % end;
  }

 private:
  std::uint64_t state_ = 42;
};

std::string line_of_text(Numbers& numbers, std::size_t length) {
  std::string line;
  while (line.size() < length) {
    for (auto letters = 2 + numbers.below(8); letters > 0; --letters) {
      line += static_cast<char>('a' + numbers.below(26));
    }
    line += ' ';
  }
  line.resize(length);
  return line;
}

void draw_text(const Screen& screen, xcb_drawable_t drawable, xcb_gcontext_t gc, int x, int y,
               const std::string& text) {
  xcb_image_text_8(screen.connection(), static_cast<std::uint8_t>(text.size()), drawable, gc,
                   static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), text.data());
}

void use_font(const Screen& screen, xcb_gcontext_t gc) {
  const xcb_font_t font = xcb_generate_id(screen.connection());
  xcb_open_font(screen.connection(), font, 5, "fixed");
  xcb_change_gc(screen.connection(), gc, XCB_GC_FONT, &font);
}

// Calls draw(n) `rate` times a second; returns how many calls there were.
unsigned paced(const Screen& screen, double seconds, int rate, const std::function<void(unsigned)>& draw) {
  const auto start = Clock::now();
  const auto step = std::chrono::nanoseconds(1'000'000'000LL / rate);
  unsigned drawn = 0;
  for (auto due = start; due - start < std::chrono::duration<double>(seconds);) {
    std::this_thread::sleep_until(due);
    draw(drawn++);
    screen.sync();
    do due += step;
    while (due + step < Clock::now());
  }
  return drawn;
}

unsigned scroll(const Screen& screen, double seconds) {
  constexpr int kLine = 15, kTextWidth = 1260;
  const xcb_window_t window = screen.window({0, 0, kWidth, kHeight}, 0xffffff);
  const xcb_gcontext_t gc = screen.gc(window, 0x000000, 0xffffff);
  const xcb_gcontext_t tag = screen.gc(window, 0);
  use_font(screen, gc);
  Numbers numbers;
  const auto line = [&](unsigned picture) {
    xcb_copy_area(screen.connection(), window, window, gc, 0, kLine, 0, 0, kTextWidth, kHeight - kLine);
    xcb_clear_area(screen.connection(), 0, window, 0, kHeight - kLine, kTextWidth, kLine);
    draw_text(screen, window, gc, 4, kHeight - 4, line_of_text(numbers, 20 + numbers.below(100)));
    screen.fill(window, tag, kTag, tag_colour(picture));
  };
  for (int i = 0; i < kHeight / kLine; ++i) line(0);
  return paced(screen, seconds, 30, line);
}

xcb_pixmap_t gradient(const Screen& screen) {
  const xcb_pixmap_t pixmap = xcb_generate_id(screen.connection());
  xcb_create_pixmap(screen.connection(), 24, pixmap, screen.root(), kWidth, kHeight);
  const xcb_gcontext_t gc = screen.gc(pixmap, 0);
  for (int y = 0; y < kHeight; ++y) {
    const auto shade = static_cast<std::uint32_t>(y * 255 / kHeight);
    screen.fill(pixmap, gc, {0, y, kWidth, 1}, shade << 16 | (255 - shade) << 8 | 0x80);
  }
  return pixmap;
}

unsigned drag(const Screen& screen, double seconds) {
  constexpr int kWindowWidth = 480, kWindowHeight = 320;
  const xcb_pixmap_t behind = gradient(screen);
  const xcb_window_t back = screen.window({0, 0, kWidth, kHeight}, 0);
  xcb_change_window_attributes(screen.connection(), back, XCB_CW_BACK_PIXMAP, &behind);
  xcb_clear_area(screen.connection(), 0, back, 0, 0, 0, 0);
  const xcb_gcontext_t tag = screen.gc(back, 0);

  const xcb_pixmap_t content = xcb_generate_id(screen.connection());
  xcb_create_pixmap(screen.connection(), 24, content, screen.root(), kWindowWidth, kWindowHeight);
  const xcb_gcontext_t gc = screen.gc(content, 0, 0xffffff);
  screen.fill(content, gc, {0, 0, kWindowWidth, kWindowHeight}, 0xffffff);
  screen.fill(content, gc, {0, 0, kWindowWidth, 20}, 0x204080);
  use_font(screen, gc);
  const std::uint32_t black = 0;
  xcb_change_gc(screen.connection(), gc, XCB_GC_FOREGROUND, &black);
  Numbers numbers;
  for (int y = 40; y < kWindowHeight; y += 15)
    draw_text(screen, content, gc, 6, y, line_of_text(numbers, 76));
  const xcb_window_t window = screen.window({40, 40, kWindowWidth, kWindowHeight}, 0);
  xcb_change_window_attributes(screen.connection(), window, XCB_CW_BACK_PIXMAP, &content);
  xcb_clear_area(screen.connection(), 0, window, 0, 0, 0, 0);

  // To and fro in both directions, at speeds that do not fit together.
  const auto swing = [](unsigned step, int from, int to) {
    const int way = to - from, place = static_cast<int>(step) % (2 * way);
    return from + (place < way ? place : 2 * way - place);
  };
  return paced(screen, seconds, 30, [&](unsigned picture) {
    const std::uint32_t place[] = {static_cast<std::uint32_t>(swing(picture * 13, 20, 760)),
                                   static_cast<std::uint32_t>(swing(picture * 7, 20, 360))};
    xcb_configure_window(screen.connection(), window, XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y, place);
    screen.fill(back, tag, kTag, tag_colour(picture));
  });
}

unsigned video(const Screen& screen, double seconds, bool grain) {
  constexpr int kVideoWidth = 640, kVideoHeight = 360;
  const Box box = {kWidth - kVideoWidth, kHeight - kVideoHeight, kVideoWidth, kVideoHeight};
  // Made beforehand, so that the program takes little processor time from the server while it is measured.
  std::array<std::vector<std::uint32_t>, 16> pictures;
  Numbers numbers;
  for (std::size_t n = 0; n < pictures.size(); ++n) {
    for (int y = 0; y < kVideoHeight; ++y) {
      for (int x = 0; x < kVideoWidth; ++x) {
        const auto part = [&](int value) {
          return static_cast<std::uint32_t>((value % 192 + 32) +
                                            (grain ? static_cast<int>(numbers.below(32)) - 16 : 0));
        };
        const int moved = x + 12 * static_cast<int>(n);
        pictures[n].push_back(part(moved / 4) << 16 | part(y / 2) << 8 | part(moved / 8 + y / 4));
      }
    }
  }
  const xcb_window_t window = screen.window(box, 0);
  const xcb_gcontext_t gc = screen.gc(window, 0);
  const xcb_gcontext_t tag = screen.gc(window, 0);
  return paced(screen, seconds, 25, [&](unsigned picture) {
    const auto& pixels = pictures[picture % pictures.size()];
    xcb_put_image(screen.connection(), XCB_IMAGE_FORMAT_Z_PIXMAP, window, gc, kVideoWidth, kVideoHeight, 0, 0,
                  0, 24, static_cast<std::uint32_t>(pixels.size() * 4),
                  reinterpret_cast<const std::uint8_t*>(pixels.data()));
    screen.fill(window, tag, {kTag.x - box.x, kTag.y - box.y, kTag.width, kTag.height}, tag_colour(picture));
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  const double seconds = argc == 3 ? std::stod(argv[2]) : 0;
  Screen screen;
  unsigned drawn = 0;
  if (what == "scroll") {
    drawn = scroll(screen, seconds);
  } else if (what == "drag") {
    drawn = drag(screen, seconds);
  } else if (what == "noise" || what == "smooth") {
    drawn = video(screen, seconds, what == "noise");
  } else {
    fail("usage: bench_load scroll|drag|noise|smooth SECONDS");
  }
  std::printf("%u\n", drawn);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
