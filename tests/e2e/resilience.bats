#!/usr/bin/env bats
# Each process is killed while one client is connected and another session is disconnected. What a daemon's death may
# cost: nothing. A stack: one connection. A display server or a host: exactly its session. tsspawn: the sessions.
load helpers
load worker

setup_file() {
  worker_shell
  # Somebody who comes while things are broken.
  CAROL=tsc$$
  export CAROL
  useradd --create-home --home-dir "$E2E_ROOT/home-$CAROL" --shell /bin/bash "$CAROL"
  echo "$CAROL:$E2E_PASSWORD" | chpasswd
  start_server --set "$WORKER_OPTION"
}
teardown_file() {
  local status=0
  stop_server || status=$?
  userdel "$CAROL"
  return "$status"
}

# Before each test: bob's session is disconnected, the server's user is connected and works.
setup() {
  MINE=".user == \"$UP_USER\"" BOBS=".user == \"$E2E_BOB\""
  wait_until 20 idle_full
  if ! has_session "$BOBS and .state == \"Disc\""; then
    freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
    OTHER=$(session_in "$BOBS and .state == \"Active\"")
    wait_until 20 grep -qx "$OTHER ready" "$LINES_READ"
    cut_client bob
  fi
  OTHER=$(session_in "$BOBS and .state == \"Disc\"")
  if has_session "$MINE and .state == \"Active\""; then
    SESSION=$(session_id "$MINE")
    works me
  else
    connect me
  fi
  ME=$(cat "$W/me.pid")
}
idle_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }
restarted() { local now; now=$(role "$1") && [ -n "$now" ] && [ "$now" != "$2" ]; }
# kill_role ROLE: and wait for the next one.
kill_role() {
  local before lines
  before=$(role "$1")
  lines=$(grep -c "$1 ended by itself or badly: signal 9 (Killed) pid=" "$W/up.log" || true)
  kill -KILL "$before"
  wait_until 20 restarted "$1" "$before"
  [ "$(grep -c "$1 ended by itself or badly: signal 9 (Killed) pid=" "$W/up.log")" = $((lines + 1)) ]
}
# sessions_are: what tsquery shows of those who are logged on.
sessions_are() {
  [ "$(query | jq -c '[.sessions[] | select(.user != "") | [.id, .user, .state, .pid, .logon_time]]' 2>/dev/null)" = "$1" ]
}
as_shown() { query | jq -c '[.sessions[] | select(.user != "") | [.id, .user, .state, .pid, .logon_time]]'; }

# unharmed: my client is the same process and works, both sessions are as they were; new logons and coming back work.
unharmed() {
  wait_until 20 sessions_are "$SHOWN"
  [ "$(cat "$W/me.pid")" = "$ME" ]
  not is_gone "$ME"
  works me
  wait_until 20 idle_full
  # Back to the session that was disconnected.
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 has_session ".id == $OTHER and .user == \"$E2E_BOB\" and .state == \"Active\""
  (SESSION=$OTHER; works bob)
  cut_client bob
  wait_until 20 has_session ".id == $OTHER and .state == \"Disc\""
  # Somebody new.
  freerdp carol "$CAROL" "$E2E_PASSWORD" /size:640x480
  local new
  new=$(session_in ".user == \"$CAROL\" and .state == \"Active\"")
  wait_until 20 grep -qx "$new ready" "$LINES_READ"
  ctl logoff "$new"
  [ "$(exit_of carol)" = 2 ]
  wait_until 20 no_session ".user == \"$CAROL\""
}

@test "tsd is killed: nobody notices, and who comes later is served" {
  SHOWN=$(as_shown)
  kill_role tsd
  unharmed
}

@test "tssession is killed: nobody notices, and the next one knows every session" {
  SHOWN=$(as_shown)
  kill_role tssession
  unharmed
}

@test "tssession is killed again and again: restarted with pauses that grow, sessions stay" {
  SHOWN=$(as_shown)
  local start=${EPOCHREALTIME/./}
  kill_role tssession
  kill_role tssession
  kill_role tssession
  # 200, 400 and 800 ms at least, after the one above.
  [ $((${EPOCHREALTIME/./} - start)) -ge 1400000 ]
  unharmed
}

@test "tsdisplay is killed: the picture goes on, pixel for pixel" {
  local display before
  before=$(host_child "$SESSION" tsdisplay)
  SHOWN=$(as_shown)
  kill -KILL "$before"
  wait_until 10 log_has "Starting tsdisplay anew"
  wait_until 10 display_restarted "$before"
  works me
  wait_until 10 same_picture
  unharmed
}
display_restarted() { local now; now=$(host_child "$SESSION" tsdisplay) && [ "$now" != "$1" ]; }
# The client's window and the session's own screen, without the pointer.
same_picture() {
  import -silent -window "$(client_window me)" "$W/client.png"
  on_session "$SESSION" import -silent -window root png:- >"$W/session.png"
  [ "$(identify -format '%wx%h %k' "$W/session.png")" != "640x480 1" ]
  [ "$(compare -metric AE "$W/client.png" "$W/session.png" null: 2>&1)" = 0 ]
}

@test "a stack is killed: one connection is lost, its session goes on and takes its user back" {
  local mine
  SHOWN=$(as_shown)
  mine=$(sed -n "s/.* tsstack\[\([0-9]*\)\]: Logged on .* session=$SESSION .*/\1/p" "$W/up.log" | tail -n 1)
  grep -qx tsstack "/proc/$mine/comm"
  kill -KILL "$mine"
  wait_until 10 has_session ".id == $SESSION and .state == \"Disc\""
  wait_until 10 log_has "A stack died, its client was cut off pid=$mine signal=KILL"
  exit_of me
  has_session ".id == $OTHER and .state == \"Disc\""
  freerdp me "$UP_USER" "$UP_PASSWORD" /size:640x480
  wait_until 20 has_session ".id == $SESSION and .state == \"Active\""
  ME=$(cat "$W/me.pid")
  unharmed
}

# exactly_mine_ended PIDS: my session and all that was in it is gone, my client was told; bob's goes on.
exactly_mine_ended() {
  local pid
  wait_until 20 no_session ".id == $SESSION"
  exit_of me
  for pid in $1; do wait_until 10 is_gone "$pid"; done
  not dead_display "$2"
  has_session ".id == $OTHER and .state == \"Disc\""
  SHOWN=$(as_shown)
  connect me
  ME=$(cat "$W/me.pid")
  SHOWN=$(as_shown)
  unharmed
}

@test "a display server is killed: exactly its session ends, the client is told, nothing of it is left" {
  local pids display mine=$SESSION
  pids=$(session_pids "$SESSION")
  display=$(session_where ".id == $SESSION" | jq .display)
  kill -KILL "$(host_child "$SESSION" Xvfb)"
  exactly_mine_ended "$pids" "$display"
  log_has "The display server of session $mine is gone, the session ends"
}

@test "a host is killed: exactly its session ends, nothing of it is left" {
  local pids display host
  pids=$(session_pids "$SESSION")
  display=$(session_where ".id == $SESSION" | jq .display)
  host=$(session_where ".id == $SESSION" | jq .pid)
  local session=$SESSION
  kill -KILL "$host"
  exactly_mine_ended "$pids" "$display"
  log_has "The host of session $session was killed by signal KILL"
}

@test "tsspawn is killed: sessions end, clients are cut off, all is started again and serves" {
  local pids pid displays
  pids="$(session_pids "$SESSION") $(session_pids "$OTHER")"
  displays=$(query | jq -r '.sessions[].display | numbers')
  kill_role tsspawn
  exit_of me
  for pid in $pids; do wait_until 20 is_gone "$pid"; done
  wait_until 20 no_session "$MINE or $BOBS"
  wait_until 30 idle_full
  connect me
  ME=$(cat "$W/me.pid")
  has_session ".user == \"$UP_USER\" and .state == \"Active\""
}
