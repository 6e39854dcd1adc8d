#!/bin/bash
# Runs each fuzzer of a build for some seconds on a copy of its corpus: tests/fuzz/run.sh BUILD SECONDS
# What breaks one is left in BUILD/fuzz/findings; as a file of the corpus it becomes a unit test.
set -eu
build=$1
seconds=$2
here=$(dirname "$(realpath "$0")")
mkdir -p "$build/fuzz/findings"
status=0
for fuzzer in "$build"/fuzz/*_fuzz; do
  name=$(basename "$fuzzer" _fuzz)
  corpus=$build/fuzz/corpus/$name
  mkdir -p "$corpus" "$here/corpus/$name"
  echo "fuzzing $name for $seconds s"
  if ! "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$build/fuzz/findings/$name-" "$corpus" "$here/corpus/$name" 2>"$build/fuzz/$name.log"; then
    tail -n 40 "$build/fuzz/$name.log"
    status=1
  fi
done
[ $status = 0 ] && echo "no fuzzer found anything"
exit $status
