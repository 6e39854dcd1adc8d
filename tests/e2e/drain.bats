#!/usr/bin/env bats
# tsctl drain: nobody new comes in, who has a session comes back to it, and it is as long as it was asked for.
bats_require_minimum_version 1.5.0
load helpers
load worker

setup_file() {
  new_work
  start_server --set 'sessions.shell="xterm -name marker"'
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 30 "$W/up.log" >&2; tail -n 5 "$W"/c*.log >&2; }
  end_clients
  ctl drain off
  log_all_off
}

# told_no NAME: the password was right, and the logon screen tells the person that it is of no use now.
told_no() {
  local waiting
  waiting=$(session_in '.state == "Conn" and .id != 0 and .client != null')
  wait_until 20 log_has "Refused a logon client=127\.0\.0\.1:[0-9]+ session=$waiting: new logons are refused for now \(tsctl drain\)"
  host_child "$waiting" tslogon
  not ended "$1"
  cut_client "$1"
  wait_until 20 no_session ".id == $waiting"
}
status_is() { [ "$(ctl drain status)" = "$1" ]; }
# restart_tssession: it is killed and another one serves.
restart_tssession() {
  local before
  before=$(role tssession)
  kill -KILL "$before"
  wait_until 20 eval "[ -n \"\$(role tssession)\" ] && [ \"\$(role tssession)\" != $before ]"
  wait_until 20 eval 'query >/dev/null 2>&1'
}

@test "while it drains new logons are refused with a reason, and people come back to their sessions" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  local id
  id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  run -1 ctl drain status
  [ "$output" = off ]
  ctl drain on
  run -0 ctl drain status
  [ "$output" = on ]
  [ "$(ctl drain status --json)" = '{"drain":"on","shutdown":null}' ]
  "$E2E_BIN/tsquery" server --runtime "$W/s/run" | grep -x 'New logons are refused (tsctl drain on)'
  # Nobody's session is touched.
  has_session ".id == $id and .state == \"Active\""
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  told_no c2
  # It was no guess.
  not log_has 'Failed logon'
  no_session ".user == \"$E2E_BOB\""
  cut_client c1
  wait_until 10 has_session ".id == $id and .state == \"Disc\""
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  wait_until 20 has_session ".id == $id and .state == \"Active\" and .client.width == 800"
  ctl drain off
  run -1 ctl drain status --json
  [ "$output" = '{"drain":"off","shutdown":null}' ]
  [ "$("$E2E_BIN/tsquery" events --event drain --json --state "$W/s/state" | jq -c '[.mode, .reason]' | xargs)" = \
    '[on,asked by uid 0] [off,asked by uid 0]' ]
  freerdp c4 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_BOB\" and .state == \"Active\""
}

@test "on outlives the session manager, until-restart does not" {
  ctl drain on
  restart_tssession
  run -0 ctl drain status
  [ "$output" = on ]
  log_has "New logons are refused as before the start"
  wait_until 20 has_session '.state == "Idle"'
  freerdp c1 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  told_no c1
  ctl drain until-restart
  run -0 ctl drain status
  [ "$output" = until-restart ]
  restart_tssession
  status_is off
  [ ! -e "$W/s/state/session/drain" ]
}

@test "everybody may ask, administrators change it" {
  run -1 as "$E2E_BOB" "$E2E_BIN/tsctl" drain status --runtime "$W/s/run"
  [ "$output" = off ]
  local mode
  for mode in on off until-restart; do
    run -5 as "$E2E_BOB" "$E2E_BIN/tsctl" drain "$mode" --runtime "$W/s/run"
    [[ $output == *"only root and members of the group 'tsadmin' may do that"* ]]
  done
  status_is off
  local admin=tsm$$
  useradd --no-create-home --groups tsadmin "$admin" 3>&-
  run as "$admin" "$E2E_BIN/tsctl" drain on --runtime "$W/s/run"
  userdel "$admin"
  [ "$status" = 0 ]
  status_is on
  [ "$(stat -c '%a %U' "$W/s/state/session")" = "700 tssession" ]
}

@test "a state that cannot be kept is said, and nothing changes" {
  mv "$W/s/state/session" "$W/s/state/away"
  : >"$W/s/state/session"
  run -1 ctl drain on
  rm "$W/s/state/session"
  mv "$W/s/state/away" "$W/s/state/session"
  [[ $output == *"session/drain' cannot be made"* ]]
  status_is off
}
