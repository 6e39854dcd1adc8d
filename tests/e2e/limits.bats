#!/usr/bin/env bats
# Time limits of sessions (limits.* of ts.yaml): the warning in the session, what then happens, whose they are.
bats_require_minimum_version 1.5.0
load helpers
load worker

setup_file() {
  new_work
  start_server --set 'sessions.shell="xterm -name marker"' --set limits.warning=8 --set limits.active=1h \
    --set "limits.accounts=[{for: [\"$E2E_ALICE\"], idle: 16, disconnected: 5}, {for: [\"@$E2E_BOB\"], active: 12, action: logoff}]"
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 30 "$W/up.log"; tail -n 5 "$W"/c*.log; } >&2
  end_clients
  log_all_off
}

box() { on_session "$SESSION" xdotool search --onlyvisible --name '^Message$' >/dev/null 2>&1; }
no_box() { not box; }
client_window() { xdotool search --onlyvisible --name "${ADDRESS%:*}" | tail -1; }
move() { xdotool mousemove --window "$(client_window)" $((RANDOM % 600)) $((RANDOM % 400)); no_box; }
# reasons EVENT USER: of the events of that name.
reasons() { "$E2E_BIN/tsquery" events --event "$1" --user "$2" --json --state "$W/s/state" | jq -r .reason; }
role() { pgrep -P "$UP_PID" -x "$1"; }

@test "who does nothing is warned, stays by moving the mouse, else is disconnected, and is logged off in the end" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  SESSION=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  wait_until 30 box
  wait_until 7 move
  # Who keeps the time is the session's own host: the session manager may be restarted.
  wait_until 30 box
  kill -KILL "$(role tssession)"
  [ "$(exit_of c1)" = 3 ]
  log_has "Session $SESSION is disconnected: idle for too long"
  wait_until 20 no_session ".id == $SESSION"
  log_has "Session $SESSION is logged off: disconnected for too long"
}

@test "who may be connected for so long only is warned, told why, and logged off; the rule is their group's" {
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  SESSION=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 box
  # The mouse is no help.
  xdotool mousemove --window "$(client_window)" 100 100
  [ "$(exit_of c2)" = 4 ]
  wait_until 20 no_session ".id == $SESSION"
  [ "$(reasons disconnect "$E2E_BOB")" = "connected for too long" ]
  [ "$(reasons logoff "$E2E_BOB")" = "connected for too long" ]
}
