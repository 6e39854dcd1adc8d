#!/usr/bin/env bats
# Several sessions of one user: the list on the logon screen, chosen from with the keyboard and with the mouse. Each
# session paints its own colour and writes down what is typed there, so it is seen which one a client got.
bats_require_minimum_version 1.5.0
load helpers
load worker
load form

setup_file() {
  new_work
  worker_shell
  cat >"$WORKER/desktop" <<END
#!/bin/sh
xsetroot -solid "\$(printf '#%02x8040' \$TS_SESSION_ID)"
exec xterm -geometry 60x20+0+0 -e $WORKER/read
END
  chmod 755 "$WORKER/desktop"
  start_server --set "sessions.shell=$WORKER/desktop" --set sessions.per_user=2
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 40 "$W/up.log"; query | jq -c '.sessions[] | [.id, .user, .state, .client]'; } >&2
  end_clients
  ctl drain off
  log_all_off
  wait_until 20 no_session '.state == "Conn" and .id != 0'
}

colour_of() { printf '#%02X8040' "$1"; }
# logs_on NAME [OPTION...]: alice, by herself: her client sends the password. Her clients leave each other the keyboard.
logs_on() { local name=$1; shift; freerdp "$name" "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480 -grab-keyboard "$@"; }
raise() { local window; window=$(client_window "$1") && xdotool windowraise "$window" windowfocus "$window"; }
# in_front NAME ID: this client shows that session, which gets its keys.
in_front() {
  wait_until 20 has_session ".id == $2 and .user == \"$E2E_ALICE\" and .state == \"Active\"" || return 1
  wait_until 20 grep -qx "$2 ready" "$LINES_READ" || return 1
  raise "$1"
  wait_until 20 has_colour "$1" "$(colour_of "$2")" 100000 || return 1
  SESSION=$2
  works "$1"
}
asked() { grep -c 'A user is asked which session they want' "$W/up.log" || true; }
# list NAME SESSIONS NEW BEFORE: the list is up and has these; BEFORE is what `asked` said before.
list() {
  wait_until 20 eval "[ \$(asked) -gt $4 ]" || return 1
  grep 'A user is asked which session they want' "$W/up.log" | tail -n 1 | grep -E "sessions=$2 new=$3( |\$)" || return 1
  raise "$1"
  wait_until 20 has_colour "$1" "$SELECTED" 5000
}
since_now() { SINCE=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ); }
# told [SESSION]: the names of the events since then.
told() {
  "$E2E_BIN/tsquery" events --json --since "$SINCE" --runtime "$W/s/run" --state "$W/s/state" ${1:+--session "$1"} |
    jq -r .event | xargs
}
# a_second_later: times of sessions are in seconds.
a_second_later() { local now; now=$(date +%s); wait_until 5 eval "[ \$(date +%s) != $now ]"; }
disc() { wait_until 10 has_session ".id == $1 and .state == \"Disc\""; }
# two: FIRST and SECOND are alice's; her clients are called one and two.
two() {
  local before; before=$(asked)
  logs_on one /client-hostname:desk-1
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  in_front one "$FIRST"
  [ "$(asked)" = "$before" ]
  since_now
  logs_on two /client-hostname:desk-2
  list two 1 yes "$before"
  type_in two :End :Return
  SECOND=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\" and .id != $FIRST")
  in_front two "$SECOND"
}

@test "a user begins two sessions, leaves them, and gets back the one they choose" {
  two
  # Nobody was taken anything away, and the second began where its user logged on.
  has_session ".id == $FIRST and .state == \"Active\""
  [ "$(told)" = "connect logon" ]
  cut_client one; disc "$FIRST"
  a_second_later
  cut_client two; disc "$SECOND"
  # With the keyboard: the one that was left last is on top, the other one below it.
  local before; before=$(asked)
  since_now
  logs_on c3 /client-hostname:desk-3
  list c3 2 no "$before"
  no_session '.state == "Active"'
  type_in c3 :Down :Return
  in_front c3 "$FIRST"
  has_session ".id == $SECOND and .state == \"Disc\""
  wait_until 10 no_session '.state == "Conn" and .id != 0'
  [ "$(told "$FIRST")" = reconnect ]
  [ "$(told)" = "connect reconnect" ]
  cut_client c3; disc "$FIRST"
  # With the mouse: the second row, then the button.
  before=$(asked)
  logs_on c4 /size:1280x720
  list c4 2 no "$before"
  local x y width height
  read -r x y width height < <(rows_of c4 "$SELECTED" 200)
  click c4 $((x + 60)) $((y + height + height / 2))
  wait_until 10 eval "[ \"\$(rows_of c4 '$SELECTED' 200 | cut -d' ' -f2)\" -gt $y ]"
  # The button is below all else that has its colour.
  read -r x y width height < <(rows_of c4 "$ACCENT" 200)
  click c4 $((x + width / 2)) $((y + height - 8))
  in_front c4 "$SECOND"
  has_session ".id == $FIRST and .state == \"Disc\""
}

@test "one that a client is connected to is taken over" {
  two
  cut_client two; disc "$SECOND"
  local before; before=$(asked)
  since_now
  # Typed this time, at another client program.
  rdesk c3 "$E2E_ALICE" "" -a 32 -g 640x480
  form c3
  type_in c3 "$E2E_PASSWORD" :Return
  list c3 2 no "$before"
  type_in c3 :End :Return
  [ "$(exit_of one)" = 5 ]
  in_front c3 "$FIRST"
  [ "$(told "$FIRST")" = takeover ]
  has_session ".id == $SECOND and .state == \"Disc\""
  not log_has "$E2E_PASSWORD"
}

@test "Escape goes back to the form; nothing is begun and the password is asked for again" {
  logs_on one
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  in_front one "$FIRST"
  local before; before=$(asked)
  logs_on c2
  list c2 1 yes "$before"
  # While the list is up nobody holds the password.
  [ -n "$(holders "$W/s/run")" ]
  run -0 holders "$E2E_PASSWORD"
  echo "$output"
  [ -z "$output" ]
  type_in c2 :Escape
  wait_until 20 lacks_colour c2 "$SELECTED" 1000
  form c2
  [ "$(session_where '.user != ""' | wc -l)" = 1 ]
  type_in c2 :Return
  before=$(asked)
  type_in c2 "$E2E_PASSWORD" :Return
  list c2 1 yes "$before"
  type_in c2 :Return
  in_front c2 "$FIRST"
}

@test "a session that ends while the list is up is not had, and the list says so" {
  two
  cut_client one; disc "$FIRST"
  a_second_later
  cut_client two; disc "$SECOND"
  local before; before=$(asked)
  logs_on c3
  list c3 2 no "$before"
  ctl logoff "$SECOND"
  type_in c3 :Home :Return
  list c3 1 yes $((before + 1))
  wait_until 20 has_colour c3 "$INFO" 3000
  # The last one, too; what is left is to begin one.
  ctl logoff "$FIRST"
  type_in c3 :Home :Return
  list c3 0 yes $((before + 2))
  type_in c3 :Return
  in_front c3 "$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")"
  not log_has 'Starting the logon screen anew'
}

# two_lists: alice has session FIRST, and two more of her clients, c2 and c3, have the list before them.
two_lists() {
  local before; before=$(asked)
  logs_on one
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  in_front one "$FIRST"
  logs_on c2
  list c2 1 yes "$before"
  logs_on c3
  list c3 1 yes $((before + 1))
}

@test "of two who choose the last new one, one is told that there are too many" {
  local before; before=$(asked)
  two_lists
  type_in c2 :End :Return
  SECOND=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\" and .id != $FIRST")
  type_in c3 :End :Return
  list c3 2 no $((before + 2))
  wait_until 20 has_colour c3 "$ERROR" 3000
  [ "$(session_where '.user != ""' | wc -l)" = 2 ]
}

@test "while new logons are off the list has what is there and nothing new" {
  logs_on one
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  in_front one "$FIRST"
  cut_client one; disc "$FIRST"
  local before; before=$(asked)
  logs_on c2
  list c2 1 yes "$before"
  ctl drain on
  type_in c2 :End :Return
  list c2 1 no $((before + 1))
  wait_until 20 has_colour c2 "$INFO" 3000
  type_in c2 :End :Return
  in_front c2 "$FIRST"
}

@test "a client is moved between two sessions of one user" {
  two
  cut_client one; disc "$FIRST"
  ctl connect "$FIRST" --to "$SECOND"
  disc "$SECOND"
  in_front two "$FIRST"
  a_second_later
  cut_client two; disc "$FIRST"
  local before; before=$(asked)
  logs_on c3
  list c3 2 no "$before"
  type_in c3 :Down :Return
  in_front c3 "$SECOND"
}

@test "nobody is shown another user's sessions" {
  two
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_BOB\" and .state == \"Active\""
  local before; before=$(asked)
  freerdp bob2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  list bob2 1 yes "$before"
}

@test "a logon screen that dies shows the list again; names of clients are only letters" {
  local before
  logs_on one "/client-hostname:$(printf '\033[2J\342\200\256e<b>\n%%s')"
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  in_front one "$FIRST"
  cut_client one; disc "$FIRST"
  before=$(asked)
  logs_on c2
  list c2 1 yes "$before"
  kill -KILL "$(host_child "$(session_id '.state == "Conn" and .id != 0')" tslogon)"
  wait_until 10 log_has "Starting the logon screen anew: tslogon was killed by signal 9"
  wait_until 20 has_colour c2 "$SELECTED" 5000
  [ "$(asked)" = $((before + 1)) ]
  type_in c2 :Home :Return
  in_front c2 "$FIRST"
}

@test "a list that is up outlives the session manager: a new session is had, a client that cannot be moved is let go" {
  local before; before=$(asked)
  two_lists
  before=$(role tssession)
  kill -KILL "$before"
  wait_until 20 eval "[ -n \"\$(role tssession)\" ] && [ \"\$(role tssession)\" != $before ]"
  # Both lists are still what they were.
  wait_until 20 has_session ".id == $FIRST and .state == \"Active\""
  wait_until 20 eval "[ \"\$(session_where '.state == \"Conn\" and .id != 0' | wc -l)\" = 2 ]"
  raise c3
  wait_until 20 has_colour c3 "$SELECTED" 5000
  type_in c3 :End :Return
  in_front c3 "$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\" and .id != $FIRST")"
  type_in c2 :Home :Return
  [ "$(exit_of c2)" = 7 ]
  has_session ".id == $FIRST and .state == \"Active\" and .client != null"
}
