#include "tests/unit/codec/images.h"

#include <algorithm>

namespace ts::codec::testing {

Image::Image(int w, int h, std::uint32_t fill)
    : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), fill) {}

std::uint32_t Random::next() {
  state_ = state_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>(state_ >> 32);
}

namespace {

template <typename Function>
Image draw(int width, int height, Function&& color) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(x, y) = color(x, y) & 0xffffff;
  }
  return image;
}

std::uint32_t grey(int level) {
  return static_cast<std::uint32_t>(std::clamp(level, 0, 255)) * 0x010101;
}

}  // namespace

Image noise(int width, int height, std::uint64_t seed) {
  Random random(seed);
  return draw(width, height, [&](int, int) { return random.next(); });
}

Image gradient(int width, int height) {
  return draw(width, height, [](int x, int y) {
    return static_cast<std::uint32_t>((x * 4 & 0xff) << 16 | (y * 4 & 0xff) << 8 | ((x + y) * 2 & 0xff));
  });
}

Image text(int width, int height, std::uint64_t seed) {
  Random random(seed);
  Image image(width, height, 0xffffff);
  for (int line = 2; line + 9 < height; line += 13) {
    for (int x = 1; x + 6 < width; x += 7) {
      if (random.below(6) == 0) continue;
      std::uint32_t down = random.next(), across = random.next();
      for (int y = 0; y < 9; ++y) {
        if (down & 1) image.at(x, line + y) = 0;
        if (down & 2) image.at(x + 4, line + y) = 0;
      }
      for (int dx = 0; dx < 5; ++dx) {
        for (int bar = 0; bar < 3; ++bar) {
          if (across >> bar & 1) image.at(x + dx, line + bar * 4) = 0;
        }
      }
    }
  }
  return image;
}

Image smooth_text(int width, int height, std::uint64_t seed) {
  Image sharp = text(width, height, seed);
  return draw(width, height, [&](int x, int y) {
    int sum = 0;
    for (int dx = -1; dx <= 1; ++dx) {
      sum += static_cast<int>(sharp.at(std::clamp(x + dx, 0, width - 1), y) & 0xff) * (dx == 0 ? 2 : 1);
    }
    return grey(sum / 4);
  });
}

Image photo(int width, int height, std::uint64_t seed) {
  Random random(seed);
  return draw(width, height, [&](int x, int y) {
    int red = 90 + x / 2 + random.below(5), green = 60 + y + random.below(5), blue = 200 - (x + y) / 2;
    return static_cast<std::uint32_t>((red & 0xff) << 16 | (green & 0xff) << 8 | (blue & 0xff));
  });
}

Image dither(int width, int height, std::uint32_t one, std::uint32_t other) {
  return draw(width, height, [&](int x, int y) { return (x + y / 3) % 2 ? one : other; });
}

Image mixture(int width, int height, std::uint64_t seed) {
  Random random(seed);
  const std::uint32_t colors[] = {0, 0xffffff, 0xff0000, 0x00ff00, 0x336699, random.next() & 0xffffff};
  auto pick = [&] { return colors[random.below(6)]; };
  Image image(width, height);
  for (int y = height - 1; y >= 0; --y) {
    std::uint32_t flip = pick();
    for (int x = 0; x < width;) {
      int kind = random.below(7), end = std::min(width, x + 1 + random.below(random.below(4) ? 9 : 40));
      std::uint32_t one = pick(), other = pick();
      for (int start = x; x < end; ++x) {
        std::uint32_t below = y + 1 < height ? image.at(x, y + 1) : 0;
        std::uint32_t choices[] = {below,
                                   below ^ flip,
                                   one,
                                   (x - start) % 2 ? one : other,
                                   random.next() & 0xffffff,
                                   below ^ (random.below(3) ? 0 : flip),
                                   below ^ (x == start ? flip : 0)};
        image.at(x, y) = choices[kind];
      }
    }
  }
  return image;
}

std::vector<std::pair<std::string, Image>> all_kinds(int width, int height, std::uint64_t seed) {
  std::vector<std::pair<std::string, Image>> kinds;
  auto add = [&](const char* name, Image image) { kinds.emplace_back(name, std::move(image)); };
  add("black", Image(width, height));
  add("white", Image(width, height, 0xffffff));
  add("solid", Image(width, height, 0x336699));
  add("noise", noise(width, height, seed));
  add("gradient", gradient(width, height));
  add("text", text(width, height, seed));
  add("smooth text", smooth_text(width, height, seed));
  add("photo", photo(width, height, seed));
  add("black and white dither", dither(width, height, 0, 0xffffff));
  add("colour dither", dither(width, height, 0xcc3300, 0x003399));
  add("mixture", mixture(width, height, seed));
  Image dot(width, height, 0x336699);
  dot.at(width / 2, height / 2) = 0xffcc00;
  add("dot", std::move(dot));
  return kinds;
}

std::uint32_t shown_at(Depth depth, std::uint32_t pixel) {
  static const PaletteLookup lookup;
  std::uint32_t red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;
  switch (depth) {
    case Depth::k8:
      return lookup.nearest(pixel);
    case Depth::k15:
      return red / 8 * 1024 + green / 8 * 32 + blue / 8;
    case Depth::k16:
      return red / 8 * 2048 + green / 4 * 32 + blue / 8;
    default:
      return pixel & 0xffffff;
  }
}

}  // namespace ts::codec::testing
