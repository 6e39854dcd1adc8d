#!/usr/bin/env bats
# A desktop outlives its clients, is there again for the next one, and ends when it is told to, with everything in it.
load helpers

setup_file() {
  new_work
  # A session with what is hard to end: daemons that have left it, one of them without its environment, and one that
  # does not listen to TERM.
  cat >"$W/shell" <<END
#!/bin/bash
exec 3>"$W/out/pids.\$TS_SESSION_ID"
(setsid bash -c 'echo \$BASHPID >&3; exec tail -f /dev/null' &)
(env -i setsid bash -c 'echo \$BASHPID >&3; exec tail -f /dev/null' &)
(trap '' TERM; bash -c 'echo \$BASHPID >&3; exec tail -f /dev/null' &)
exec 3>&-
exec xterm -name marker -geometry 60x10+50+50
END
  chmod 755 "$W/shell"
  export CUT_ADDRESS=10.213.$((RANDOM % 256)).1
  export CUT_LINK=tsc$$
  network_to_cut
  start_server --set "sessions.shell=$W/shell" --set sessions.end_timeout=1 \
    --set "listener.address=[\"127.0.0.1:0\",\"$CUT_ADDRESS:0\"]"
  # The console's and those of the two that wait.
  framebuffers_are 3
}

teardown_file() {
  kill "$CUT_PID"  # its network goes with it
  stop_server
}

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { { tail -n 20 "$W/up.log"; ps -e -o pid,ppid,user,stat,args --forest | grep -A9 "tshost.*$W"; } >&2; }
  end_clients
  log_all_off
}

# A network of its own for one client, with one cable that can be pulled. CUT_PID lives in it.
network_to_cut() {
  unshare --net tail -f /dev/null 3>&- &
  export CUT_PID=$!
  wait_until 5 eval '[ "$(readlink /proc/$CUT_PID/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
  ip link add "$CUT_LINK" type veth peer name inside netns "$CUT_PID"
  ip address add "$CUT_ADDRESS/24" dev "$CUT_LINK"
  ip link set "$CUT_LINK" up
  nsenter --target "$CUT_PID" --net sh -c "ip address add ${CUT_ADDRESS%.1}.2/24 dev inside; ip link set inside up"
}

# How many pictures the server's processes hold.
framebuffers() {
  local pid
  for pid in $(tree_below "$UP_PID"); do
    grep -ho '[0-9]* */memfd:framebuffer' "/proc/$pid/maps" 2>/dev/null || true
    stat -L -c '%i %N' "/proc/$pid/fd/"* 2>/dev/null | grep framebuffer || true
  done | awk '{print $1}' | sort -u | wc -l
}
framebuffers_are() { [ "$(framebuffers)" = "$1" ]; }

# logged_on CLIENT...: connects as alice; sets ID, SHELL_PID and WINDOW once her desktop is there.
logged_on() {
  local name=$1; shift
  freerdp "$name" "$E2E_ALICE" "$E2E_PASSWORD" "$@"
  ID=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  wait_until 20 marker "$ID"
  SHELL_PID=$(shell_of "$ID") WINDOW=$(cat "$W/marker")
}
marker() { on_session "$1" xdotool search --classname '^marker$' >"$W/marker" 2>/dev/null && [ -s "$W/marker" ]; }
desktop_is_same() {
  [ "$(shell_of "$ID")" = "$SHELL_PID" ] && marker "$ID" && [ "$(cat "$W/marker")" = "$WINDOW" ]
}
# Alice has one session, which is this one, and the one of her logon is gone: two that wait and nothing else.
only_this_session() { [ "$(query | jq -c '[.sessions[1:-1][] | select(.state != "Idle") | .id]')" = "[$ID]" ]; }
# Sessions that wait, and the hosts that they have.
idle_sessions() { query | jq -c '[.sessions[1:-1][] | select(.state == "Idle") | {id, pid}]'; }
two_are_idle() { [ "$(idle_sessions | jq length)" = 2 ]; }
# What every session has that waits: its display server, tsdisplay and the logon screen.
no_stranger() { [ "$(session_pids "$1" | wc -w)" -le 4 ]; }
is_disconnected() { has_session ".id == $ID and .state == \"Disc\" and .client == null and .user == \"$E2E_ALICE\" and .disconnect_time != null"; }
is_at() { has_session ".id == $ID and .state == \"Active\" and .client.width == $1 and .client.height == $2 and .client.depth == $3"; }

# nothing_left PIDS: none of these processes, nor those that left the session, and the picture's memory is free.
nothing_left() {
  local pid
  for pid in $1 $(cat "$W/out/pids.$ID"); do
    # Of a host its parent learns a moment after everybody else.
    wait_until 5 gone "$pid" || { ps -o pid,ppid,user,args -p "$pid" >&2; return 1; }
  done
  no_session ".id == $ID"
  wait_until 10 framebuffers_are 3
}

@test "a desktop runs on when its client is killed, and is there for another client at another size and depth" {
  logged_on c1 /size:1024x768
  session_is "$ID" 1024x768
  cut_client c1
  wait_until 10 is_disconnected
  desktop_is_same
  log_has "Connection ended peer=[^ ]+ session=$ID user=$E2E_ALICE"
  rdesk c2 "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a 16
  wait_until 20 is_at 800 600 16
  wait_until 10 session_is "$ID" 800x600
  desktop_is_same
  wait_until 10 only_this_session
  log_has "A user is back in session $ID"
  [ "$(on_session "$ID" xrandr | awk '/\*/ {print $1}')" = 800x600 ]
  cut_client c2
  wait_until 10 is_disconnected
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /size:1280x720
  wait_until 20 is_at 1280 720 32
  wait_until 10 session_is "$ID" 1280x720
  desktop_is_same
  wait_until 10 only_this_session
}

@test "a session that only checked a password was shown to nobody and waits for the next client" {
  logged_on c1 /size:1024x768
  cut_client c1
  wait_until 10 is_disconnected
  wait_until 10 two_are_idle
  before=$(idle_sessions)
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  wait_until 20 is_at 800 600 32
  wait_until 10 two_are_idle
  # Neither ended nor replaced, and nothing of the logon is left in them.
  [ "$(idle_sessions)" = "$before" ]
  not log_has "Ending a session that waits for nobody"
  for id in $(jq -r '.[].id' <<<"$before"); do
    not host_child "$id" tsuserinit
    wait_until 5 no_stranger "$id"
    ctl screenshot "$id" "$W/idle.$id.png"
    [ "$(identify -format %wx%h "$W/idle.$id.png")" = 1024x768 ]
  done
  freerdp c3 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  bobs=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  [ "$bobs" = "$(jq -r '.[0].id' <<<"$before")" ]
  wait_until 10 session_is "$bobs" 640x480
}

@test "tsctl disconnect lets the client go and tells it who did it" {
  logged_on c1 /size:800x600
  ctl disconnect "$ID"
  is_disconnected
  [ "$(exit_of c1)" = 1 ]
  log_has "Connection ends peer=[^ ]+ session=$ID user=$E2E_ALICE reason=\"disconnected by an administrator\""
  run ctl disconnect "$ID"
  [ "$status" = 1 ]
  [[ $output == *"no client is connected to session $ID"* ]]
  rdesk c2 "$E2E_ALICE" "$E2E_PASSWORD" -g 640x480 -a 24
  wait_until 20 is_at 640 480 24
  desktop_is_same
  as "$E2E_ALICE" "$E2E_BIN/tsctl" disconnect "$ID" --runtime "$W/s/run"
  [ "$(exit_of c2)" = 11 ]
  wait_until 5 log_has "reason=\"disconnected by the user\""
  desktop_is_same
}

@test "a second client takes the session over, and the first is told" {
  logged_on c1 /size:1024x768
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  [ "$(exit_of c1)" = 5 ]
  wait_until 10 is_at 800 600 32
  wait_until 10 session_is "$ID" 800x600
  desktop_is_same
  wait_until 10 only_this_session
  log_has "Connection ends peer=[^ ]+ session=$ID user=$E2E_ALICE reason=\"replaced by another connection"
  rdesk c3 "$E2E_ALICE" "$E2E_PASSWORD" -g 1024x768 -a 15
  [ "$(exit_of c2)" = 5 ]
  wait_until 10 is_at 1024 768 15
  desktop_is_same
  [ ! -s "$W/c3.exit" ]
}

# A stack that somebody took over does not go because it is told to. One that is stopped does not either.
stop_stack() {
  STACK=$(sed -n "s/.* tsstack\[\([0-9]*\)\]: Logged on .* session=$ID .*/\1/p" "$W/up.log" | tail -n 1)
  [ "$(cat "/proc/$STACK/comm")" = tsstack ]
  TSDISPLAY=$(pgrep -P "$(session_where ".id == $ID" | jq -r .pid)" -x tsdisplay)
  SOCKETS=$(display_sockets)
  kill -STOP "$STACK"
}
display_sockets() { readlink "/proc/$TSDISPLAY/fd/"* | grep -c '^socket:'; }
display_has() { [ "$(display_sockets)" = "$1" ]; }
stack_was_killed() {
  wait_until 15 gone "$STACK"
  log_has "Killing a stack that did not go when it had to pid=$STACK"
}

@test "a stack that does not go when its session is disconnected is cut off the display at once, then killed" {
  logged_on c1 /size:800x600
  stop_stack
  ctl disconnect "$ID"
  wait_until 4 display_has $((SOCKETS - 1))
  [ "$(cat "/proc/$STACK/comm")" = tsstack ]
  is_disconnected
  stack_was_killed
  is_disconnected
  desktop_is_same
}

@test "a stack that does not go when another takes over is cut off the display at once, then killed" {
  logged_on c1 /size:1024x768
  stop_stack
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  wait_until 20 is_at 800 600 32
  wait_until 4 display_has "$SOCKETS"
  stack_was_killed
  # The other one was moved here from the session of its logon, which is gone and has not killed it.
  wait_until 10 only_this_session
  is_at 800 600 32
  session_is "$ID" 800x600
  [ ! -s "$W/c2.exit" ]
  desktop_is_same
}

@test "the session of a client whose network was cut is there at once for a second one" {
  local here=$ADDRESS
  ADDRESS=$(query | jq -r '.sessions[-1].addresses[1]')
  mkdir -p "$W/home/c1"
  client_started c1 nsenter --target "$CUT_PID" --net xfreerdp "/v:$ADDRESS" "/u:$E2E_ALICE" "/p:$E2E_PASSWORD" \
    /cert:ignore /size:1024x768
  ADDRESS=$here
  ID=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\" and (.client.address | startswith(\"${CUT_ADDRESS%.1}.2:\"))")
  wait_until 20 marker "$ID"
  SHELL_PID=$(shell_of "$ID") WINDOW=$(cat "$W/marker")
  nsenter --target "$CUT_PID" --net ip link set inside down
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  wait_until 10 is_at 800 600 32
  wait_until 10 session_is "$ID" 800x600
  desktop_is_same
  # Its stack does not wait for ever for a client that cannot be told.
  log_has "Connection ends peer=${CUT_ADDRESS%.1}.2:[0-9]+ session=$ID user=$E2E_ALICE reason=\"replaced"
  wait_until 20 gone "$(sed -n "s/.*Client handed over peer=${CUT_ADDRESS%.1}.2:[0-9]* stack=//p" "$W/up.log")"
  wait_until 10 only_this_session
  is_at 800 600 32
}

@test "a session ends with its shell, and everything in it" {
  logged_on c1 /size:800x600
  local pids; pids=$(session_pids "$ID")
  [ "$(wc -l <"$W/out/pids.$ID")" = 3 ]
  kill -TERM "$SHELL_PID"
  [ "$(exit_of c1)" = 12 ]
  wait_until 10 no_session ".id == $ID"
  nothing_left "$pids"
  log_has "User logged off user=$E2E_ALICE"
  log_has "Connection ends peer=[^ ]+ session=$ID user=$E2E_ALICE reason=\"logged off by the user\""
}

@test "tsctl logoff ends a session with everything in it, also one without a client" {
  logged_on c1 /size:800x600
  local pids; pids=$(session_pids "$ID")
  ctl logoff "$ID"
  nothing_left "$pids"
  [ "$(exit_of c1)" = 2 ]
  log_has "Connection ends peer=[^ ]+ session=$ID user=$E2E_ALICE reason=\"logged off by an administrator\""
  logged_on c2 /size:800x600
  cut_client c2
  wait_until 10 is_disconnected
  pids=$(session_pids "$ID")
  ctl logoff "$ID"
  nothing_left "$pids"
}

@test "users see and steer their own sessions only, members of tsadmin all" {
  logged_on c1 /size:640x480
  local bob=(as "$E2E_BOB")
  run "${bob[@]}" "$E2E_BIN/tsquery" session --json --runtime "$W/s/run"
  [ "$status" = 0 ]
  [ "$(jq '[.sessions[] | select(.user != "" or .client != null)] | length' <<<"$output")" = 0 ]
  [[ $output != *"$E2E_ALICE"* ]]
  local verb
  for verb in logoff disconnect; do
    run "${bob[@]}" "$E2E_BIN/tsctl" "$verb" "$ID" --runtime "$W/s/run"
    [ "$status" = 5 ]
    [[ $output == *"session $ID is not yours"* ]]
  done
  is_at 640 480 32
  run ctl logoff 60000
  [ "$status" = 6 ]
  [[ $output == *"no session 60000"* ]]
  run "$E2E_BIN/tsctl" logoff "$ID" --runtime "$W/s/none"
  [ "$status" = 4 ]
  [[ $output == *"no terminal service answers"* ]]
  # Alice herself.
  run as "$E2E_ALICE" "$E2E_BIN/tsquery" session --json --runtime "$W/s/run"
  jq -e --argjson id "$ID" '[.sessions[] | select(.id == $id and .state == "Active")] | length == 1' <<<"$output"
  # Not bob: other files rely on what he may not do.
  local admin=tsm$$
  useradd --no-create-home --groups tsadmin "$admin" 3>&-
  run as "$admin" "$E2E_BIN/tsctl" logoff "$ID" --runtime "$W/s/run"
  userdel "$admin"
  [ "$status" = 0 ]
  [ "$(exit_of c1)" = 2 ]
}
