#!/usr/bin/env bats
# tsctl shutdown: announced, taken back, carried out. Each test has a server of its own, which may end.
bats_require_minimum_version 1.5.0
load helpers
load worker

setup() {
  new_work
  start_server --set 'sessions.shell="xterm -name marker"' --set sessions.end_timeout=2
}
teardown() {
  local status=0
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 30 "$W/up.log" >&2
  end_clients
  [ -z "${UP_PID:-}" ] || gone "$UP_PID" || stop_server || status=$?
  gone "$SCREEN_PID" || kill "$SCREEN_PID"
  wait "$SCREEN_PID" || true
  [ ! -d "$W" ] || no_report || status=$?
  rm -rf "$W"
  return $status
}

@test "after the delay everybody is told, every session ends, and tsctl up with 0" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  local disconnected pids pid
  disconnected=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  cut_client c2
  wait_until 10 has_session ".id == $disconnected and .state == \"Disc\""
  pids=$(tree_below "$UP_PID")
  run -0 --separate-stderr ctl shutdown --delay 1 --json
  jq -e '.stops and (.time | test("^20[0-9-]+T[0-9:]+Z$"))' <<<"$output"
  local status=0
  wait_until 30 gone "$UP_PID"
  wait "$UP_PID" || status=$?
  [ "$status" = 0 ]
  exit_of c1
  # The code is one that this client does not know by name.
  log_has "Connection ends peer=[^ ]+ session=[0-9]+ user=$E2E_ALICE reason=\"the server is being shut down\""
  log_has "Stopping as tssession asks"
  for pid in $pids; do gone "$pid" || is_gone "$pid"; done
  [ ! -e "$W/s/run" ]
}

@test "until then nobody new comes in, sessions go on, and it can be taken back" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  local id
  id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  run -1 ctl shutdown --cancel
  [[ $output == *"no shutdown is under way"* ]]
  run -0 ctl shutdown --delay 600 --message "Please save your work."
  [[ $output == "All sessions end at 20"*", then the service does." ]]
  local ends
  ends=$(ctl drain status --json | jq -r .shutdown)
  [[ $output == *" $ends, "* ]]
  run -0 ctl drain status
  [ "$output" = "off"$'\n'"All sessions end at $ends (tsctl shutdown)" ]
  # The box is up when the command is done.
  on_session "$id" xdotool search --onlyvisible --name '^Message$'
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has 'Refused a logon .*: the server is about to be shut down'
  cut_client c2
  cut_client c1
  wait_until 10 has_session ".id == $id and .state == \"Disc\""
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  wait_until 20 has_session ".id == $id and .state == \"Active\""
  run -5 as "$E2E_BOB" "$E2E_BIN/tsctl" shutdown --cancel --runtime "$W/s/run"
  run -5 as "$E2E_BOB" "$E2E_BIN/tsctl" shutdown --delay 0 --runtime "$W/s/run"
  ctl shutdown --cancel
  run -1 ctl drain status
  [ "$("$E2E_BIN/tsquery" events --event shutdown --json --state "$W/s/state" | jq -c '[.mode, .ends]' | xargs)" = \
    "[scheduled,$ends] [taken-back,$ends]" ]
  freerdp c4 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_BOB\" and .state == \"Active\""
  has_session ".id == $id and .state == \"Active\""
  # A message that only looks like tssession's moves nothing: the kernel says who sent it.
  local address
  address=$(tr '\0' '\n' <"/proc/$(role tssession)/environ" | sed -n 's/^NOTIFY_SOCKET=@//p')
  printf 'X_TS_STOP=1' | socat -u - "ABSTRACT-SENDTO:$address"
  query >/dev/null
  not log_has "Stopping as tssession asks"
}

@test "without sessions it is done at once" {
  run -0 ctl shutdown --delay 0
  local status=0
  wait_until 30 gone "$UP_PID"
  wait "$UP_PID" || status=$?
  [ "$status" = 0 ]
}
