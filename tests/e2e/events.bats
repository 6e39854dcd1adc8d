#!/usr/bin/env bats
# What tsquery events tells of real clients, sessions and roles; who may read it; and what cannot break it.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  new_work
  printf '#!/bin/sh\nexec xterm -name marker\n' >"$W/shell"
  chmod 755 "$W/shell"
  # Small files, so that all of this is read across many; and as many sessions as two users need.
  start_server --set "sessions.shell=$W/shell" --set sessions.max=2 --set events.max_size=1k --set events.keep=100
}
teardown_file() { stop_server; }

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 20 "$W/up.log"; events | tail -n 20; } >&2
  end_clients
  [ -z "${FOLLOWER:-}" ] || kill "$FOLLOWER" 2>/dev/null || true
  [ -z "${ADMIN:-}" ] || userdel "$ADMIN"
  log_all_off
  wait_until 20 pool_is_full
}
pool_is_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }
role() { pgrep -P "$UP_PID" -x "$1"; }

tsevents() { "$E2E_BIN/tsquery" events --runtime "$W/s/run" --state "$W/s/state" "$@"; }
events() { tsevents --json "$@"; }
# now: for --since.
now() { date -u +%Y-%m-%dT%H:%M:%S.%6NZ; }
# has_event FILTER [OPTION...]: one that a jq condition selects.
has_event() { local filter=$1; shift; [ -n "$(events "$@" | jq -c "select($filter)")" ]; }
# names_of FILTER: of the events from standard input, in a row.
names_of() { jq -r "select($1) | .event" | xargs; }

logged_on() {
  freerdp "$@" /size:640x480
  ID=$(session_in ".user == \"$2\" and .state == \"Active\"")
}
# xterm_of ID: the process that is the session's shell.
xterm_of() {
  local pid
  for pid in $(session_pids "$1"); do
    if [ "$(ps -o comm= -p "$pid")" = xterm ]; then echo "$pid"; return 0; fi
  done
  return 1
}
# gone_away NAME: the client has ended, by itself or now.
gone_away() { ended "$1" || cut_client "$1"; }

# follow FILE [OPTION...]: in the background, until it has begun to print. FOLLOWER is its pid.
follow() {
  local file=$1; shift
  rm -f "$file"
  "$E2E_BIN/tsquery" events --json --follow --since 1h --runtime "$W/s/run" --state "$W/s/state" "$@" \
    >"$file" 2>"$file.err" 3>&- &
  FOLLOWER=$!
  wait_until 10 test -s "$file"
}

@test "a user's day: failed logon, logon, disconnect, reconnect, takeover, logoff; as a list and as it happens" {
  local since; since=$(now)
  follow "$W/followed"
  freerdp bad "$E2E_ALICE" "not-$E2E_PASSWORD" /client-hostname:desk-0
  wait_until 20 has_event ".event == \"logon-failed\" and .user == \"$E2E_ALICE\" and .client == \"desk-0\" and
    (.address | startswith(\"127.0.0.1:\")) and (.reason | length > 0)" --since "$since"
  gone_away bad
  wait_until 20 has_event '.event == "disconnect" and .client == "desk-0"' --since "$since"
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD" /client-hostname:desk-1
  cut_client c1
  wait_until 10 has_event ".event == \"disconnect\" and .session == $ID and .user == \"$E2E_ALICE\" and .reason == \"the client left\""
  logged_on c2 "$E2E_ALICE" "$E2E_PASSWORD" /client-hostname:desk-2
  wait_until 10 has_event ".event == \"reconnect\" and .session == $ID and .client == \"desk-2\""
  wait_until 20 pool_is_full_but_one
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /client-hostname:desk-3 /size:640x480
  [ "$(exit_of c2)" = 5 ]
  wait_until 10 has_event ".event == \"takeover\" and .session == $ID and .client == \"desk-3\" and
    .replaced_client == \"desk-2\" and (.replaced_address | startswith(\"127.0.0.1:\"))"
  ctl disconnect "$ID"
  ctl logoff "$ID"
  [ "$(events --since "$since" --session "$ID" | names_of true)" = \
    "connect logon disconnect reconnect takeover disconnect logoff" ]
  [ "$(events --since "$since" --user "$E2E_ALICE" --event logon,logoff | names_of true)" = "logon logoff" ]
  has_event ".event == \"disconnect\" and .session == $ID and .reason == \"disconnected by an administrator\"" --since "$since"
  has_event ".event == \"logoff\" and .session == $ID and .reason == \"logged off by an administrator\"" --since "$since"
  # The sessions in which the second and the third client logged on went without a word: each connection has one end.
  [ "$(events --since "$since" | names_of '.event == "connect"' | wc -w)" = 4 ]
  [ "$(events --since "$since" | names_of '.event == "disconnect"' | wc -w)" = 3 ]
  not has_event '.event == "session-ended"' --since "$since"
  # Who followed has read the same, across all the files that were turned over meanwhile.
  wait_until 10 eval "diff <(events) '$W/followed' >/dev/null"
  [ "$(find "$W/s/state/events/tssession" -name 'events.jsonl.*' | wc -l)" -ge 2 ]
  [ ! -s "$W/followed.err" ]
  # For people.
  tsevents --session "$ID" --since "$since" >"$W/table"
  grep -E "^TIME \(UTC\) +EVENT +ID +USER +ADDRESS +DETAILS$" "$W/table"
  grep -E "^$(date -u +%Y)-[-0-9]+ [0-9:.]+  takeover +$ID  $E2E_ALICE +127\.0\.0\.1:[0-9]+ +client desk-3, instead of desk-2, at 127" "$W/table"
}
pool_is_full_but_one() { [ "$(session_where '.state == "Idle"' | wc -l)" = 1 ]; }

@test "following ends with 0 at Ctrl-C, and when nobody reads any more" {
  follow "$W/followed"
  kill -INT "$FOLLOWER"
  wait "$FOLLOWER"
  FOLLOWER=
  # The reader goes when there is nothing to be written.
  (code=0; events --follow --since 1h || code=$?; echo "$code" >"$W/code") 3>&- | head -n 1
  wait_until 10 test -s "$W/code"
  [ "$(cat "$W/code")" = 0 ]
  (code=0; events || code=$?; echo "$code" >"$W/code.list") | head -n 1
  wait_until 10 test -s "$W/code.list"
  [ "$(cat "$W/code.list")" = 0 ]
}

@test "roles that are killed: their restart is told, and they write on" {
  local role since; since=$(now)
  has_event '.event == "service-started" and .role == "tsctl"'
  for role in tssession tsd; do has_event ".event == \"role-started\" and .role == \"$role\""; done
  for role in tssession tsd; do
    kill -KILL "$(role $role)"
    wait_until 20 has_event ".event == \"role-restarted\" and .daemon == \"$role\" and .reason == \"signal 9 (Killed)\"" --since "$since"
    wait_until 20 has_event ".event == \"role-started\" and .role == \"$role\"" --since "$since"
  done
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD"
  wait_until 10 has_event ".event == \"logon\" and .session == $ID" --since "$since"
  # What was there before is not told again.
  kill -KILL "$(role tssession)"
  wait_until 20 eval "[ \"\$(events --since '$since' | names_of '.event == \"role-started\" and .role == \"tssession\"' | wc -w)\" = 2 ]"
  wait_until 20 has_session ".id == $ID and .state == \"Active\""
  cut_client c1
  wait_until 10 has_event ".event == \"disconnect\" and .session == $ID" --since "$since"
  [ "$(events --since "$since" --session "$ID" | names_of true)" = "connect logon disconnect" ]
}

@test "a session whose host is killed has ended, and is not logged off" {
  local since; since=$(now)
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD"
  kill -KILL "$(session_where ".id == $ID" | jq .pid)"
  wait_until 20 has_event ".event == \"session-ended\" and .session == $ID and .user == \"$E2E_ALICE\" and
    (.reason | contains(\"signal 9\"))" --since "$since"
  [ "$(events --since "$since" --session "$ID" | names_of true)" = "connect logon disconnect session-ended" ]
  wait_until 20 pool_is_full
  logged_on c2 "$E2E_ALICE" "$E2E_PASSWORD"
  # Not before the session's scripts have made way for it: what they start and wait for ends without them.
  wait_until 20 xterm_of "$ID"
  kill -TERM "$(xterm_of "$ID")"
  wait_until 20 has_event ".event == \"logoff\" and .session == $ID and .reason == \"logged off by the user\"" --since "$since"
}

@test "connections that get no session are told with the reason: bad bytes, security, limits" {
  local since; since=$(now)
  printf 'GET / HTTP/1.0\r\n\r\n' | socat -t 5 - "TCP:$ADDRESS" || true
  wait_until 10 has_event '.event == "refused" and .role == "tsd" and (.address | startswith("127.0.0.1:")) and (.reason | length > 0)' --since "$since"
  [ "$(events --since "$since" | names_of '.event == "refused"')" = refused ]
  # A client that looks and leaves, as monitoring does, was not refused.
  socat -u /dev/null "TCP:$ADDRESS"
  freerdp old "$E2E_ALICE" "$E2E_PASSWORD" /sec:rdp
  exit_of old
  wait_until 10 has_event '.event == "refused" and .role == "tsd" and (.reason | contains("TLS is required"))' --since "$since"
  # That client tries more than once.
  [ "$(events --since "$since" --event refused | jq -r .reason | sort -u | wc -l)" = 2 ]
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD"
  logged_on c2 "$E2E_BOB" "$E2E_PASSWORD"
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /client-hostname:desk-3
  wait_until 20 has_event '.event == "limit" and .limit == "sessions.max" and .reason == "all 2 sessions are in use (sessions.max)"' --since "$since"
  wait_until 10 has_event '.event == "refused" and .role == "tssession" and .client == "desk-3" and (.reason | contains("sessions.max"))' --since "$since"
}

@test "names that clients choose break neither a line nor a terminal" {
  local since name; since=$(now)
  name=$'\e]0;x\a\n"}{\xc2\x9b2J'
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD" "/client-hostname:$name"
  freerdp bad $'e\e[2J\n{"event":"logon"}\xff' "$E2E_PASSWORD" /client-hostname:desk-9
  wait_until 20 has_event '.event == "logon-failed" and .client == "desk-9"' --since "$since"
  gone_away bad
  events --since "$since" >"$W/json"
  jq -e -s 'length >= 4 and all(.time and .event and .role)' "$W/json"
  jq -e -s 'any(.event == "connect" and (.client | startswith("\u001b]0;x\u0007")))' "$W/json"
  [ "$(jq -s length "$W/json")" = "$(wc -l <"$W/json")" ]
  tsevents --since "$since" >"$W/table"
  [ "$(wc -l <"$W/table")" = $(($(wc -l <"$W/json") + 1)) ]
  cat "$W/json" "$W/table" >"$W/both"
  not grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$W/both"
  local line
  while read -r line; do jq -e . <<<"$line" >/dev/null; done <"$W/json"
}

@test "root and members of tsadmin read, nobody else; each role writes in its own folder only" {
  run stat -c '%A %U:%G %n' "$W/s/state/events" "$W/s/state/events"/{tsctl,tsd,tssession} \
    "$W/s/state/events"/{tsctl,tsd,tssession}/events.jsonl
  echo "$output"
  [ "$output" = "drwxr-xr-x root:root $W/s/state/events
drwxr-s--- root:tsadmin $W/s/state/events/tsctl
drwxr-s--- tsd:tsadmin $W/s/state/events/tsd
drwxr-s--- tssession:tsadmin $W/s/state/events/tssession
-rw-r----- root:tsadmin $W/s/state/events/tsctl/events.jsonl
-rw-r----- tsd:tsadmin $W/s/state/events/tsd/events.jsonl
-rw-r----- tssession:tsadmin $W/s/state/events/tssession/events.jsonl" ]
  run --separate-stderr as "$E2E_BOB" "$E2E_BIN/tsquery" events --state "$W/s/state" --runtime "$W/s/run"
  [ "$status" = 5 ]
  [ -z "$output" ]
  [[ $stderr == *"are for root and members of the group 'tsadmin'"* ]]
  ADMIN=tsm$$
  useradd --no-create-home --groups tsadmin "$ADMIN" 3>&-
  as "$ADMIN" "$E2E_BIN/tsquery" events --json --state "$W/s/state" --runtime "$W/s/run" >"$W/theirs"
  diff <(events) "$W/theirs"
  not as "$ADMIN" sh -c "echo >>'$W/s/state/events/tsd/events.jsonl'"
  not as tsd sh -c "echo >>'$W/s/state/events/tssession/events.jsonl'"
  not as tssession sh -c "rm -f '$W/s/state/events/tsd/events.jsonl'"
}

@test "a torn line is skipped with one warning, and the next event is whole" {
  local file=$W/s/state/events/tssession/events.jsonl since; since=$(now)
  # In the middle and at the end, as a crash leaves it.
  printf 'torn\n{"time":"2026-' >>"$file"
  kill -KILL "$(role tssession)"
  wait_until 20 has_event '.event == "role-started" and .role == "tssession"' --since "$since" 2>/dev/null
  run --separate-stderr events --since "$since"
  [ "$status" = 0 ]
  jq -e . <<<"$output" >/dev/null
  [ "$(wc -l <<<"$stderr")" = 1 ]
  [[ $stderr == "tsquery: skipping what is no event in '$W/s/state/events/tssession'"* ]]
}

@test "without a folder for events a role says so once and serves" {
  local folder=$W/s/state/events/tssession lines; lines=$(grep -c 'Events are lost' "$W/up.log" || true)
  rm -r "$folder"
  logged_on c1 "$E2E_ALICE" "$E2E_PASSWORD"
  cut_client c1
  ctl logoff "$ID"
  [ "$(grep -c 'tssession.*Events are lost until they can be written' "$W/up.log")" = $((lines + 1)) ]
  install -d -o tssession -g tsadmin -m 2750 "$folder"
  wait_until 20 pool_is_full
  logged_on c2 "$E2E_ALICE" "$E2E_PASSWORD"
  wait_until 10 has_event ".event == \"logon\" and .session == $ID"
  wait_until 5 log_has 'Events are written again'
}
