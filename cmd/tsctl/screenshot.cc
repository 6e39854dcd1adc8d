// tsctl screenshot: what a session shows now, as a PNG file. The service hands out a sealed copy of the
// pixels; everything that it says of them is checked before one is read.
#include <unistd.h>

#include <cstdio>
#include <limits>

#include "cmd/tsctl/commands.h"
#include "lib/cli/session_client.h"
#include "lib/cli/whole_file.h"
#include "lib/codec/png.h"
#include "lib/display/snapshot.h"

namespace ts::tsctl {
namespace {

template <typename T>
Result<T> number_in(std::int64_t value) {
  if (value < 0 || value > std::numeric_limits<T>::max())
    return fail(ErrorCode::kMalformed, "the picture's numbers cannot be: {}", value);
  return static_cast<T>(value);
}

Result<Bytes> png_of(cli::PictureFile picture) {
  display::Snapshot snapshot{std::move(picture.file), {}};
  TS_TRY_ASSIGN(snapshot.geometry.width, number_in<std::uint16_t>(picture.width));
  TS_TRY_ASSIGN(snapshot.geometry.height, number_in<std::uint16_t>(picture.height));
  TS_TRY_ASSIGN(snapshot.geometry.offset, number_in<std::uint32_t>(picture.offset));
  TS_TRY_ASSIGN(snapshot.geometry.stride, number_in<std::uint32_t>(picture.stride));
  TS_TRY_ASSIGN(auto view, display::view_snapshot(snapshot));
  TS_TRY_ASSIGN(auto frame, codec::FrameView::over(view.pixels(), 0, view.stride(), view.size().width,
                                                   view.size().height));
  return codec::encode_png(frame);
}

Result<> screenshot(const cli::Context& context, const std::string& named, const std::string& file) {
  const bool to_output = file == "-";
  if (file.empty()) return fail(ErrorCode::kUsage, "FILE is empty: name a file, or '-' for standard output");
  if (to_output && ::isatty(STDOUT_FILENO) == 1)
    return fail(ErrorCode::kUsage, "standard output is a terminal: name a file, or redirect it");
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto id, cli::chosen_session(client, named));
  TS_TRY_ASSIGN(auto picture, client.screenshot(id));
  TS_TRY_ASSIGN(auto png, png_of(std::move(picture)));
  if (!to_output) return cli::write_whole_file(file, png, 0600);  // somebody's screen
  (void)std::fwrite(png.data(), 1, png.size(), stdout);           // a failure is told at every program's end
  return {};
}

}  // namespace

cli::Command screenshot_command() {
  static std::string named, file;
  cli::Command command{.name = "screenshot", .summary = "Write what a session shows now as a PNG file."};
  command.positionals = {{"ID", "", "its id or name as in 'tsquery session'", &named, true},
                         {"FILE", "", "where to; '-': standard output", &file, true}};
  command.run = [](const cli::Context& context) -> int {
    auto done = screenshot(context, named, file);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
