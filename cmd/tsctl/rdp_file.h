// The text of an .rdp file: what mstsc, Remmina and FreeRDP read instead of a command line. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace ts::tsctl {

struct RdpFile {
  std::string address;  // HOST:PORT
  std::string user;     // "ann" or "LAB\ann"; empty: the client asks
  int width = 0;        // pixels; 0: the whole screen
  int height = 0;
  std::string program;  // instead of the desktop
};

/// "WIDTHxHEIGHT" into the two fields.
[[nodiscard]] Result<> read_size(const std::string& text, RdpFile& file);

/// The bytes of the file: CR LF lines; in UTF-16 with a byte order mark, which is mstsc's own form, where
/// ASCII is not enough. kUsage when a value would end its line and begin another setting.
[[nodiscard]] Result<std::string> rdp_file_text(const RdpFile& file);

}  // namespace ts::tsctl
