#!/usr/bin/env bats
# A full disk, no descriptors, no memory: each is said in one line, the session that is there does not notice, and when there
# is room again the service goes on by itself. (No process slots: no_processes.bats.)
load helpers
load worker

setup_file() {
  new_work
  worker_shell
  # STATE is a small disk of its own, which only the server sees.
  mkdir "$W/s/state"
  cat >"$W/within" <<END
#!/bin/bash
exec unshare --mount --propagation private bash -c 'mount -t tmpfs -o size=512k,mode=755 none "\$0" && exec "\$@"' "$W/s/state" "\$@"
END
  chmod 755 "$W/within"
  E2E_WITHIN=$W/within start_server --set "$WORKER_OPTION" --set listener.handshake_timeout=20s
  connect victim
  export SESSION
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 40 "$W/up.log" >&2
  works victim
  has_session ".id == $SESSION and .state == \"Active\""
  wait_until 10 log_off_bob
}
log_off_bob() {
  local id; id=$(session_id ".user == \"$E2E_BOB\"")
  [ -z "$id" ] || { ctl logoff "$id" || true; no_session ".user == \"$E2E_BOB\""; }
}

on_its_disk() { nsenter --target "$UP_PID" --mount -- "$@"; }
logs_on() {
  "$E2E_BIN/tsprobe" --user "$E2E_BOB" --password-stdin --until logon --timeout "$(($1 * ${E2E_PATIENCE:-1}))" "$ADDRESS" \
    <<<"$E2E_PASSWORD"
}
garbage() { local i; for i in $(seq "$1"); do echo "GET /" 2>/dev/null >"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}" || true; done; }
lines_with() { grep -cE -- "$1" "$W/up.log"; }
# The lowest number that no descriptor of this process has.
free_descriptor() { local n=0; while [ -e "/proc/$1/fd/$n" ] || [ -L "/proc/$1/fd/$n" ]; do n=$((n + 1)); done; echo $n; }
processor_time() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

@test "a full disk: events are lost with a warning, drain says that it cannot be kept, nobody else notices" {
  on_its_disk dd if=/dev/zero of="$W/s/state/filler" bs=4096 2>/dev/null || true
  # What is left of the last page of the file is used up first.
  garbage 40
  wait_until 10 log_has 'Events are lost until they can be written folder=[^ ]*/tsd reason='
  logs_on 10
  works victim
  run on_its_disk env XDG_RUNTIME_DIR= "$E2E_BIN/tsctl" up --state "$W/s/state/new" --runtime "$W/s/run2" --set 'listener.address=["127.0.0.1:0"]'
  echo "$output"
  [ "$status" != 0 ]
  [[ "$output" == *"No space left on device"* ]]
  [ "$(lines_with 'Events are lost until .*/tsd ')" = 1 ]
  on_its_disk rm -r "$W/s/state/filler" "$W/s/state/new"
  garbage 1
  wait_until 10 log_has 'Events are written again folder=[^ ]*/tsd'
}

@test "tsd without descriptors: who connects waits, and gets in when there are some" {
  local tsd used limit
  tsd=$(role tsd)
  limit=$(prlimit --pid "$tsd" --nofile --output SOFT --noheadings | tr -d ' ')
  prlimit --pid "$tsd" --nofile=3:
  logs_on 30 >"$W/waits" 2>&1 3>&- &
  local waits=$!
  wait_until 10 log_has 'Connections wait to be accepted address=127.0.0.1:[0-9]+ reason="Too many open files"'
  used=$(processor_time "$tsd")
  works victim
  # Trying again takes next to nothing.
  [ $(($(processor_time "$tsd") - used)) -lt 30 ]
  prlimit --pid "$tsd" --nofile="$limit:"
  wait "$waits"
  [ "$(lines_with 'Connections wait to be accepted')" = 1 ]
  [ "$(lines_with 'Connections are accepted again')" = 1 ]
}

@test "tssession without descriptors for a session: the client is told, once" {
  local tssession used limit
  tssession=$(role tssession)
  limit=$(prlimit --pid "$tssession" --nofile --output SOFT --noheadings | tr -d ' ')
  # One more, for the connection itself.
  prlimit --pid "$tssession" --nofile=$(($(free_descriptor "$tssession") + 1)):
  run logs_on 10
  prlimit --pid "$tssession" --nofile="$limit:"
  echo "$output"
  [ "$status" = 1 ]
  [ "$(lines_with 'A connection could not be brought to session')" = 1 ]
  logs_on 10
}

@test "no memory for new processes: it is said, and over when there is some" {
  local tsspawn
  tsspawn=$(role tsspawn)
  prlimit --pid "$tsspawn" --as=32000000:
  # Who waits already serves the next two; those after them have nobody.
  logs_on 5 || true
  logs_on 5 || true
  wait_until 20 log_has 'Session [0-9]+ could not be started, trying again'
  works victim
  prlimit --pid "$tsspawn" --as=unlimited:
  wait_until 30 logs_on 5
}
