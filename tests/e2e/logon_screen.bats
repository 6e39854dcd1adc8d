#!/usr/bin/env bats
# The logon screen as whoever sits in front of a client meets it: typed with xdotool, read from the client's pixels.
load helpers
load worker
load form

setup_file() {
  new_work
  worker_shell
  start_server --set "$WORKER_OPTION"
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 25 "$W/up.log" >&2
  end_clients
  log_all_off
  [ -z "${OUTSIDER:-}" ] || userdel -r "$OUTSIDER" 2>/dev/null || true
}

@test "who comes without a password types it, and the desktop takes the screen's place" {
  rdesk c1 "" "" -a 32 -g 800x600
  form c1
  type_in c1 "$E2E_ALICE" :Tab "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
  # The screen has gone.
  [ -z "$(host_child "$SESSION" tslogon)" ]
}

@test "a wrong password is told in the form, logged in one line, and typed anew" {
  freerdp c1 "$E2E_ALICE" "not-$E2E_PASSWORD" /size:640x480
  form c1
  refusal c1
  wait_until 5 log_has "Failed logon client=127.0.0.1:[0-9]+ user=\"$E2E_ALICE\" session=[0-9]+ reason=\"the user name or the password"
  # The name is there, and the password has the focus.
  type_in c1 "again-wrong" :Return
  wait_until 10 eval '[ "$(grep -c "Failed logon client=.*user=\"$E2E_ALICE\"" "$W/up.log")" = 2 ]'
  form c1
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
  not log_has "$E2E_PASSWORD"
}

@test "an unknown name is refused like a wrong password" {
  rdesk c1 "" "" -a 32 -g 640x480
  form c1
  type_in c1 "nobody$$" :Tab "$E2E_PASSWORD" :Return
  refusal c1
  wait_until 5 log_has "Failed logon client=[^ ]+ user=\"nobody$$\" session=[0-9]+ reason=\"the user name or the password"
}

@test "an expired password is changed there" {
  export OUTSIDER=tsx$$
  useradd --create-home --home-dir "$E2E_ROOT/home-$OUTSIDER" --shell /bin/bash "$OUTSIDER" 3>&-
  echo "$OUTSIDER:$E2E_PASSWORD" | chpasswd
  chage -d 0 "$OUTSIDER"
  freerdp c1 "$OUTSIDER" "$E2E_PASSWORD" /size:1024x768
  # What PAM asks, one after the other; the old password it has already.
  wait_until 20 eval 'form c1 && ! has_session ".user == \"$OUTSIDER\""'
  type_in c1 "New-$E2E_PASSWORD" :Return
  form c1
  type_in c1 "New-$E2E_PASSWORD" :Return
  at_work c1 "$OUTSIDER"
  ctl logoff "$SESSION"
  [ "$(exit_of c1)" = 2 ]
  freerdp c2 "$OUTSIDER" "New-$E2E_PASSWORD" /size:640x480
  at_work c2 "$OUTSIDER"
  ctl logoff "$SESSION"
}

@test "accounts that are locked or have expired are told so in the form" {
  export OUTSIDER=tsx$$
  useradd --no-create-home "$OUTSIDER" 3>&-
  echo "$OUTSIDER:$E2E_PASSWORD" | chpasswd
  chage -E 1 "$OUTSIDER"
  freerdp c1 "$OUTSIDER" "$E2E_PASSWORD" /size:640x480
  refusal c1
  wait_until 5 log_has "Failed logon client=[^ ]+ user=\"$OUTSIDER\" session=[0-9]+ reason=\"this account has expired"
  chage -E -1 "$OUTSIDER"
  usermod -L "$OUTSIDER"
  freerdp c2 "$OUTSIDER" "$E2E_PASSWORD" /size:640x480
  refusal c2
  wait_until 5 log_has "Failed logon client=[^ ]+ user=\"$OUTSIDER\" session=[0-9]+ reason=\"this account is locked"
  # With a wrong password nobody hears of that.
  freerdp c3 "$OUTSIDER" "not-$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has "Failed logon client=[^ ]+ user=\"$OUTSIDER\" session=[0-9]+ reason=\"the user name or the password"
  no_session ".user == \"$OUTSIDER\""
}

@test "a home folder that is not there is told in the form" {
  export OUTSIDER=tsx$$
  useradd --no-create-home --home-dir "$E2E_ROOT/nowhere" "$OUTSIDER" 3>&-
  echo "$OUTSIDER:$E2E_PASSWORD" | chpasswd
  freerdp c1 "$OUTSIDER" "$E2E_PASSWORD" /size:640x480
  refusal c1
  wait_until 5 log_has "The shell of session [0-9]+ could not be started: the home folder '$E2E_ROOT/nowhere' of '$OUTSIDER' is not there"
  no_session ".user == \"$OUTSIDER\""
}

@test "after a logon no process of the server has the password in its memory, however it came" {
  # What is looked for is found where it is.
  [ -n "$(holders "$W/s/run")" ]
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  at_work c1 "$E2E_ALICE"
  run holders "$E2E_PASSWORD"
  echo "$output"
  [ "$status" = 0 ] && [ -z "$output" ]
  rdesk c2 "$E2E_BOB" "" -a 32 -g 640x480
  form c2
  type_in c2 "$E2E_PASSWORD" :Return
  at_work c2 "$E2E_BOB"
  run holders "$E2E_PASSWORD"
  echo "$output"
  [ "$status" = 0 ] && [ -z "$output" ]
}

@test "giving up at the form lets the client go" {
  rdesk c1 "" "" -a 32 -g 640x480
  form c1
  # The last one in the order of the Tab key lets the client go.
  type_in c1 :shift+Tab :Return
  [ "$(exit_of c1)" = 11 ] || { cat "$W/c1.log"; false; }
}

@test "a logon screen that dies is there again, and is told what it showed" {
  freerdp c1 "$E2E_BOB" "not-$E2E_PASSWORD" /size:640x480
  refusal c1
  local id; id=$(session_id '.state == "Conn" and .id != 0')
  kill -KILL "$(host_child "$id" tslogon)"
  wait_until 10 log_has "Starting the logon screen anew: tslogon was killed by signal 9"
  refusal c1
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_BOB"
}

@test "many wrong passwords are answered slower, and the right one is not kept out for long" {
  printf 'wrong\n' >"$W/wrong"
  run "$E2E_BIN/tsprobe" --user "$E2E_BOB" --password-file "$W/wrong" --count 13 --parallel 5 "$ADDRESS"
  rdesk c1 "$E2E_BOB" "" -a 32 -g 640x480
  form c1
  type_in c1 wrong :Return
  refusal c1
  log_has "Slowing down guesses client=127.0.0.1:[0-9]+ user=\"$E2E_BOB\""
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_BOB"
}
