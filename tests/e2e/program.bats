#!/usr/bin/env bats
# One program instead of the desktop, for clients that ask for it and servers that allow it.
load helpers

setup_file() {
  new_work
  make_shell
  mkdir -m 755 "$W/there"
  start_server --set "sessions.shell=$W/shell"
  export FILES_SERVER=$UP_PID
}

make_shell() {
  printf '#!/bin/sh\necho desktop >"%s/out/desktop.$TS_SESSION_ID"\nexec xterm -name desktop\n' "$W" >"$W/shell"
  chmod 755 "$W/shell"
}

teardown_file() { stop_server; }

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2
  if [ "$UP_PID" != "$FILES_SERVER" ]; then stop_server; return; fi
  end_clients
  log_all_off
}

active() { session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""; }
window_of() { on_session "$1" xdotool search --classname "^$2\$" >"$W/window" 2>/dev/null && [ -s "$W/window" ]; }

# The program that the clients ask for: it says where it is and waits to be told to end.
program() { echo "sh -c 'pwd >$W/out/folder.\$TS_SESSION_ID; exec xterm -name $1'"; }

# runs_alone ID NAME FOLDER: the program is there, in that folder, and no desktop is.
runs_alone() {
  wait_until 20 window_of "$1" "$2"
  [ "$(cat "$W/out/folder.$1")" = "$3" ]
  [ ! -e "$W/out/desktop.$1" ]
  session_where ".id == $1" | jq -e --arg name "$2" '.program | contains("xterm -name " + $name)'
}

@test "xfreerdp /shell: runs that program in that folder, and its end is the session's" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 "/shell:$(program alone)" "/shell-dir:$W/there"
  local id; id=$(active)
  runs_alone "$id" alone "$W/there"
  kill -TERM "$(shell_of "$id")"
  [ "$(exit_of c1)" = 12 ]
  wait_until 10 no_session ".id == $id"
  log_has "Connection ends peer=[^ ]+ session=$id user=$E2E_ALICE reason=\"logged off by the user\""
}

@test "rdesktop -s does, too; a folder that is not there leaves the program at home" {
  rdesk c1 "$E2E_ALICE" "$E2E_PASSWORD" -g 640x480 -s "$(program single)" -c "$W/nowhere"
  local id; id=$(active)
  runs_alone "$id" single "$E2E_ROOT/home-$E2E_ALICE"
  # It is there again for the next client, which asks for nothing or for something else.
  local shell; shell=$(shell_of "$id")
  cut_client c1
  wait_until 10 has_session ".id == $id and .state == \"Disc\""
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 "/shell:$(program other)"
  wait_until 20 has_session ".id == $id and .state == \"Active\" and .client.width == 800"
  [ "$(shell_of "$id")" = "$shell" ]
  window_of "$id" single
  not window_of "$id" other
  kill -TERM "$shell"
  [ "$(exit_of c2)" = 12 ]
}

@test "a program that cannot be run ends the session at once, and the client is told" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480 "/shell:$W/no-such-program"
  [ "$(exit_of c1)" = 12 ]
  wait_until 10 no_session ".user == \"$E2E_ALICE\""
  grep -q "no-such-program" "$E2E_ROOT/home-$E2E_ALICE/.xsession-errors"
  not ls "$W"/out/desktop.*
}

@test "where sessions.initial_program is false the desktop starts instead" {
  # A server of its own.
  unset W
  new_work
  make_shell
  start_server --set "sessions.shell=$W/shell" --set sessions.initial_program=false
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 "/shell:$(program alone)"
  local id; id=$(active)
  wait_until 20 window_of "$id" desktop
  [ -e "$W/out/desktop.$id" ]
  not window_of "$id" alone
  [ ! -e "$W/out/folder.$id" ]
  session_where ".id == $id" | jq -e '.program == ""'
}
