// Looks at pixels of a screen and says when they were what: for keys about ten times in a millisecond,
// otherwise twice. Not as fast as the X server answers: that would take both processors of a small machine
// from the server. Times are nanoseconds of CLOCK_REALTIME, the clock of the packet that opened the
// connection.
//
//   bench_watch colour RRGGBB X,Y...   a line "INDEX TIME" for each place, when it first has that colour
//   bench_watch picture WIDTH Y        a line "TIME", when that row first has a pixel that is not black
//   bench_watch keys COUNT X Y         presses a key, waits for the pixel to change: a line of nanoseconds
//   for each key bench_watch changes SECONDS X Y    a line: how often the pixel changed, looked at every two
//   milliseconds
//
// Waits without an end: who measures sets the limit.
#include <time.h>
#include <xcb/xtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "bench/screen.h"

namespace {
using namespace ts::bench;
using Clock = std::chrono::steady_clock;

constexpr auto kBreath = std::chrono::microseconds(500);
constexpr auto kShortBreath = std::chrono::microseconds(50);

long long now_ns() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

Reply<xcb_get_image_reply_t> image(const Screen& screen, Box box) {
  const auto cookie =
      xcb_get_image(screen.connection(), XCB_IMAGE_FORMAT_Z_PIXMAP, screen.root(),
                    static_cast<std::int16_t>(box.x), static_cast<std::int16_t>(box.y),
                    static_cast<std::uint16_t>(box.width), static_cast<std::uint16_t>(box.height), ~0U);
  Reply<xcb_get_image_reply_t> reply(xcb_get_image_reply(screen.connection(), cookie, nullptr));
  if (!reply) fail("cannot read the screen");
  return reply;
}

std::uint32_t pixel(const Screen& screen, int x, int y) {
  const auto reply = image(screen, {x, y, 1, 1});
  std::uint32_t value = 0;
  std::memcpy(&value, xcb_get_image_data(reply.get()), sizeof value);
  return value & 0xffffff;
}

void watch_colour(const Screen& screen, std::uint32_t colour, const std::vector<std::string>& places) {
  struct Place {
    std::size_t index;
    int x, y;
  };
  std::vector<Place> waiting;
  for (const auto& place : places) {
    const auto comma = place.find(',');
    if (comma == std::string::npos) fail("not a place: " + place);
    waiting.push_back({waiting.size(), std::stoi(place), std::stoi(place.substr(comma + 1))});
  }
  for (; !waiting.empty(); std::this_thread::sleep_for(kBreath)) {
    std::erase_if(waiting, [&](const Place& place) {
      if (pixel(screen, place.x, place.y) != colour) return false;
      std::printf("%zu %lld\n", place.index, now_ns());
      return true;
    });
  }
}

void watch_picture(const Screen& screen, int width, int y) {
  const auto dark = [&] {
    const auto reply = image(screen, {0, y, width, 1});
    const auto* bytes = xcb_get_image_data(reply.get());
    for (int x = 0; x < width; ++x) {
      if (bytes[4 * x] || bytes[4 * x + 1] || bytes[4 * x + 2]) return false;
    }
    return true;
  };
  while (dark()) std::this_thread::sleep_for(kBreath);
  std::printf("%lld\n", now_ns());
}

// Waits between the keys are not multiples of anything, so that no clock of a server is always met at one
// phase.
void watch_keys(const Screen& screen, int count, int x, int y) {
  constexpr std::uint8_t kKeyA = 38;  // what evdev and xfree86 keycodes both have there: AC01
  xcb_warp_pointer(screen.connection(), XCB_NONE, screen.root(), 0, 0, 0, 0, 100, 100);
  screen.sync();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  for (int i = 0; i < count; ++i) {
    const std::uint32_t before = pixel(screen, x, y);
    const auto start = Clock::now();
    xcb_test_fake_input(screen.connection(), XCB_KEY_PRESS, kKeyA, XCB_CURRENT_TIME, XCB_NONE, 0, 0, 0);
    while (pixel(screen, x, y) == before) std::this_thread::sleep_for(kShortBreath);
    const auto end = Clock::now();
    std::printf("%lld\n", static_cast<long long>(std::chrono::nanoseconds(end - start).count()));
    xcb_test_fake_input(screen.connection(), XCB_KEY_RELEASE, kKeyA, XCB_CURRENT_TIME, XCB_NONE, 0, 0, 0);
    screen.sync();
    std::this_thread::sleep_for(std::chrono::milliseconds(101 + 37 * i % 83));
  }
}

void watch_changes(const Screen& screen, double seconds, int x, int y) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  unsigned changes = 0;
  std::uint32_t last = pixel(screen, x, y);
  while (Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const std::uint32_t value = pixel(screen, x, y);
    changes += value != last;
    last = value;
  }
  std::printf("%u\n", changes);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string what = words.empty() ? "" : words[0];
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Screen screen;
  if (what == "colour" && words.size() >= 3) {
    watch_colour(screen, static_cast<std::uint32_t>(std::stoul(words[1], nullptr, 16)),
                 {words.begin() + 2, words.end()});
  } else if (what == "picture" && words.size() == 3) {
    watch_picture(screen, std::stoi(words[1]), std::stoi(words[2]));
  } else if (what == "keys" && words.size() == 4) {
    watch_keys(screen, std::stoi(words[1]), std::stoi(words[2]), std::stoi(words[3]));
  } else if (what == "changes" && words.size() == 4) {
    watch_changes(screen, std::stod(words[1]), std::stoi(words[2]), std::stoi(words[3]));
  } else {
    fail("usage: bench_watch colour|picture|keys|changes ...");
  }
}
