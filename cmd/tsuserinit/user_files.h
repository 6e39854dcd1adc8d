// The files that a session needs in the user's name: XDG_RUNTIME_DIR (logind's where there is one, else ours)
// and in it a private folder with the XAUTHORITY file and the scripts that start the desktop. (Copies: the
// installation may lie where the user may not look.)
//
// INVARIANT: below a folder that the user owns, root does nothing with root's rights: every step there is
// taken as the user.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/os/users.h"

namespace ts::userinit {

/// The calling process is the user for as long as this lives (effective ids; only where it is root).
class AsUser {
 public:
  explicit AsUser(const os::User& user);
  ~AsUser();
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;
  bool ok() const { return ok_; }

 private:
  bool changed_ = false;
  bool ok_ = true;
};

class UserFiles {
 public:
  /// `candidate`: XDG_RUNTIME_DIR as PAM or our own environment has it, taken if it is the user's; else as
  /// root /run/user/UID, without root `own_folder`, made (0700). `name` is this session's folder's.
  [[nodiscard]] static Result<UserFiles> make(const os::User& user, const std::string& candidate,
                                              const std::filesystem::path& own_folder,
                                              const std::string& name);
  UserFiles(UserFiles&&) = default;
  UserFiles& operator=(UserFiles&&) = default;

  [[nodiscard]] Result<> write_xauthority(int display, const std::array<std::byte, 16>& cookie) const;
  /// Copies a script that came with us.
  [[nodiscard]] Result<> copy_script(const std::string& name) const;
  /// Takes the session's folder away, and the runtime folder when it is where we make one, we made it, and
  /// this was its last session.
  void remove();

  const std::filesystem::path& runtime() const { return runtime_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path xauthority() const { return folder_ / "Xauthority"; }

 private:
  UserFiles(os::User user, std::filesystem::path runtime, const std::string& name);
  [[nodiscard]] Result<> write(const std::filesystem::path& path, const std::string& text, mode_t mode) const;

  os::User user_;
  std::filesystem::path runtime_;
  std::filesystem::path folder_;
  bool own_runtime_ = false;  // runtime_ is where we make one, not a folder that somebody named
  UniqueFd lock_;  // on the folder, while this process lives: a folder without it was left by a killed one
};

}  // namespace ts::userinit
