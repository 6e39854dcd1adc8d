#!/usr/bin/env bats
# The harness itself: a test that fails has to be seen, or all the others prove nothing.
bats_require_minimum_version 1.5.0
load helpers

# A build with one test binary (a script that writes such a report), and a folder with one Bats file.
fake_build() {
  mkdir -p "$W/build/tests" "$W/suite"
  cat >"$W/build/tests/test_x" <<END
#!/bin/bash
for a in "\$@"; do case \$a in --gtest_output=xml:*) report=\${a#--gtest_output=xml:} ;; esac; done
$1
END
  chmod +x "$W/build/tests/test_x"
  printf '@test "a" { true; }\n@test "b" { %s; }\n' "$2" >"$W/suite/x.bats"
}
report() { echo "echo '<testsuites tests=\"$1\" failures=\"$2\" disabled=\"0\" errors=\"0\">' >\"\$report\"; exit $3"; }
# Without what this very run told its own tests.
harness() { env -u BATS_TMPDIR -u BATS_RUN_TMPDIR -u BATS_TEST_TMPDIR "$TOP/tests/run.sh" "$W/build" "$W/suite" 3>&- 4>&-; }

@test "all good: the sum, exit 0" {
  fake_build "$(report 5 0 0)" true
  run harness
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[-1]}" = "7 passed, 0 failed" ]
}

@test "a unit test that fails" {
  fake_build "$(report 5 2 1)" true
  run harness
  [ "$status" != 0 ]
  [ "${lines[-1]}" = "5 passed, 2 failed" ]
}

@test "a binary that dies without a report" {
  fake_build 'kill -SEGV $$' true
  run harness
  [ "$status" != 0 ]
  [ "${lines[-1]}" = "2 passed, 1 failed" ]
}

@test "a Bats test that fails" {
  fake_build "$(report 1 0 0)" false
  run harness
  [ "$status" != 0 ]
  [ "${lines[-1]}" = "2 passed, 1 failed" ]
}

@test "a Bats file that does not even parse" {
  fake_build "$(report 1 0 0)" '((('
  run harness
  [ "$status" != 0 ]
  [[ ${lines[-1]} =~ ^[0-9]+\ passed,\ [1-9][0-9]*\ failed$ ]]
}

@test "a sanitizer's report, or a failed assertion, in a server's log fails the file's teardown" {
  source "$TOP/tests/e2e/helpers.bash"
  echo "12:00:00 info tsd[7]: Listening address=127.0.0.1:3389" >"$W/up.log"
  no_report
  local line
  for line in "==7==ERROR: AddressSanitizer: heap-use-after-free" "==7==ERROR: LeakSanitizer: detected memory leaks" \
    "lib/x.cc:3:5: runtime error: signed integer overflow" "tshost: x.cc:3: void f(): Assertion \`false' failed."; do
    echo "$line" >"$W/other.log"
    run ! no_report
    [[ $output == *"$line"* ]]
  done
}
