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
  [ "$BATS_TEST_COMPLETED" = 1 ] || grep -v " debug " "$W/up.log" | tail -n 20 >&2
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
# garbage N: as many connections that are refused, each an event of tsd's.
garbage() {
  local i fd
  for i in $(seq "$1"); do
    exec {fd}<>"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
    echo "GET / HTTP/1.1" >&"$fd"
    timeout 10 cat <&"$fd" >/dev/null || true
    exec {fd}>&-
  done
}
# limits ROLE OPTION...: prlimit as the role's own account, which takes no right of root's.
limits() { setpriv --reuid "$1" --regid "$1" --clear-groups -- prlimit --pid "$(role "$1")" "${@:2}"; }
lines_with() { grep -cE -- "$1" "$W/up.log"; }
# The lowest number that no descriptor of this process has.
free_descriptor() { local n=0; while [ -e "/proc/$1/fd/$n" ] || [ -L "/proc/$1/fd/$n" ]; do n=$((n + 1)); done; echo $n; }
processor_time() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

@test "a full disk: events are lost with a warning, nobody else notices; another service there says why it cannot begin" {
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
  limit=$(limits tsd --nofile --output SOFT --noheadings | tr -d ' ')
  limits tsd --nofile=3:
  logs_on 30 >"$W/waits" 2>&1 3>&- &
  local waits=$!
  wait_until 10 log_has 'Connections wait to be accepted address=127.0.0.1:[0-9]+ reason="Too many open files"'
  used=$(processor_time "$tsd")
  works victim
  # Trying again takes next to nothing.
  [ $(($(processor_time "$tsd") - used)) -lt 30 ]
  limits tsd --nofile="$limit:"
  wait "$waits"
  [ "$(lines_with 'Connections wait to be accepted')" = 1 ]
  [ "$(lines_with 'Connections are accepted again')" = 1 ]
}

@test "tssession without descriptors for a session: the client is told, once" {
  local tssession used limit
  tssession=$(role tssession)
  limit=$(limits tssession --nofile --output SOFT --noheadings | tr -d ' ')
  # One more, for the connection itself.
  limits tssession --nofile=$(($(free_descriptor "$tssession") + 1)):
  run logs_on 10
  limits tssession --nofile="$limit:"
  echo "$output"
  [ "$status" = 1 ]
  # ERRINFO_OUT_OF_MEMORY, [MS-RDPBCGR] 2.2.5.1.1.
  [[ "$output" == *"code 0x6"* ]]
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
