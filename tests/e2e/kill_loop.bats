#!/usr/bin/env bats
# Ten clients at work while programs of the server are killed at random moments: afterwards everybody is where they were.
# TS_KILL_ROUNDS says how often (10; `make soak` does many).
bats_require_minimum_version 1.5.0
load helpers
load worker

setup() {
  worker_shell
  new_work
  make_crowd 10
  start_server --set "$WORKER_OPTION" --set sessions.per_user=1
  PORT=${ADDRESS##*:}
  local user i=0
  for user in $CROWD; do arrive "$user" $((i++ % 2)); done
  for user in $CROWD; do wait_until 30 is_ready "$user"; done
}
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { query; tail -n 60 "$W/up.log"; } >&2
  local status=0
  stop_server || status=$?
  rm -rf "$WORKER"
  drop_crowd
  return "$status"
}

# arrive USER KIND: both come back by themselves when their connection breaks.
arrive() {
  if [ "$2" = 0 ]; then
    freerdp "$1" "$1" "$E2E_PASSWORD" /size:400x300 +auto-reconnect /auto-reconnect-max-retries:20
  else
    rdesk "$1" "$1" "$E2E_PASSWORD" -g 400x300
  fi
}
is_ready() {
  local id
  id=$(session_id ".user == \"$1\" and .state == \"Active\"") && [ -n "$id" ] && grep -qx "$id ready" "$LINES_READ"
}
one_of() { local all=("$@"); echo "${all[RANDOM % ${#all[@]}]}"; }

# as_they_are: what must not change, one session a line: with its host's display server and tsuserinit, the shell's parent.
as_they_are() {
  { ps -e -o pid=,ppid=,comm= && query | jq -r '.sessions[] | select(.user != "") | "session \(.id) \(.user) \(.state) \(.pid) \(.display) \(.logon_time)"'; } |
    awk '$1 == "session" { print $0, below[$5, "Xvfb"], below[$5, "tsuserinit"]; next } { below[$2, $3] = $1 }'
}
same_as_before() { [ "$(as_they_are 2>/dev/null)" = "$BEFORE" ]; }
idle_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }

# victim NAME: the pid of one of the programs of that name.
victim() {
  local id
  case $1 in
    tsctl) echo "$UP_PID" ;;
    tsd | tssession) pgrep -P "$UP_PID" -x "$1" ;;
    # With a client, not one of those that wait.
    tsstack) one_of $(sed -n 's/.* tsstack\[\([0-9]*\)\]: Logged on .*/\1/p' "$W/up.log" | while read -r id; do
      not is_gone "$id" && echo "$id"
    done) ;;
    tsdisplay) host_child "$(one_of $(query | jq '.sessions[] | select(.user != "") | .id'))" tsdisplay ;;
    tslogon) host_child "$(one_of $(query | jq '.sessions[] | select(.state == "Idle") | .id'))" tslogon ;;
  esac
}
# at_work: somebody types while it happens.
at_work() { timeout 5 xdotool type --window "$(client_window "$1")" --delay 5 "while it happens"; }

# kill_one NAME: at some moment of the next third of a second.
kill_one() {
  local pid
  at_work "$(one_of $CROWD)" &
  local typing=$!
  wait_until 20 eval "victim $1 | grep -q ."
  pid=$(victim "$1")
  read -rt "0.$((RANDOM % 300 + 100))" <> <(:) || true
  kill -KILL "$pid" || [ "$1" != tsctl ]
  wait "$typing" || true
  [ "$1" = tsctl ] || return 0
  wait "$UP_PID" || true
  begin_server --set "$WORKER_OPTION" --set "listener.address=[\"127.0.0.1:$PORT\"]"
}

# all_well: nobody lost anything.
all_well() {
  local user
  wait_until 60 same_as_before || { diff <(echo "$BEFORE") <(as_they_are); return 1; }
  wait_until 30 idle_full
  for user in $CROWD; do [ ! -s "$W/$user.exit" ] || { echo "the client of $user has ended: $(cat "$W/$user.exit")"; return 1; }; done
  user=$(one_of $CROWD)
  SESSION=$(session_id ".user == \"$user\"")
  (works "$user")
  wait_until 20 same_picture "$user"
}
# same_picture USER: the client shows what the session shows. (Without the pointer and what blinks: the text's cursor.)
same_picture() {
  timeout 10 xdotool mousemove 1399 1049
  timeout 10 import -silent -window "$(client_window "$1")" "$W/client.png" && ctl screenshot "$SESSION" "$W/session.png" >/dev/null 2>&1 &&
    [ "$(compare -metric AE "$W/client.png" "$W/session.png" null: 2>&1)" = 0 ]
}

# exactly_one_ends SESSION PID: PID is killed, and with it that session.
exactly_one_ends() {
  local session=$1 user pids display pid
  user=$(session_where ".id == $session" | jq -r .user)
  pids=$(session_pids "$session")
  display=$(session_where ".id == $session" | jq .display)
  BEFORE=$(as_they_are | grep -v "^session $session ")
  kill -KILL "$2"
  wait_until 20 no_session ".id == $session"
  for pid in $pids; do wait_until 20 is_gone "$pid" || { ps -fp "$pid"; return 1; }; done
  not dead_display "$display"
  # Its client may be the one that tries to come back; the next gets a new session.
  wait_until 20 same_as_before || { diff <(echo "$BEFORE") <(as_they_are); return 1; }
  [ -s "$W/$user.exit" ] || cut_client "$user"
  arrive "$user" $((RANDOM % 2))
  wait_until 30 is_ready "$user"
  BEFORE=$(as_they_are)
  all_well
}

@test "${TS_KILL_ROUNDS:-10} deaths of tsd, tsstack, tssession, tsdisplay, tslogon and tsctl up; then of hosts and display servers" {
  local i name id names=(tsd tsstack tssession tsdisplay tslogon tsctl) rounds=${TS_KILL_ROUNDS:-10}
  SPAWNER=$(pgrep -P "$UP_PID" -x tsspawn)
  BEFORE=$(as_they_are)
  [ "$(grep -c ' Active ' <<<"$BEFORE")" = 10 ]
  for ((i = 0; i < rounds; i++)); do
    # Each at least once in six rounds, then whichever.
    name=${names[i < 6 ? i : RANDOM % 6]}
    echo "round $i: $name"
    kill_one "$name"
    all_well || { echo "after the death of $name in round $i"; return 1; }
  done
  # Nobody was lost, and nothing is left of what was restarted: no dead child, no second one of anything.
  kill -0 "$SPAWNER"
  [ -z "$(tree_below "$SPAWNER" | while read -r id; do grep -l '^State:.Z' "/proc/$id/status" 2>/dev/null; done)" ]
  [ "$(pgrep -P "$SPAWNER" -x tshost | wc -l)" = 13 ]
  for ((i = 0; i < (rounds + 8) / 9; i++)); do
    id=$(one_of $(query | jq '.sessions[] | select(.user != "") | .id'))
    exactly_one_ends "$id" "$(session_where ".id == $id" | jq .pid)"
    id=$(one_of $(query | jq '.sessions[] | select(.user != "") | .id'))
    exactly_one_ends "$id" "$(host_child "$id" Xvfb)"
  done
}
