#include "lib/ui/measure.h"

#include <algorithm>
#include <cmath>

namespace ts::ui {

double natural_scale(int width, int height, std::uint32_t scale_percent) {
  constexpr double kLargest = 5, kStep = 0.25;
  if (scale_percent != 0) return std::clamp(scale_percent / 100.0, 1.0, kLargest);
  const double by_size = std::min(width / 1920.0, height / 1080.0);
  return std::clamp(std::floor(by_size / kStep) * kStep, 1.0, kLargest);
}

}  // namespace ts::ui
