#!/usr/bin/env bats
# The server as a whole with sessions in it: how it ends, what a killed one leaves, two of them side by side, and starts
# that fail. What the supervisor does with its roles is in tests/cli/up.bats.
load helpers
load worker

setup() {
  worker_shell
  new_work
}
teardown() {
  local pid status=0
  for pid in "${UP_PID:-}" "${SPAWNER:-}" "${SCREEN_PID:-}" "${FIRST_UP:-}" "${FIRST_SCREEN:-}"; do
    [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || { kill -TERM "$pid"; wait_until 30 gone "$pid"; }
  done
  no_report || status=$?
  rm -rf "$W" "${FIRST:-$W}" "$WORKER"
  return $status
}

# two_sessions: one client connected, one session disconnected.
two_sessions() {
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  OTHER=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 grep -qx "$OTHER ready" "$LINES_READ"
  cut_client bob
  wait_until 20 has_session ".id == $OTHER and .state == \"Disc\""
  connect me
}
# inventory: what must not be there any more later on.
inventory() {
  # The pool is refilled a moment after a session was taken.
  wait_until 20 eval '[ "$(query | jq "[.sessions[] | select(.state == \"Idle\")] | length")" = 2 ]'
  PIDS=$(tree_below "$UP_PID")
  DISPLAYS=$(query | jq -r '.sessions[].display | numbers')
  # The folders that the two sessions have below /run/user: other servers may have theirs there for the same accounts.
  FOLDERS=
  local id
  for id in $(query | jq '.sessions[] | select(.user != "") | .id'); do
    FOLDERS+=" $(dirname "$(variable "$(shell_of "$id")" XAUTHORITY)")"
  done
  [ "$(wc -w <<<"$PIDS")" -ge 15 ]
  [ "$(wc -w <<<"$DISPLAYS")" -ge 4 ]
}
nothing_left() {
  local pid number folder
  for pid in $PIDS; do wait_until 20 is_gone "$pid" || { ps -fp "$pid"; return 1; }; done
  for number in $DISPLAYS; do not dead_display "$number"; done
  [ -n "$FOLDERS" ]
  for folder in $FOLDERS; do
    [[ $folder == /run/user/* ]]
    [ ! -e "$folder" ] || { find "$folder"; return 1; }
  done
  [ ! -e "$W/s/run" ] || { find "$W/s/run"; return 1; }
}
# ends_with SIGNAL: everybody is told, exit 0, nothing is left.
ends_with() {
  start_server --set "$WORKER_OPTION"
  two_sessions
  inventory
  local status=0
  kill "-$1" "$UP_PID"
  wait "$UP_PID" || status=$?
  echo "status $status"
  tail -n 30 "$W/up.log"
  [ "$status" = 0 ]
  # The client was told that its session ends: the server's administrator did it.
  [ "$(exit_of me)" = 2 ]
  nothing_left
  [ "$(wc -l <"$W/up.json")" = 1 ]
  UP_PID=
}

@test "SIGTERM with a client and user programs: all told, all ended, exit 0, nothing left" {
  ends_with TERM
}

@test "SIGINT does the same" {
  ends_with INT
}

@test "Ctrl-C at a terminal does the same, and the terminal gets the client's command line" {
  # A terminal of its own: script makes it, and what is written to the pipe is typed there.
  mkfifo "$W/keys"
  # shellcheck disable=SC2094
  env -i PATH="$PATH" HOME="$E2E_ROOT/home-$E2E_ALICE" TERM=dumb LANG=C.UTF-8 SUDO_USER="$E2E_ALICE" W="$W" \
    script -qefc "$E2E_BIN/tsctl up --state $W/s/state --runtime $W/s/run --set 'listener.address=[\"127.0.0.1:0\"]' --set '$WORKER_OPTION' 2>$W/up.log" \
    "$W/typescript" <>"$W/keys" >/dev/null 3>&- &
  local script=$!
  wait_until 30 grep -qs 'Ctrl-C' "$W/typescript"
  local line
  line=$(grep -oE 'xfreerdp /v:[0-9.]+:[0-9]+ /u:[^ ]+ /p:[A-Za-z0-9]{16} /cert:ignore' "$W/typescript")
  start_screen
  UP_PID=$(pgrep -P "$script" -x tsctl || pgrep -P "$(pgrep -P "$script")" -x tsctl)
  UP_USER=$E2E_ALICE
  # Exactly this line, as somebody would paste it.
  # shellcheck disable=SC2086
  client_started me $line
  SESSION=$(session_in ".user == \"$UP_USER\" and .state == \"Active\"")
  wait_until 20 grep -qx "$SESSION ready" "$LINES_READ"
  works me
  inventory
  printf '\003' >"$W/keys"
  local status=0
  wait "$script" || status=$?
  UP_PID=
  [ "$status" = 0 ]
  [ "$(exit_of me)" = 2 ]
  nothing_left
}

@test "state and runtime below a folder that only root may enter: a logon works" {
  rmdir "$W/s"
  mkdir -m 700 "$W/private"
  ln -s private "$W/s"
  start_server --set "$WORKER_OPTION" --state "$W/private/state" --runtime "$W/private/run"
  connect me
  [ "$(stat -c %a "$W/private")" = 700 ]
  stop_server
  UP_PID=
}

# up_is_killed: with clients in sessions. What a supervisor's death costs: its other roles, and nobody's session.
up_is_killed() {
  two_sessions
  PORT=${ADDRESS##*:}
  SPAWNER=$(pgrep -P "$UP_PID" -x tsspawn)
  SHOWN=$(query | jq -c '[.sessions[] | select(.user != "") | [.id, .user, .state, .pid, .display, .logon_time]]')
  DISPLAYS=$(query | jq -r '.sessions[].display | numbers')
  PIDS=$(tree_below "$SPAWNER")
  local role others
  others=$(pgrep -P "$UP_PID" -x 'tsd|tssession')
  kill -KILL "$UP_PID"
  wait "$UP_PID" || true
  UP_PID=
  for role in $others; do wait_until 5 is_gone "$role"; done
  kill -0 "$SPAWNER"
  works me
}

@test "a server that is killed loses no session: its clients work on, and the next one takes all over" {
  start_server --set "$WORKER_OPTION"
  up_is_killed
  local certificate
  certificate=$(sha256sum <"$W/s/state/pki/tsd/cert.pem")
  # Where clients look for it: at the same port.
  begin_server --set "$WORKER_OPTION" --set "listener.address=[\"127.0.0.1:$PORT\"]"
  log_has "Taking over tsspawn and its sessions from a 'tsctl up' that was killed pid=$SPAWNER"
  [ "$(sha256sum <"$W/s/state/pki/tsd/cert.pem")" = "$certificate" ]
  wait_until 20 eval '[ "$(query | jq -c "[.sessions[] | select(.user != \"\") | [.id, .user, .state, .pid, .display, .logon_time]]")" = "$SHOWN" ]'
  works me
  # Who was disconnected comes back to what they left; the next of all things that may die is started again.
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 has_session ".id == $OTHER and .state == \"Active\""
  (SESSION=$OTHER; works bob)
  # And what is ended in order leaves nothing.
  ctl logoff "$OTHER"
  [ "$(exit_of bob)" = 2 ]
  local pid number
  kill -TERM "$UP_PID"
  wait "$UP_PID"
  UP_PID=
  [ "$(exit_of me)" = 2 ]
  for pid in $PIDS; do wait_until 20 is_gone "$pid" || { ps -fp "$pid"; false; }; done
  for number in $DISPLAYS; do not dead_display "$number"; done
  [ -z "$(find "$W/s/run" -mindepth 1)" ] || { find "$W/s/run"; false; }
}

@test "a next one that cannot serve leaves the sessions alone, and the one after it takes them over" {
  start_server --set "$WORKER_OPTION"
  up_is_killed
  socat -d -d "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr" STDIO </dev/null 2>"$W/socat.log" 3>&- &
  local taken=$! status=0
  wait_until 5 grep -q 'listening on' "$W/socat.log"
  timeout 30 "$E2E_BIN/tsctl" up --json --state "$W/s/state" --runtime "$W/s/run" \
    --set "listener.address=[\"127.0.0.1:$PORT\"]" >"$W/fail.out" 2>"$W/fail.err" 3>&- || status=$?
  cat "$W/fail.err"
  [ "$status" = 1 ]
  grep -q "^tsctl: port $PORT on 127.0.0.1 is in use by another program" "$W/fail.err"
  kill "$taken"
  wait "$taken" || true
  # A certificate that cannot be used keeps tsd from starting.
  status=0
  timeout 60 "$E2E_BIN/tsctl" up --json --state "$W/s/state" --runtime "$W/s/run" --set "listener.address=[\"127.0.0.1:$PORT\"]" \
    --set listener.certificate=/nowhere.pem --set listener.private_key=/nowhere.key >"$W/fail.out" 2>"$W/fail.err" 3>&- || status=$?
  cat "$W/fail.err"
  [ "$status" = 1 ]
  grep -q 'The sessions that were taken over go on' "$W/fail.err"
  works me
  begin_server --set "$WORKER_OPTION" --set "listener.address=[\"127.0.0.1:$PORT\"]"
  wait_until 20 has_session ".id == $SESSION and .state == \"Active\""
  works me
  stop_server
  UP_PID=
}

@test "two servers side by side with the same user do not see each other" {
  start_server --set "$WORKER_OPTION"
  connect me
  FIRST=$W FIRST_UP=$UP_PID FIRST_ADDRESS=$ADDRESS FIRST_SCREEN=$SCREEN_PID FIRST_DISPLAY=$DISPLAY
  local first_session=$SESSION first_lines=$LINES_READ first_worker=$WORKER
  W='' UP_PID=''
  worker_shell
  new_work
  start_server --set "$WORKER_OPTION"
  [ "$ADDRESS" != "$FIRST_ADDRESS" ]
  # The password of one is nothing to the other.
  connect me
  [ "$(query | jq '[.sessions[] | select(.user != "")] | length')" = 1 ]
  ctl logoff "$SESSION"
  [ "$(exit_of me)" = 2 ]
  stop_server
  UP_PID=
  # The first one goes on as if nothing had been.
  W=$FIRST UP_PID=$FIRST_UP ADDRESS=$FIRST_ADDRESS SCREEN_PID=$FIRST_SCREEN DISPLAY=$FIRST_DISPLAY
  SESSION=$first_session LINES_READ=$first_lines
  rm -rf "$WORKER"
  WORKER=$first_worker
  has_session ".id == $SESSION and .state == \"Active\""
  works me
  stop_server
  UP_PID= FIRST_UP=
}

# fails CODE TEXT COMMAND...: with that code, one sentence on stderr that has TEXT, and nothing on stdout.
fails() {
  local code=$1 text=$2 status=0; shift 2
  timeout 30 "$@" >"$W/fail.out" 2>"$W/fail.err" 3>&- || status=$?
  echo "status $status"; cat "$W/fail.out" "$W/fail.err"
  [ "$status" = "$code" ]
  [ ! -s "$W/fail.out" ]
  [ "$(grep -c '^tsctl: ' "$W/fail.err")" = 1 ]
  grep -qF "$text" "$W/fail.err"
  [ ! -e "$W/s/run" ]
}

@test "a port that somebody has, a state folder that cannot be written: one sentence, nothing left" {
  socat -d -d TCP-LISTEN:0,bind=127.0.0.1 STDIO </dev/null 2>"$W/socat.log" 3>&- &
  local taken=$! port
  wait_until 5 grep -q 'listening on' "$W/socat.log"
  port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$W/socat.log")
  fails 1 "port $port on 127.0.0.1 is in use by another program" \
    "$E2E_BIN/tsctl" up --json --state "$W/s/state" --runtime "$W/s/run" --set "listener.address=[\"127.0.0.1:$port\"]"
  kill "$taken"
  wait "$taken" || true
  mkdir -m 755 "$W/locked"
  fails 5 "the folder '$W/locked/state' cannot be made, choose another with --state: Permission denied" \
    setpriv --reuid "$E2E_BOB" --regid "$E2E_BOB" --init-groups -- "$E2E_BIN/tsctl" up --json --state "$W/locked/state" --runtime "$W/s/run" --set 'listener.address=["127.0.0.1:0"]'
}

@test "a machine on which the display server is not installed: one sentence" {
  unshare -m true || skip "no name space for mounts can be made here"
  fails 1 "Xvfb is missing; install it with" \
    unshare -m bash -c "mount --bind /dev/null $(command -v Xvfb) && exec \"\$@\"" - \
    "$E2E_BIN/tsctl" up --json --state "$W/s/state" --runtime "$W/s/run" --set 'listener.address=["127.0.0.1:0"]'
}
