#!/usr/bin/env bats
# The sessions that wait: replaced when they are old or hang, filled again under a burst, not started without memory.
bats_require_minimum_version 1.5.0
load helpers

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 30 "$W/up.log" >&2
  local status=0
  stop_server || status=$?
  drop_crowd
  return "$status"
}

idle_ids() { query | jq -c '[.sessions[] | select(.state == "Idle") | .id]'; }
idle_are() { [ "$(idle_ids)" = "$1" ]; }

@test "a session that hangs while it waits is found and replaced; its successor serves" {
  start_server --set sessions.idle=1 --set sessions.check_interval=1s
  idle_are '[1]'
  local host
  host=$(session_where '.id == 1' | jq .pid)
  kill -STOP "$(host_child 1 Xvfb)"
  wait_until 20 log_has 'Session 1 waits for nobody any more, it is replaced: '
  wait_until 20 idle_are '[2]'
  wait_until 20 is_gone "$host"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""
}
is_gone() { [ ! -e "/proc/$1" ]; }

@test "sessions that have waited long are replaced, not all at once; users keep theirs" {
  start_server --set sessions.idle=1 --set sessions.idle_lifetime=4s --set 'sessions.shell="exec sleep 1000"'
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  local mine first
  mine=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  wait_until 10 eval '[ "$(idle_ids)" != "[]" ]'
  first=$(idle_ids)
  # Somebody always waits, until another takes over.
  not_less_than_one() { local now; now=$(idle_ids); [ "$now" != "[]" ] || touch "$W/none"; [ "$now" != "$first" ] && [ "$(jq length <<<"$now")" = 1 ]; }
  wait_until 20 not_less_than_one
  [ ! -e "$W/none" ]
  has_session ".id == $mine and .user == \"$E2E_ALICE\" and .state == \"Active\""
  # Nobody is busy with it in between.
  [ "$(grep -c 'could not be started' "$W/up.log")" = 0 ]
}

@test "twenty clients at once on a pool of two: twenty desktops" {
  local user
  new_work
  # In a home where none of them may write: no reason to be logged off.
  make_crowd 20
  start_server --set sessions.idle=2 --set 'sessions.shell="exec sleep 1000"'
  for user in $CROWD; do rdesk "$user" "$user" "$E2E_PASSWORD" -g 640x480; done
  wait_until 60 eval '[ "$(query | jq "[.sessions[] | select(.state == \"Active\")] | length")" = 20 ]'
  [ "$(query | jq '[.sessions[] | select(.state == "Active") | .user] | unique | length')" = 20 ]
  wait_until 20 eval '[ "$(idle_ids | jq length)" = 2 ]'
}

@test "without memory no session is started and who comes is told; sessions go on, and the service is up" {
  # More than any machine has.
  start_server --set sessions.min_memory=900000G
  log_has ' MB of memory are available and 900000000 have to be left \(sessions.min_memory\)'
  idle_are '[]'
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  exit_of c1
  log_has 'have to be left \(sessions.min_memory\)'
  "$E2E_BIN/tsquery" events --event refused --json --state "$W/s/state" | jq -e 'select(.reason | test("sessions.min_memory"))'
}
