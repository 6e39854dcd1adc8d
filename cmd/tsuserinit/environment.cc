#include "cmd/tsuserinit/environment.h"

#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string_view>

namespace ts::userinit {
namespace {

/// The value of NAME=value or NAME="value" in a file of shell assignments.
std::string assigned_in(const char* file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.size() <= name.size() || line.compare(0, name.size(), name) != 0 || line[name.size()] != '=')
      continue;
    std::string value = line.substr(name.size() + 1);
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

/// What the loader or a shell would take orders from must not come in through an account's configuration, and
/// what the session itself stands on must not be changed.
bool fixed(const std::string& name) {
  static const std::set<std::string, std::less<>> kFixed{
      "HOME", "USER", "LOGNAME", "SHELL", "DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE",
      "IFS"};
  return kFixed.count(name) != 0 || name.starts_with("TS_SESSION") || name.starts_with("LD_");
}

/// Of libpam-tmpdir and the like.
bool names_folder_in_tmp(const std::string& name, const std::string& value) {
  static const std::set<std::string, std::less<>> kNames{"TMPDIR", "TMP", "TEMP", "TEMPDIR"};
  return kNames.count(name) != 0 && value.starts_with("/tmp/");
}

}  // namespace

std::string value_of(const std::vector<std::string>& variables, const std::string& name) {
  for (auto& variable : variables) {
    if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
  }
  return {};
}

std::string system_language() {
  for (const char* file : {"/etc/default/locale", "/etc/locale.conf"}) {
    if (auto value = assigned_in(file, "LANG"); !value.empty()) return value;
  }
  return "C.UTF-8";
}

std::string system_path(uid_t uid) {
  const std::string name = uid == 0 ? "ENV_SUPATH" : "ENV_PATH";
  std::ifstream in("/etc/login.defs");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (key == name && value.starts_with("PATH=")) return value.substr(5);
  }
  return uid == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                  : "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games";
}

std::vector<std::string> make_environment(const EnvironmentInput& input) {
  std::map<std::string, std::string> variables;
  variables["PATH"] = system_path(input.user.uid);
  variables["LANG"] = system_language();
  for (auto& entry : input.from_pam) {
    auto equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || fixed(entry.substr(0, equals))) continue;
    if (input.own_tmp && names_folder_in_tmp(entry.substr(0, equals), entry.substr(equals + 1))) continue;
    variables[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  variables["HOME"] = input.user.home.string();
  variables["USER"] = input.user.name;
  variables["LOGNAME"] = input.user.name;
  variables["SHELL"] = input.user.shell.empty() ? "/bin/sh" : input.user.shell;
  variables["DISPLAY"] = fmt::format(":{}", input.display);
  variables["XAUTHORITY"] = input.xauthority.string();
  variables["XDG_RUNTIME_DIR"] = input.runtime_folder.string();
  variables["XDG_SESSION_TYPE"] = "x11";
  std::vector<std::string> out = input.marks;
  for (auto& [name, value] : variables) out.push_back(name + "=" + value);
  return out;
}

}  // namespace ts::userinit
