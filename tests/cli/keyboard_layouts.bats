#!/usr/bin/env bats
# The table of keyboard layouts is what its generator makes of the packages that are installed.
bats_require_minimum_version 1.5.0
load helpers

@test "the committed table is what the generator writes" {
  "$TOP/lib/display/keyboard_layout_table.py" >"$W/table.cc"
  diff "$TOP/lib/display/keyboard_layout_table.cc" "$W/table.cc"
}
