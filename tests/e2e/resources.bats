#!/usr/bin/env bats
# limits.memory, limits.cpu_weight, limits.tasks: kept by the kernel where it can, else said not to be.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  new_work
  start_server --set 'sessions.shell="xterm -name marker"' --set limits.memory=300M --set limits.tasks=60 \
    --set "limits.accounts=[{for: [\"$E2E_BOB\"], memory: 0, tasks: 0, cpu_weight: 50}]"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  ID=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  OTHER=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 shell_of "$ID" >/dev/null
  export ID OTHER
}
teardown_file() { stop_server; }
teardown() { [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2; }

limits_of() { session_where ".id == $1" | jq -c .limits; }
in_force() { limits_of "$1" | jq -e --arg name "$2" '.not_in_force | index($name) | not' >/dev/null; }
# group_of ID: the control group of the session's programs.
group_of() {
  local mounted; mounted=$(awk '/ - cgroup2 / {print $5; exit}' /proc/self/mountinfo)
  [ -n "$mounted" ] && echo "$mounted$(sed -n 's/^0:://p' "/proc/$(shell_of "$1")/cgroup")"
}
# run_there ID COMMAND...: where the session's programs are limited.
run_there() {
  local group; group=$(group_of "$1"); shift
  (
    echo "$BASHPID" >"$group/cgroup.procs" &&
      exec setpriv --reuid "$E2E_ALICE" --regid "$E2E_ALICE" --init-groups --inh-caps=-all -- "$@"
  )
}

@test "tsquery session says what each user may use, by account, and what of it is not in force" {
  limits_of "$ID" | jq -e '.memory_bytes == 300000000 and .tasks == 60 and .cpu_weight == null'
  limits_of "$OTHER" | jq -e '.memory_bytes == null and .tasks == null and .cpu_weight == 50'
  [ "$(session_where '.id == 0' | jq .limits)" = null ]
  "$E2E_BIN/tsquery" session --columns id,limits --runtime "$W/s/run" >"$W/table"
  grep -qE "^ *$ID +memory=300000000 tasks=60( \(not in force: .*\))?$" "$W/table"
  # What is said is what the kernel has.
  local name file group value
  group=$(group_of "$ID") || group=/nonexistent
  for name in memory:memory.max:299999232 tasks:pids.max:60; do
    IFS=: read -r name file value <<<"$name"
    if in_force "$ID" "$name"; then
      [ "$(cat "${group%/programs}/$file")" = "$value" ]
    else
      not test -e "${group%/programs}/$file"
      session_where ".id == $ID" | jq -e --arg name "$name" '.limits.not_in_force | index($name) != null'
      grep -qE "not in force: .*$name" "$W/table"
    fi
  done
}

@test "controllers that are missing are warned of once, however many sessions there are" {
  local missing
  missing=$(for id in $ID $OTHER; do limits_of "$id" | jq -r '.not_in_force[]'; done | sort -u)
  [ -n "$missing" ] || skip "this system gives us all controllers"
  local name line
  [ "$(grep -c 'Ignoring limits\.' "$W/up.log")" = 1 ]
  line=$(grep 'Ignoring limits\.' "$W/up.log")
  for name in $missing; do [[ $line == *"limits.$name"* ]]; done
  [[ $line == *"not given the cgroup2 controllers"*"Delegate=yes"* ]]
}

@test "a program that forks without end is stopped at its session's tasks, and harms no other session" {
  in_force "$ID" tasks || skip "the cgroup2 controller 'pids' is not given to us here"
  # It says how many it got, and keeps them until its input ends.
  mkfifo "$W/until"
  run_there "$ID" perl -e '
    $| = 1;
    while (@all < 200) {
      defined(my $pid = fork) or last;
      if (!$pid) { sleep 600; exit }
      push @all, $pid;
    }
    print scalar(@all), " $!\n";
    <STDIN>;
    kill KILL => @all' <"$W/until" >"$W/bomb" 3>&- &
  exec 7>"$W/until"
  wait_until 10 test -s "$W/bomb"
  grep -qE '^[1-5][0-9] Resource temporarily unavailable$' "$W/bomb"
  run ! run_there "$ID" perl -e 'exit !defined fork'
  run_there "$OTHER" perl -e 'exit !defined fork'
  exec 7>&-
  wait
  has_session ".id == $ID and .state == \"Active\""
}

@test "a program that takes too much memory is killed, and its session goes on" {
  in_force "$ID" memory || skip "the cgroup2 controller 'memory' is not given to us here"
  [ "$(wc -l </proc/swaps)" = 1 ] || skip "with swap it would be slow instead"
  run -137 run_there "$ID" perl -e '$x = "x" x 1_000_000_000; print "got it\n"'
  [[ $output != *"got it"* ]]
  has_session ".id == $ID and .state == \"Active\""
  on_session "$ID" xdpyinfo >/dev/null
}
