#!/usr/bin/env bats
# An ordinary user's own server, without root: the same for her account, with the passwords of a file.
load helpers

setup_file() {
  export E2E_AS=$E2E_ALICE
  new_work
  printf '#!/bin/sh\nid -un >"%s/out/shell.$TS_SESSION_ID"\n(setsid tail -f /dev/null &)\nexec xterm -name marker\n' \
    "$W" >"$W/shell"
  chmod 755 "$W/shell"
  start_server --set "sessions.shell=$W/shell" --set sessions.end_timeout=1
}

teardown_file() { stop_server; }

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2
  end_clients
  local id
  for id in $(session_where '.user != ""' | jq -r .id); do as "$E2E_ALICE" "$E2E_BIN/tsctl" logoff "$id" --runtime "$W/s/run"; done
}

active() { session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""; }
alice() { as "$E2E_ALICE" "$@"; }
own() { alice "$E2E_BIN/$1" "${@:2}" --runtime "$W/s/run" --state "$W/s/state"; }

# Every process of the server and its sessions is hers and has no rights but hers.
all_are_hers() {
  local pid uid count=0
  uid=$(id -u "$E2E_ALICE")
  for pid in $(tree_below "$UP_PID"); do
    [ -d "/proc/$pid" ] || continue
    [ "$(awk '/^Uid:/ {print $2, $3, $4}' "/proc/$pid/status")" = "$uid $uid $uid" ] &&
      grep -q 'CapEff:.0000000000000000' "/proc/$pid/status" || { ps -o pid,user,args -p "$pid" >&2; return 1; }
    count=$((count + 1))
  done
  [ "$count" -ge 12 ]
}

@test "the printed password works, and every process is hers" {
  [ "$UP_USER" = "$E2E_ALICE" ]
  freerdp c1 "$UP_USER" "$UP_PASSWORD" /size:1024x768
  local id; id=$(active)
  wait_until 10 test -s "$W/out/shell.$id"
  [ "$(cat "$W/out/shell.$id")" = "$E2E_ALICE" ]
  wait_until 10 session_is "$id" 1024x768
  all_are_hers
  # A stack is locked up without root, too, as far as that goes.
  local stack; stack=$(sed -n 's/.*Client handed over peer=[^ ]* stack=//p' "$W/up.log" | tail -n 1)
  grep -qP '^Seccomp:\t2$' "/proc/$stack/status"
  # tsquery shows her session to her, and to bob none.
  own tsquery session --json | jq -e --argjson id "$id" '.sessions[] | select(.id == $id) | .state == "Active"'
  run as "$E2E_BOB" "$E2E_BIN/tsquery" session --json --runtime "$W/s/run"
  [ "$status" != 0 ] || [[ $output != *"$E2E_ALICE"* ]]
  run as "$E2E_BOB" "$E2E_BIN/tsctl" logoff "$id" --runtime "$W/s/run"
  [ "$status" = 5 ]
  run as "$E2E_BOB" env DISPLAY="$(variable "$(shell_of "$id")" DISPLAY)" xdpyinfo
  [ "$status" != 0 ]
}

@test "tsctl passwd sets a password that logs on, and the file does not hold it" {
  local password="own password $$"
  printf '%s\n' "$password" | own tsctl passwd "$E2E_ALICE"
  not grep -rqF -- "$password" "$W/s/state" "$W/up.log"
  rdesk c1 "$E2E_ALICE" "$password" -g 800x600 -a 24
  local id; id=$(active)
  session_where ".id == $id" | jq -e '.client.depth == 24'
  own tsctl logoff "$id"
  [ "$(exit_of c1)" = 12 ]
  # The one that was printed goes on being good.
  freerdp c2 "$UP_USER" "$UP_PASSWORD" /size:640x480
  active
}

@test "a wrong password is refused, and so is everybody else" {
  freerdp c1 "$E2E_ALICE" "not-$UP_PASSWORD" /size:640x480
  wait_until 20 log_has "Failed logon client=[^ ]+ user=\"$E2E_ALICE\" session=[0-9]+ reason=\"the user name or the password is not right\""
  # The machine's own passwords say nothing here, not even hers.
  freerdp c2 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has "Failed logon client=[^ ]+ user=\"$E2E_BOB\" "
  freerdp c3 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  wait_until 20 eval '[ "$(grep -c "Failed logon client=.* user=.$E2E_ALICE. " "$W/up.log")" = 2 ]'
  no_session '.user != ""'
}

@test "she comes back to her desktop, and logging off leaves nothing of it" {
  freerdp c1 "$UP_USER" "$UP_PASSWORD" /size:1024x768
  local id shell pids pid
  id=$(active)
  wait_until 20 shell_of "$id" >/dev/null
  shell=$(shell_of "$id")
  cut_client c1
  wait_until 10 has_session ".id == $id and .state == \"Disc\""
  rdesk c2 "$UP_USER" "$UP_PASSWORD" -g 800x600 -a 16
  wait_until 20 has_session ".id == $id and .state == \"Active\" and .client.width == 800"
  wait_until 10 session_is "$id" 800x600
  [ "$(shell_of "$id")" = "$shell" ]
  log_has "A user is back in session $id"
  wait_until 10 test -s "$W/out/shell.$id"
  pids=$(session_pids "$id")
  [ "$(wc -w <<<"$pids")" -ge 6 ]
  own tsctl logoff "$id"
  # Her own doing: she is not told of an administrator.
  [ "$(exit_of c2)" = 12 ]
  for pid in $pids; do wait_until 5 gone "$pid"; done
  no_session ".id == $id"
}

@test "pictures of her sessions and messages to them work without root, for her alone" {
  freerdp c1 "$UP_USER" "$UP_PASSWORD" /size:640x480
  local id; id=$(active)
  wait_until 10 test -s "$W/out/shell.$id"
  own tsctl screenshot "$id" "$W/out/shot.png"
  [ "$(identify -format '%wx%h' "$W/out/shot.png")" = 640x480 ]
  [ "$(stat -c '%a %U' "$W/out/shot.png")" = "600 $E2E_ALICE" ]
  run own tsctl message "$id" --wait --timeout 1 "Anybody there?"
  [ "$status" = 7 ]
  own tsctl message "$id" "To myself"
  all_are_hers
  pgrep -u "$E2E_ALICE" -x tsmessage
  local command
  for command in "screenshot $id $W/out/bob.png" "message $id hello"; do
    # shellcheck disable=SC2086
    run as "$E2E_BOB" "$E2E_BIN/tsctl" $command --runtime "$W/s/run"
    [ "$status" != 0 ]
  done
  [ ! -e "$W/out/bob.png" ]
}
