#!/usr/bin/env bats
# What tsctl does to a session from outside: reset, kill.
load helpers

setup_file() {
  new_work
  # A session that takes its time: nothing in it listens to TERM, and end_timeout is long.
  cat >"$W/shell" <<END
#!/bin/bash
trap '' TERM
bash -c 'echo \$BASHPID >$W/out/stubborn.\$TS_SESSION_ID; exec tail -f /dev/null' &
trap - TERM
bash -c 'exec -a not-tail sleep 1000' &
exec xterm -name marker
END
  chmod 755 "$W/shell"
  start_server --set "sessions.shell=$W/shell" --set sessions.end_timeout=60
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 30 "$W/up.log"; query | jq -c '.sessions[] | [.id, .user, .state]'; } >&2
  end_clients
  local id
  for id in $(session_where '.user != ""' | jq -r .id); do ctl reset "$id"; done
}

# logged_on NAME USER: sets ID and STUBBORN.
logged_on() {
  freerdp "$1" "$2" "$E2E_PASSWORD" /size:640x480
  ID=$(session_in ".user == \"$2\" and .state == \"Active\"")
  wait_until 20 test -s "$W/out/stubborn.$ID"
  STUBBORN=$(cat "$W/out/stubborn.$ID")
  wait_until 20 named tail
}
# The session's processes of that name.
named() {
  local pid found=1
  for pid in $(session_pids "$ID"); do
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]; then echo "$pid"; found=0; fi
  done
  return $found
}
none_named() { ! named "$1"; }
own() { local user=$1; shift; as "$user" "$E2E_BIN/tsctl" "$@" --runtime "$W/s/run"; }

@test "tsctl reset ends a session at once, tells its client, and closes the account's session in order" {
  logged_on c1 "$E2E_ALICE"
  local pids folder started=$SECONDS
  pids=$(session_pids "$ID")
  folder=$(dirname "$(variable "$(shell_of "$ID")" XAUTHORITY)")
  [ -d "$folder" ]
  ctl reset "$ID"
  # Long before end_timeout.
  [ $((SECONDS - started)) -lt 30 ]
  no_session ".id == $ID"
  [ "$(exit_of c1)" = 2 ]
  local pid
  for pid in $pids $STUBBORN; do wait_until 5 gone "$pid"; done
  [ ! -e "$folder" ]
  log_has "Session $ID is reset"
  log_has "Connection ends peer=[^ ]+ session=$ID user=$E2E_ALICE reason=\"logged off by an administrator\""
}

@test "tsctl reset ends a session whose logoff takes long, and one without a client; users reset their own" {
  logged_on c1 "$E2E_ALICE"
  cut_client c1
  wait_until 10 has_session ".id == $ID and .state == \"Disc\""
  ctl logoff "$ID" 3>&- &
  local waiting=$!
  wait_until 10 has_session ".id == $ID and .state == \"Down\""
  not gone "$STUBBORN"
  run own "$E2E_BOB" reset "$ID"
  [ "$status" = 5 ]
  [[ $output == *"session $ID is not yours"* ]]
  ctl reset "$ID"
  no_session ".id == $ID"
  wait "$waiting"
  logged_on c2 "$E2E_ALICE"
  own "$E2E_ALICE" reset "$ID"
  [ "$(exit_of c2)" = 12 ]
}

@test "tsctl reset takes waiting sessions and the console, too; others take their place" {
  wait_until 20 has_session '.state == "Idle"'
  local idle console named
  idle=$(session_id '.state == "Idle"') console=$(session_where '.id == 0' | jq .pid)
  ctl reset "$idle"
  no_session ".id == $idle"
  ctl reset console
  wait_until 20 has_session ".id == 0 and .state == \"Conn\" and .pid != $console"
  wait_until 20 eval '[ "$(session_where ".state == \"Idle\"" | wc -l)" = 2 ]'
  not log_has 'Session 0 could not be started'
  run ctl reset 60000
  [ "$status" = 6 ]
  [[ $output == *"no session 60000; see 'tsquery session'"* ]]
  for named in "reset 65536" "disconnect 65536" "logoff rdp-tcp" "message rdp-tcp hello"; do
    # shellcheck disable=SC2086
    run ctl $named
    [ "$status" = 6 ]
    [[ $output == *"65536 is the listener and no session"* ]]
  done
}

@test "tsctl kill reaches processes of sessions, by number and by name, and nothing else" {
  logged_on c1 "$E2E_ALICE"
  own "$E2E_ALICE" kill --session "$ID" --signal 9 tail
  wait_until 5 gone "$STUBBORN"
  # The name is what ps shows; another argv[0] is none.
  run ctl kill --session "$ID" not-tail
  [ "$status" = 6 ]
  [[ $output == *"process 'not-tail' in session $ID does not exist"* ]]
  ctl kill --session "$ID" sleep
  wait_until 5 none_named sleep
  # A process that is in no session stays, whoever asks.
  tail -f /dev/null 3>&- &
  local outside=$!
  run ctl kill "$outside"
  [ "$status" = 6 ]
  [[ $output == *"process $outside does not exist, or belongs to no session"* ]]
  run ctl kill "$UP_PID"
  [ "$status" = 6 ]
  not gone "$outside"
  kill "$outside"
  # The terminal is the session's shell.
  own "$E2E_ALICE" kill "$(named xterm)"
  [ "$(exit_of c1)" = 12 ]
  wait_until 10 no_session ".id == $ID"
}

@test "tsctl kill: users reach what is theirs in their own sessions, administrators all" {
  logged_on c1 "$E2E_ALICE"
  local xvfb userinit
  xvfb=$(named Xvfb) userinit=$(named tsuserinit)
  run own "$E2E_BOB" kill "$STUBBORN"
  [ "$status" = 6 ]
  run own "$E2E_BOB" kill --session "$ID" tail
  [ "$status" = 5 ]
  [[ $output == *"session $ID is not yours"* ]]
  local pid
  for pid in "$xvfb" "$userinit"; do
    run own "$E2E_ALICE" kill --signal KILL "$pid"
    [ "$status" = 5 ]
    [[ $output == *"process $pid is not yours"* ]]
  done
  run own "$E2E_ALICE" kill "$(session_where ".id == $ID" | jq .pid)"
  [ "$status" = 6 ]
  not gone "$STUBBORN"
  # In a shell of the session its id needs not be named.
  as "$E2E_ALICE" env TS_SESSION_ID="$ID" "$E2E_BIN/tsctl" kill --signal kill tail --runtime "$W/s/run"
  wait_until 5 gone "$STUBBORN"
  run own "$E2E_ALICE" kill tail
  [ "$status" = 2 ]
  has_session ".id == $ID and .state == \"Active\""
  ctl kill --signal KILL "$xvfb"
  wait_until 10 no_session ".id == $ID"
}
