#!/usr/bin/env bats
# What make bench makes of its numbers. The measuring itself is `make bench`, which needs another server.
bats_require_minimum_version 1.5.0
load helpers

# stats CODE: Python with bench/stats.py at hand.
stats() { PYTHONPATH=$TOP/bench run -0 --separate-stderr python3 -B -c "from stats import *; $1"; }

@test "numbers have three digits and no exponent" {
  stats 'print(*map(number, (0, 0.01234, 1, 9.876, 12.345, 123.4, 12345.6)))'
  [ "$output" = "0 0.012 1.00 9.88 12.3 123 12346" ]
}

@test "percentiles are values that were measured" {
  stats 'print(percentile([5, 1, 4, 2, 3], 50), percentile([5, 1, 4, 2, 3], 95), percentile([7], 50))'
  [ "$output" = "3 5 7" ]
}

@test "a ratio is of medians, and none where a side is missing or nothing" {
  stats 'print(ratio(Sample([1, 2, 30]), Sample([4, 5, 1])), ratio(Sample([1]), Sample([0])), ratio(Sample(), Sample([1])))'
  [ "$output" = "0.5 None None" ]
}

@test "the table shows median, spread and ratio; what is missing is said, never made up" {
  stats 'm = [(Measure("logon", "s"), Sample([0.2, 0.1, 0.3]), Sample([0.4])),
              (Measure("keys", "1/s", True), Sample([3.0], "no desktop"), Sample([5.0]))]
print(table(m)); print(json_lines({"date": "today"}, m), end="")'
  echo "$output"
  [ "${lines[0]}" = "Measure  ours                 xrdp                 ours/xrdp  unit" ]
  [ "${lines[1]}" = "logon    0.200 (0.100-0.300)  0.400 (0.400-0.400)  0.50       s" ]
  [ "${lines[2]}" = "keys     not measured         5.00 (5.00-5.00)     -          1/s, more is better" ]
  [ "${lines[4]}" = "  keys, ours: no desktop" ]
  [ "$(jq -s 'length' <<<"$(tail -n 3 <<<"$output")")" = 3 ]
  tail -n 1 <<<"$output" | jq -e '.ours == {problem: "no desktop"} and .xrdp.median == 5 and .ratio == null'
}
