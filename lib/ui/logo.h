// The picture of `logon.logo`: a PNG file of bounded size, or none.
#pragma once

#include <cairo.h>

#include <filesystem>
#include <memory>

#include "lib/base/result.h"

namespace ts::ui {

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;

/// Blocks on a small local file. At most 1 MiB and 1024 pixels each way.
Result<Surface> load_logo_file(const std::filesystem::path& file);

}  // namespace ts::ui
