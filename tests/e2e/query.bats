#!/usr/bin/env bats
# tsquery session and user with real sessions: what is chosen, what is shown, and changes as they happen.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  start_server --set 'sessions.shell="xterm -geometry 20x5"' --set sessions.end_timeout=1s
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 20 "$W/up.log"; head -n 50 "$W"/follow*; } >&2
  local pid
  for pid in ${FOLLOWERS:-}; do kill "$pid" 2>/dev/null && wait "$pid"; done
  end_clients
  log_all_off
}

ask() { "$E2E_BIN/tsquery" "$@" --runtime "$W/s/run"; }

# logs_on NAME USER [OPTION...]: xfreerdp, until its user's session is active. Sets SESSION.
logs_on() {
  local name=$1 user=$2; shift 2
  freerdp "$name" "$user" "$E2E_PASSWORD" /size:640x480 "$@"
  SESSION=$(session_in ".user == \"$user\" and .state == \"Active\"")
}

# follow NAME [OPTION...]: tsquery session --follow in the background into $W/NAME, until its first lines are there.
follow() {
  local name=$1; shift
  # A shell without job control has what it starts in the background ignore SIGINT.
  env --default-signal=INT "$E2E_BIN/tsquery" session --follow --runtime "$W/s/run" "$@" >"$W/$name" 2>"$W/$name.err" 3>&- &
  FOLLOWER=$!
  FOLLOWERS+=" $FOLLOWER"
  wait_until 10 test -s "$W/$name"
}
# saw NAME FILTER: a line of a follower in JSON is so.
saw() { jq -es "any(.[]; $2)" "$W/$1" >/dev/null; }

@test "sessions are chosen by user, id, name and state, and what is named and not there is exit 6" {
  logs_on alice "$E2E_ALICE" /client-hostname:alicespc
  local alice=$SESSION
  logs_on bob "$E2E_BOB"
  local bob=$SESSION
  cut_client bob
  wait_until 20 has_session ".id == $bob and .state == \"Disc\""
  [ "$(ask session --json --user "$E2E_ALICE" | jq '[.sessions[].id] == ['"$alice"']')" = true ]
  [ "$(ask session --json --id "$bob" | jq -r '.sessions[].user')" = "$E2E_BOB" ]
  [ "$(ask session --json "RDP-TCP#$alice" | jq -r '.sessions[].user')" = "$E2E_ALICE" ]
  [ "$(ask session --json --states active,disc | jq -c '[.sessions[].id] | sort')" = "$(jq -cn "[$alice,$bob] | sort")" ]
  [ "$(ask session --json --user "$E2E_ALICE" --states Disc)" = '{"sessions":[]}' ]
  run --separate-stderr ask session --json --user nobody-of-that-name
  [ "$status" = 6 ]
  [ -z "$output" ]
  [[ $stderr == *"no session has the user 'nobody-of-that-name'" ]]
  run --separate-stderr ask session "$((bob + 5000))"
  [ "$status" = 6 ]
  # The columns that were asked for, and no others.
  [ "$(ask session --columns id,state,client --id "$alice" | tr -s ' ')" = " ID STATE CLIENT
 $alice Active alicespc" ]
  [ "$(ask session --id "$bob" | head -n 1)" = " SESSIONNAME       USERNAME                 ID  STATE   TYPE        DEVICE" ]
}

@test "tsquery user lists who is logged on, to each their own and to root all" {
  logs_on alice "$E2E_ALICE"
  local alice=$SESSION
  logs_on bob "$E2E_BOB"
  ask user --json | jq -e --arg a "$E2E_ALICE" --arg b "$E2E_BOB" '[.users[].user] | sort == ([$a, $b] | sort)'
  ask user --json "$E2E_ALICE" | jq -e --argjson id "$alice" --argjson uid "$(id -u "$E2E_ALICE")" '.users == [{
    user: .users[0].user, domain: "", uid: $uid, session_name: "rdp-tcp#\($id)", session_id: $id, state: "Active",
    logon_time: .users[0].logon_time}]'
  # It was less than a minute ago, in both forms.
  local logon seconds
  logon=$(ask user --json "$alice" | jq -r '.users[].logon_time')
  seconds=$(($(date +%s) - $(date -d "$logon" +%s)))
  [ "$seconds" -ge 0 ] && [ "$seconds" -lt 60 ]
  [ "$(ask user | head -n 1 | tr -s ' ')" = " USERNAME SESSIONNAME ID STATE LOGON TIME" ]
  [[ $(TZ=Asia/Tokyo ask user "$alice" | tail -n 1) == *"Active  $(TZ=Asia/Tokyo date -d "$logon" '+%Y-%m-%d %H:%M')" ]]
  [ "$(as "$E2E_ALICE" "$E2E_BIN/tsquery" user --json --runtime "$W/s/run" | jq -r '.users[].user')" = "$E2E_ALICE" ]
  run --separate-stderr as "$E2E_ALICE" "$E2E_BIN/tsquery" user --runtime "$W/s/run" "$E2E_BOB"
  [ "$status" = 6 ]
  # The session that the command runs in is marked.
  [[ $(TS_SESSION_ID=$alice ask user "$alice" | tail -n 1) == ">$E2E_ALICE "* ]]
}

@test "--follow --json: one line for each change, as it happens, and to each only their own" {
  follow follow.root --json
  wait_until 10 saw follow.root '.change == "present" and .session.state == "Listen"'
  saw follow.root '.change == "present" and .session.id == 0'
  # Alice has nothing yet: no line at all.
  as "$E2E_ALICE" "$E2E_BIN/tsquery" session --follow --json --runtime "$W/s/run" >"$W/follow.alice" 2>&1 3>&- &
  FOLLOWERS+=" $!"
  follow follow.disc --states Disc
  logs_on bob "$E2E_BOB"
  wait_until 10 saw follow.root ".change == \"changed\" and .session.user == \"$E2E_BOB\" and .session.state == \"Active\""
  logs_on alice "$E2E_ALICE"
  wait_until 10 saw follow.alice ".change == \"new\" and .session.id == $SESSION and .session.state == \"Active\""
  # A new one takes the place of the one that was taken from the pool.
  saw follow.root '.change == "new" and .session.state == "Init"'
  cut_client alice
  wait_until 10 saw follow.alice ".change == \"changed\" and .session.state == \"Disc\""
  wait_until 10 grep -qE "  new .*$E2E_ALICE +$SESSION  Disc" "$W/follow.disc"
  ctl logoff "$SESSION"
  wait_until 10 saw follow.alice ".change == \"gone\" and .session.id == $SESSION"
  wait_until 10 saw follow.root ".change == \"gone\" and .session.id == $SESSION"
  wait_until 10 grep -qE "  gone .*$E2E_ALICE" "$W/follow.disc"
  [ "$(grep -c SESSIONNAME "$W/follow.disc")" = 1 ]
  # Nothing of bob's was ever told to alice, and every line is a document.
  jq -es --arg me "$E2E_ALICE" 'all(.[]; .session.user == $me) and length >= 3' "$W/follow.alice"
}

@test "--follow leaves out of a table what changes none of its columns" {
  follow follow.json --json
  follow follow.table --columns id,state
  logs_on bob "$E2E_BOB"
  # What starts in its place is Init twice, without and with its display, and then ready.
  wait_until 20 grep -qE ' changed +[0-9]+  Idle$' "$W/follow.table"
  saw follow.json '.change == "changed" and .session.state == "Init"'
  not grep -qE ' changed +[0-9]+  Init$' "$W/follow.table"
}

@test "--follow ends with 0 at SIGINT and when nobody reads any more, though nothing changes" {
  follow follow.int --json
  kill -INT "$FOLLOWER"
  local status=0
  wait "$FOLLOWER" || status=$?
  [ "$status" = 0 ]
  [ ! -s "$W/follow.int.err" ]
  # head has gone after its line: nothing else happens, and yet it ends.
  run --separate-stderr timeout 10 bash -c 'set -o pipefail; "$1" session --follow --json --runtime "$2" | head -n 1' - "$E2E_BIN/tsquery" "$W/s/run"
  [ "$status" = 0 ]
  [ -z "$stderr" ]
  jq -e '.change == "present"' <<<"$output"
}

@test "--follow ends with 4 and a sentence when the session manager goes" {
  follow follow.lost
  kill -TERM "$(pgrep -P "$UP_PID" -x tssession)"
  local status=0
  wait "$FOLLOWER" || status=$?
  [ "$status" = 4 ]
  [ "$(wc -l <"$W/follow.lost.err")" = 1 ]
  grep -q '^tsquery: the session manager has gone' "$W/follow.lost.err"
  wait_until 20 has_session '.state == "Listen"'
}

@test "a client's name breaks neither the table nor the terminal nor the document" {
  logs_on alice "$E2E_ALICE" $'/client-hostname:a\033[2J\u009b1m\u202eb'
  [ "$(ask session --columns id,client "$SESSION" | tail -n 1 | tr -s ' ')" = " $SESSION a?[2J?1m?b" ]
  ask session --json "$SESSION" >"$W/hostile.json"
  jq -e '.sessions[].client.name == "a\u001b[2J\u009b1m\u202eb"' "$W/hostile.json"
  not grep -qP '\x1b|\xc2\x9b|\xe2\x80\xae' "$W/hostile.json"
  [ "$(wc -l <"$W/hostile.json")" = 1 ]
}
