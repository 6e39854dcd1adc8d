#!/bin/bash
# Runs every test of a build and ends with one line: "N passed, N failed". Exit status 0 only if something passed and
# nothing failed. A binary or suite that dies without saying how many failed counts as a failure of its own.
#
#   tests/run.sh BUILD [FOLDER...]     folders of Bats suites, by default tests/cli and tests/e2e
#
# A build with sanitizers has more time. What its programs report fails a test: by their exit status, and what a server's
# programs report by the file's teardown (no_report in e2e/helpers.bash).
set -u
build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=("$here/cli" "$here/e2e")
export TS_BUILD=$build
test_limit=120 suite_limit=1200
if grep -qsx 'TS_SANITIZE:BOOL=ON' "$build/CMakeCache.txt"; then test_limit=300 suite_limit=5400; fi
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-$test_limit}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0
failed=0

# One GoogleTest binary; its report says how many there were.
unit() {
  local name report tests failures
  name=$(basename "$1")
  report=$results/$name.xml
  timeout 300 "$1" --gtest_brief=1 --gtest_output="xml:$report"
  local status=$?
  tests=$(sed -n 's/^<testsuites tests="\([0-9]*\)".*/\1/p' "$report" 2>/dev/null)
  failures=$(sed -n 's/^<testsuites [^>]*failures="\([0-9]*\)".*/\1/p' "$report" 2>/dev/null)
  if [ -z "$tests" ] || { [ "$status" != 0 ] && [ "$failures" = 0 ]; }; then
    echo "$name: died with status $status"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + tests - failures))
  failed=$((failed + failures))
}

# One folder of Bats files, two at a time; a test that is in the plan and never came back failed.
suite() {
  local log planned good
  compgen -G "$1/*.bats" >/dev/null || return 0
  log=$results/$(basename "$1").tap
  # The end-to-end tests make accounts and run a server for everybody: they need root.
  local as=()
  if [ "$(basename "$1")" = e2e ] && [ "$(id -u)" != 0 ]; then
    as=(sudo env PATH="$PATH" TS_BUILD="$TS_BUILD" BATS_TEST_TIMEOUT="$BATS_TEST_TIMEOUT")
  fi
  # A test that hangs has a time-out of its own; this is for what it may leave hanging.
  timeout --foreground -k 10 $suite_limit "${as[@]}" bats --jobs 2 --formatter tap "$1" | tee "$log"
  planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | head -n 1)
  good=$(grep -c '^ok ' "$log")
  if [ -z "$planned" ]; then
    echo "$1: the suite did not run"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + good))
  failed=$((failed + planned - good))
}

for binary in "$build"/tests/test_*; do
  [ -x "$binary" ] && unit "$binary"
done
for folder in "${suites[@]}"; do suite "$folder"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
