// X11Desktop's size: one output on one CRTC, whose mode we make for each size that is asked for.
#include <algorithm>

#include "lib/display/x11_desktop.h"

namespace ts::display {
namespace {

std::uint32_t millimetres(std::uint16_t pixels) {
  constexpr double kMillimetresPerPixel = 25.4 / 96;  // as the server was started (-dpi 96)
  return std::max(1U, static_cast<std::uint32_t>(pixels * kMillimetresPerPixel + 0.5));
}

}  // namespace

Result<> X11Desktop::resize(Size wanted) {
  constexpr std::uint16_t kMin = 32;  // below, toolkits fail
  Size size{std::clamp(wanted.width, kMin, std::max(kMin, layout_.max_size.width)),
            std::clamp(wanted.height, kMin, std::max(kMin, layout_.max_size.height))};
  Result<> applied;
  if (size != size_) applied = apply_size(size);
  size_ = read_size();
  touch(size_);
  // A program that makes the desktop larger in this very moment loses what it draws there before the next
  // line ends. Grabbing the server against that would have us wait for programs that grab it themselves.
  auto freed = give_back_outside(framebuffer_, layout_, size_, touched_);
  if (freed) touched_ = size_;
  if (!freed && applied) applied = freed;
  return applied;
}

Result<> X11Desktop::apply_size(Size size) {
  xcb_connection_t* xcb = connection_.xcb();
  const xcb_window_t root = connection_.root();
  XReply<xcb_randr_get_screen_resources_current_reply_t> resources(
      xcb_randr_get_screen_resources_current_reply(xcb, xcb_randr_get_screen_resources_current(xcb, root),
                                                   nullptr));
  if (!resources || resources->num_crtcs < 1 || resources->num_outputs < 1) {
    return fail(ErrorCode::kUnavailable, "the display server has no output to resize");
  }
  const xcb_randr_crtc_t crtc = xcb_randr_get_screen_resources_current_crtcs(resources.get())[0];
  const xcb_randr_output_t output = xcb_randr_get_screen_resources_current_outputs(resources.get())[0];
  TS_TRY_ASSIGN(auto mode, mode_for(size, *resources));
  xcb_randr_add_output_mode(xcb, output, mode);

  auto configure = [&](xcb_randr_mode_t with, std::uint32_t outputs) {
    XReply<xcb_randr_set_crtc_config_reply_t> reply(xcb_randr_set_crtc_config_reply(
        xcb,
        xcb_randr_set_crtc_config(xcb, crtc, XCB_CURRENT_TIME, resources->config_timestamp, 0, 0, with,
                                  XCB_RANDR_ROTATION_ROTATE_0, outputs, &output),
        nullptr));
    return reply && reply->status == XCB_RANDR_SET_CONFIG_SUCCESS;
  };
  // The screen may not be smaller than what a CRTC shows: none, then the size, then the new mode.
  bool good = configure(XCB_NONE, 0);
  xcb_randr_set_screen_size(xcb, root, size.width, size.height, millimetres(size.width),
                            millimetres(size.height));
  good = configure(mode, 1) && good;
  forget_modes(output, mode);
  if (!good)
    return fail(ErrorCode::kUnavailable, "the display server refused {}x{}", size.width, size.height);
  return {};
}

Result<xcb_randr_mode_t> X11Desktop::mode_for(
    Size size, const xcb_randr_get_screen_resources_current_reply_t& resources) {
  const xcb_randr_mode_info_t* modes = xcb_randr_get_screen_resources_current_modes(&resources);
  for (std::uint16_t i = 0; i < resources.num_modes; ++i) {
    if (modes[i].width == size.width && modes[i].height == size.height) return modes[i].id;
  }
  std::string name = fmt::format("{}x{}", size.width, size.height);
  xcb_randr_mode_info_t info{};
  info.width = size.width;
  info.height = size.height;
  info.name_len = static_cast<std::uint16_t>(name.size());
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_randr_create_mode_reply_t> reply(xcb_randr_create_mode_reply(
      xcb, xcb_randr_create_mode(xcb, connection_.root(), info, info.name_len, name.c_str()), nullptr));
  if (!reply) return fail(ErrorCode::kUnavailable, "the display server made no mode '{}'", name);
  own_modes_.push_back(reply->mode);
  return reply->mode;
}

void X11Desktop::forget_modes(xcb_randr_output_t output, xcb_randr_mode_t but) {
  std::erase_if(own_modes_, [&](xcb_randr_mode_t mode) {
    if (mode == but) return false;
    xcb_randr_delete_output_mode(connection_.xcb(), output, mode);
    xcb_randr_destroy_mode(connection_.xcb(), mode);
    return true;
  });
}

}  // namespace ts::display
