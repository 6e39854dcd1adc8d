#include "lib/os/programs.h"

#include <unistd.h>

#include <array>
#include <system_error>

namespace ts::os {

Result<std::filesystem::path> find_program(std::string_view name) {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail_errno("reading /proc/self/exe", error.value());
  constexpr std::array<std::string_view, 7> kPlaces{
      ".", "../bin", "../sbin", "../libexec", "../libexec/ts", "../../bin", "../../sbin"};
  for (auto place : kPlaces) {
    auto path = (self.parent_path() / place / name).lexically_normal();
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return fail(ErrorCode::kNotFound, "the program '{}' is missing beside '{}': is the installation complete?",
              name, self.string());
}

}  // namespace ts::os
