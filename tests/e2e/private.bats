#!/usr/bin/env bats
# sessions.isolation: private. Alice has two sessions, bob has one, and none sees anything of another.
bats_require_minimum_version 1.5.0
load helpers
load worker
load form

setup_file() {
  new_work
  # Accounts of this file only: the others' homes are below /tmp, of which private sessions have their own.
  export HOMES; HOMES=$(mktemp -d /var/tmp/ts-e2e.XXXXXX)
  chmod 755 "$HOMES"
  export E2E_ALICE=tsy$$ E2E_BOB=tsz$$
  local user
  for user in "$E2E_ALICE" "$E2E_BOB"; do
    useradd --create-home --home-dir "$HOMES/$user" --shell /bin/bash "$user" 3>&-
    echo "$user:$E2E_PASSWORD" | chpasswd
  done
  start_server --set sessions.isolation=private --set sessions.per_user=2 --set sessions.end_timeout=2s \
    --set 'sessions.shell="xterm -name marker -geometry 20x5+0+0"'
  freerdp one "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480 -grab-keyboard
  FIRST=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  freerdp c1 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480 -grab-keyboard
  OTHER=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  freerdp two "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480 -grab-keyboard
  wait_until 20 has_colour two "$SELECTED" 5000
  type_in two :End :Return
  SECOND=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\" and .id != $FIRST")
  local id
  for id in $FIRST $SECOND $OTHER; do wait_until 20 marker "$id"; done
  export FIRST SECOND OTHER
}

teardown_file() {
  local status=0 user
  stop_server || status=$?
  for user in "$E2E_ALICE" "$E2E_BOB"; do userdel "$user"; done
  rm -rf "$HOMES"
  return $status
}
teardown() { [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 30 "$W/up.log" >&2; }

marker() { on_session "$1" xdotool search --onlyvisible --classname '^marker$' >/dev/null 2>&1; }
user_of() { session_where ".id == $1" | jq -r .user; }
# inside ID COMMAND...: as the session's own programs do it.
inside() {
  local shell user; shell=$(shell_of "$1") user=$(user_of "$1"); shift
  nsenter --target "$shell" --pid --mount --ipc -- setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all -- \
    env DISPLAY="$(variable "$shell" DISPLAY)" XAUTHORITY="$(variable "$shell" XAUTHORITY)" \
    XDG_RUNTIME_DIR="$(variable "$shell" XDG_RUNTIME_DIR)" "$@"
}
# keeper_of ID: process 1 of the session's room, as the machine sees it.
keeper_of() {
  local pid
  for pid in $(session_pids "$1"); do [ "$(cat "/proc/$pid/comm")" != tsroom ] || echo "$pid"; done
}
room_of() { readlink "/proc/$(keeper_of "$1")/ns/pid"; }
# in_room ROOM: the processes of this PID namespace. (Nobody else makes such ones here, so that its number is not used again.)
in_room() { find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/pid' -lname "*${1//[!0-9]/}*" 2>/dev/null; }
is_empty() { [ -z "$(in_room "$1")" ]; }

@test "a session sees its own processes and no others, not even its user's" {
  local id
  for id in $FIRST $SECOND $OTHER; do
    inside "$id" ps -e -o comm= >"$W/ps"
    grep -qx tsroom "$W/ps"
    [ "$(grep -cx xterm "$W/ps")" = 1 ]
    not grep -qxE 'tshost|Xvfb|tsdisplay|tsspawn|tssession|xfreerdp|bats' "$W/ps"
    [ "$(inside "$id" cat /proc/1/comm)" = tsroom ]
  done
  # The numbers of processes outside lead nowhere, or to others.
  run ! inside "$SECOND" kill -0 "$(shell_of "$FIRST")"
}

@test "files in memory, shared memory and semaphores are each session's own" {
  inside "$FIRST" touch /tmp/mine /dev/shm/mine
  inside "$FIRST" test -e /tmp/mine
  local id segment
  for id in $SECOND $OTHER; do
    run ! inside "$id" test -e /tmp/mine
    run ! inside "$id" test -e /dev/shm/mine
  done
  not test -e /tmp/mine
  not test -e /dev/shm/mine
  segment=$(inside "$FIRST" ipcmk --shmem 4096 --mode 0666 | grep -oE '[0-9]+$')
  inside "$FIRST" ipcmk --semaphore 1 >/dev/null
  [ "$(inside "$FIRST" ipcs -m | grep -c "^0x.* $segment ")" = 1 ]
  for id in $SECOND $OTHER; do [ "$(inside "$id" ipcs -m -s | grep -c '^0x.*666')" = 0 ]; done
  # Nor are terminals and the runtime folder shared among sessions of one user.
  [ "$(inside "$SECOND" sh -c 'ls /dev/pts | xargs')" = "0 ptmx" ]
  [ "$(inside "$SECOND" sh -c 'echo "$XDG_RUNTIME_DIR"/ts-*')" = "$(dirname "$(variable "$(shell_of "$SECOND")" XAUTHORITY)")" ]
}

@test "a session's programs draw on its own display and find no other's socket" {
  local id
  for id in $FIRST $SECOND $OTHER; do
    [ "$(inside "$id" sh -c 'echo /tmp/.X11-unix/*')" = "/tmp/.X11-unix/X$(session_where ".id == $id" | jq -r .display)" ]
    inside "$id" xdpyinfo >/dev/null
    session_shot "$id" "$W/shot.png"
    [ "$(identify -format %k "$W/shot.png")" -gt 1 ]
  done
  run ! inside "$SECOND" env DISPLAY=":$(session_where ".id == $FIRST" | jq -r .display)" xdpyinfo
}

@test "messages are shown; processes are listed and signalled by the numbers that the machine has for them" {
  ctl message "$FIRST" "hello there"
  wait_until 10 eval 'on_session "$FIRST" xdotool search --onlyvisible --name "^Message$" >/dev/null 2>&1'
  wait_until 10 eval 'inside "$FIRST" pgrep -x tsmessage >/dev/null'
  "$E2E_BIN/tsquery" process --session "$OTHER" --json --runtime "$W/s/run" >"$W/p.json"
  local pid
  pid=$(jq '.processes[] | select(.name == "xterm") | .pid' "$W/p.json")
  [ "$(cat "/proc/$pid/comm")" = xterm ]
  [ "$(jq '[.processes[] | select(.name == "tsroom")] | length' "$W/p.json")" = 1 ]
  # One whose parent has gone is still the session's.
  inside "$OTHER" bash -c '(exec -a ts-orphan sleep 600 &)'
  pid=$(pgrep --ns "$(keeper_of "$OTHER")" --nslist pid -f '^ts-orphan')
  ctl kill "$pid"
  wait_until 10 gone "$pid"
}

@test "the end of a session leaves nothing of its room, whatever was forked there and ignores being told" {
  local room; room=$(room_of "$FIRST")
  not is_empty "$room"
  inside "$FIRST" sh -c 'trap "" TERM HUP; (setsid sh -c "trap \"\" TERM HUP; while :; do sleep 1; done" &)'
  ctl logoff "$FIRST"
  wait_until 20 no_session ".id == $FIRST"
  is_empty "$room"
  not grep -qE " /run/user/$(id -u "$E2E_ALICE")[ /]| /tmp/\.X11-unix" /proc/self/mountinfo
  # The other one of the same user goes on.
  marker "$SECOND"
}

@test "the death of a session's host leaves nothing of its room" {
  local room; room=$(room_of "$SECOND")
  not is_empty "$room"
  inside "$SECOND" sh -c '(setsid sh -c "trap \"\" TERM HUP; while :; do sleep 1; done" &)'
  kill -KILL "$(session_where ".id == $SECOND" | jq -r .pid)"
  wait_until 10 is_empty "$room"
  wait_until 20 no_session ".id == $SECOND"
}

@test "a shell that ends logs off, and the room goes with it" {
  local room; room=$(room_of "$OTHER")
  not is_empty "$room"
  pkill -TERM --ns "$(keeper_of "$OTHER")" --nslist pid -x xterm
  wait_until 20 no_session ".id == $OTHER"
  is_empty "$room"
}

@test "what cannot be private is not started, and says why" {
  # A home that the session's own /tmp would cover.
  mkdir "$W/home/below-tmp"
  usermod --home "$W/home/below-tmp" "$E2E_BOB"
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has "The shell of session .* could not be started: the home folder '.*' is below /tmp, of which a private session has its own"
  no_session ".user == \"$E2E_BOB\""
  cut_client c2
  run -3 setpriv --reuid "$E2E_ALICE" --regid "$E2E_ALICE" --init-groups -- "$E2E_BIN/tsctl" up --state "$W/x" --runtime "$W/y" \
    --set sessions.isolation=private
  [[ $output == *"sessions.isolation is 'private', which only root can do"* ]]
}
