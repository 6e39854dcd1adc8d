#!/usr/bin/env bats
# The architecture's rules that the compiler does not know.
bats_require_minimum_version 1.5.0
load helpers

# The layers that a folder may include: itself and those its line in CMakeLists.txt names.
allowed() { sed -n "s/^layer($1 \(.*\))\$/\1/p" "$TOP/CMakeLists.txt" | tr ' ' '\n' | sed -n 's/^ts_//p'; }

# violations ROOT: "lib/rdp/x.h includes lib/net" for every include that points the wrong way.
violations() {
  local folder name used
  for folder in "$1"/lib/*/; do
    name=$(basename "$folder")
    for used in $(grep -rhoE '^#include "lib/[a-z]+/' "$folder" 2>/dev/null | sed 's|.*lib/||; s|/||' | sort -u); do
      [ "$used" = "$name" ] || allowed "$name" | grep -qx "$used" || echo "lib/$name includes lib/$used"
    done
    grep -rlE '^#include "cmd/' "$folder" 2>/dev/null | sed 's/$/ includes cmd/'
  done
  grep -rlE '^#include [<"]uv\.h' "$1/lib" "$1/cmd" 2>/dev/null | grep -v "^$1/lib/net/" | sed 's/$/ includes uv.h/'
  grep -rlE '^#include <nlohmann/json\.hpp>' --include='*.h' "$1/lib" "$1/cmd" 2>/dev/null | sed 's/$/ includes nlohmann in a header/'
  grep -rlE '^#include [<"]CLI/' "$1/lib" "$1/cmd" 2>/dev/null | grep -v "^$1/lib/cli/program.cc" | sed 's/$/ includes CLI11/'
}

@test "every folder of lib has a line in CMakeLists.txt" {
  local folder
  for folder in "$TOP"/lib/*/; do grep -q "^layer($(basename "$folder") " "$TOP/CMakeLists.txt"; done
}

@test "folders include only the layers below them; uv.h, nlohmann and CLI11 stay where they belong" {
  run violations "$TOP"
  echo "$output"
  [ -z "$output" ]
}

@test "the check finds what it is for" {
  mkdir -p "$W/lib/rdp" "$W/lib/cli" "$W/cmd/tsd"
  printf '#include "lib/base/bytes.h"\n#include "lib/net/loop.h"\n' >"$W/lib/rdp/a.h"
  printf '#include <nlohmann/json.hpp>\n#include <CLI/CLI.hpp>\n' >"$W/lib/cli/b.h"
  printf '#include <uv.h>\n' >"$W/cmd/tsd/c.cc"
  run violations "$W"
  [ "$(sort <<<"$output")" = "$(sort <<END
lib/rdp includes lib/net
$W/cmd/tsd/c.cc includes uv.h
$W/lib/cli/b.h includes nlohmann in a header
$W/lib/cli/b.h includes CLI11
END
)" ]
}

@test "no source file is longer than 400 lines" {
  local long
  long=$(cd "$TOP" && find lib cmd bench -name '*.h' -o -name '*.cc' | xargs wc -l | awk '$1 > 400 && $2 != "total"')
  echo "$long"
  [ -z "$long" ]
}
