#!/usr/bin/env bats
# Each role started by hand, without `tsctl up` and without systemd: in any order, with nothing prepared, each says once
# what it waits for and works when that has come.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  new_work
  start_screen
  # The accounts of the installation, as its administrator makes them.
  systemd-sysusers "$E2E_ROOT/inst/usr/lib/sysusers.d/ts.conf"
}
teardown_file() {
  kill "$SCREEN_PID"; wait "$SCREEN_PID" || true
  rm -rf "$W"
}
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 15 "$W"/{tsd,tssession,tsspawn}*.log >&2
  end_clients
  stop tsd tssession tsspawn other
  no_report
}

# start ROLE [OPTION...]: as root, or with AS as that account; its log is $W/ROLE.log. PID_ROLE becomes its pid.
start() {
  local role=$1 path; shift
  path=$E2E_ROOT/inst/usr/sbin/$role
  [ "$role" != tsspawn ] || path=$E2E_ROOT/inst/usr/libexec/ts/tsspawn
  local as=(env)
  [ -z "${AS:-}" ] || as=(setpriv --reuid "$AS" --regid "$AS" --init-groups --)
  env -i PATH="$PATH" HOME="$W/home" LANG=C.UTF-8 "${as[@]}" "$path" --state "${STATE:-$W/s/state}" --runtime "$W/s/run" \
    --set 'listener.address=["127.0.0.1:0"]' --set sessions.end_timeout=2s "$@" >"$W/${LOG:-$role}.log" 2>&1 3>&- &
  declare -g "PID_${LOG:-$role}=$!"
}
# stop ROLE...: each with TERM, to its end.
stop() {
  local name pid
  for name in "$@"; do
    pid=PID_$name
    [ -n "${!pid:-}" ] || continue
    kill "${!pid}" 2>/dev/null && wait "${!pid}"
    declare -g "$pid="
  done
}
# lines ROLE PATTERN: how many of its log. says ROLE PATTERN: at least one.
lines() { grep -cE -- "$2" "$W/$1.log" || true; }
says() { [ "$(lines "$@")" -ge 1 ]; }
says_times() { [ "$(lines "$1" "$2")" -ge "$3" ]; }

# What each role cannot do without.
declare -A NEEDS=([tsd]="tsspawn tssession" [tssession]="tsspawn" [tsspawn]="")

logs_on() {
  ADDRESS=$(sed -n 's/.*Listening address=//p' "$W/tsd.log")
  freerdp me "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  SESSION=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
}

# in_order ROLE ROLE ROLE: each is started when the one before has come up or says what it waits for.
in_order() {
  local role needed there=" "
  for role in "$@"; do
    start "$role"
    for needed in ${NEEDS[$role]}; do
      [[ $there == *" $needed "* ]] || wait_until 10 says "$role" "warning $role\[.*: Waiting for $needed, "
    done
    [ "$role" != tsspawn ] || wait_until 10 test -S "$W/s/run/tsspawn.sock"
    [ "$role" != tssession ] || wait_until 10 test -S "$W/s/run/tssession.sock"
    there+="$role "
  done
  wait_until 20 has_session '.state == "Listen"'
  logs_on
  # Once each, however often they tried.
  there=" "
  for role in "$@"; do
    for needed in ${NEEDS[$role]}; do
      local expected=1
      [[ $there != *" $needed "* ]] || expected=0
      [ "$(lines "$role" "Waiting for $needed")" = "$expected" ]
      [ "$expected" = 0 ] || wait_until 5 says "$role" "Reached $needed\$"
    done
    there+="$role "
  done
  ctl logoff "$SESSION"
  [ "$(exit_of me)" = 2 ]
  stop "$@"
}

@test "tsspawn, tssession, tsd" { in_order tsspawn tssession tsd; }
@test "tsspawn, tsd, tssession" { in_order tsspawn tsd tssession; }
@test "tssession, tsspawn, tsd" { in_order tssession tsspawn tsd; }
@test "tssession, tsd, tsspawn" { in_order tssession tsd tsspawn; }
@test "tsd, tsspawn, tssession" { in_order tsd tsspawn tssession; }
@test "tsd, tssession, tsspawn" { in_order tsd tssession tsspawn; }

@test "started as root, tsd and tssession go on as their own accounts, and their files are theirs" {
  rm -rf "$W/s/state" "$W/s/run"
  start tsd
  start tssession
  start tsspawn
  wait_until 20 has_session '.state == "Listen"'
  local role
  for role in tsd tssession; do
    local pid=PID_$role uid
    uid=$(id -u $role)
    grep -qx $'Uid:\t'"$uid"$'\t'"$uid"$'\t'"$uid"$'\t'"$uid" "/proc/${!pid}/status"
    grep -qx $'CapEff:\t0000000000000000' "/proc/${!pid}/status"
    grep -qx $'NoNewPrivs:\t1' "/proc/${!pid}/status"
  done
  [ "$(stat -c '%U %a' "$W/s/state/pki/tsd" "$W/s/state/pki/tsd/key.pem" "$W/s/run" "$W/s/run/empty" "$W/s/run/hosts.sock" | tr '\n' ,)" = \
    "tsd 700,tsd 600,root 755,root 555,root 600," ]
}

@test "restarting any of them by hand: the session goes on, but for tsspawn, whose end is its own" {
  start tsspawn
  start tssession
  start tsd
  wait_until 20 has_session '.state == "Listen"'
  logs_on
  local mine=".id == $SESSION and .user == \"$E2E_ALICE\" and .state == \"Active\""
  stop tsd
  start tsd
  wait_until 20 has_session '.state == "Listen"'
  stop tssession
  start tssession
  wait_until 20 has_session "$mine"
  wait_until 10 says tsd 'Reached tssession$'
  not ended me
  stop tsspawn
  [ "$(exit_of me)" = 2 ]
  start tsspawn
  wait_until 10 says tssession 'Reached tsspawn$'
  wait_until 10 says tsd 'Reached tsspawn$'
  [ "$(lines tsd 'Waiting for tsspawn')" = 1 ]
  [ "$(lines tssession 'Waiting for tsspawn')" = 1 ]
  logs_on
}

@test "one that may not ask says so once, however often it is turned away" {
  start tsspawn
  start tssession
  wait_until 20 has_session '.state == "Idle"'
  mkdir -m 700 "$W/bobs"
  chown "$E2E_BOB" "$W/bobs"
  AS=$E2E_BOB STATE=$W/bobs LOG=other start tsd
  wait_until 20 says_times tsspawn 'Refusing a caller that is neither tssession nor tsd' 3
  [ "$(lines other 'Waiting for tsspawn, ')" = 1 ]
  [ "$(lines other 'Waiting for tssession, ')" = 1 ]
  [ "$(lines other Reached)" = 0 ]
  [ "$(lines other '')" -le 6 ]
}

@test "without root, with nothing prepared: the last one that comes completes it" {
  rm -rf "$W/s/state" "$W/s/run"
  AS=$E2E_BOB
  chown "$E2E_BOB" "$W/s"
  chmod 755 "$W/s"
  local role
  for role in tsd tssession tsspawn; do start $role --set accounts.backend=file; done
  wait_until 20 eval 'as "$E2E_BOB" "$E2E_BIN/tsquery" session --json --runtime "$W/s/run" | jq -e ".sessions | any(.state == \"Listen\") and any(.state == \"Idle\")"'
  [ "$(stat -c '%U %a' "$W/s/run")" = "$E2E_BOB 700" ]
  stop tsd tssession tsspawn
}
