#!/usr/bin/env bats
# What accounts of this machine get hold of, and what they can do to the sessions of others.
load helpers

setup_file() {
  new_work
  # Each chain forks its successor and exits, without end, without a mark, deaf to TERM. All hold this pipe.
  mkfifo -m 622 "$W/alive"
  cat >"$W/shell" <<END
#!/bin/sh
echo ready >"$W/out/shell.\$TS_SESSION_ID"
[ "\$USER" = "$E2E_BOB" ] && exec xterm
exec 9>"$W/alive"
for i in 1 2 3; do
  echo up >&9
  env -i setsid perl -e '\$SIG{TERM} = "IGNORE"; for (;;) { my \$p = fork; exit if \$p; select undef, undef, undef, 0.01 unless defined \$p }' &
done
exec xterm 9>&-
END
  chmod 755 "$W/shell"
  start_server --set "sessions.shell=$W/shell" --set sessions.end_timeout=2
}
teardown_file() { stop_server; }

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 25 "$W/up.log" >&2; tail -n 8 "$W"/c*.log >&2; }
  end_clients
  log_all_off
}

# logged_on NAME USER: sets SESSION.
logged_on() {
  freerdp "$1" "$2" "$E2E_PASSWORD" /size:640x480
  SESSION=$(session_in ".user == \"$2\" and .state == \"Active\"")
  wait_until 20 test -s "$W/out/shell.$SESSION"
}

@test "no process of a user holds a descriptor of the server" {
  logged_on c1 "$E2E_BOB"
  local pids pid
  pids=$(pgrep -u "$E2E_BOB")
  [ -n "$pids" ]
  for pid in $pids; do
    run find "/proc/$pid/fd" -lname "$W/up.*"
    [ -z "$output" ] || { tr '\0' ' ' <"/proc/$pid/cmdline"; echo "holds $output"; return 1; }
  done
}

@test "what marks a session's processes is not to be seen by other users" {
  logged_on c1 "$E2E_BOB"
  local key pid
  pid=$(shell_of "$SESSION")
  key=$(variable "$pid" TS_SESSION_KEY)
  [ "${#key}" -ge 16 ]
  grep -q "session-$SESSION-" "/proc/$pid/cgroup" || skip "no cgroup2 here"
  # The files of every process that others may read.
  run as "$E2E_ALICE" bash -c 'cat /proc/[0-9]*/{cmdline,cgroup,comm} 2>/dev/null | grep -aFc -f <(cat <&3)' 3<<<"$key"
  [ "$output" = 0 ]
}

@test "logoff ends processes that fork faster than they can be listed" {
  local both alive line start status=0
  # A pipe's reading end is opened at once while somebody might write.
  exec {both}<>"$W/alive"; exec {alive}<"$W/alive"; exec {both}>&-
  logged_on c1 "$E2E_ALICE"
  for _ in 1 2 3; do read -rt 20 -u "$alive" line; [ "$line" = up ]; done
  start=$SECONDS
  ctl logoff "$SESSION"
  [ $((SECONDS - start)) -le 10 ]
  no_session ".id == $SESSION"
  # The pipe's end says that nobody holds it any more; a time-out would be above 128.
  read -rt 5 -u "$alive" line || status=$?
  [ "$status" = 1 ]
}
