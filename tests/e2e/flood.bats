#!/usr/bin/env bats
# Strangers in numbers: whoever works does not notice, who has a password gets in meanwhile, and of the flood nothing is
# left. Times are bounds for a machine that is busy; alone it takes a second.
load helpers
load worker

setup_file() {
  worker_shell
  start_server --set "$WORKER_OPTION" --set sessions.max_logon=6
  connect victim
  wait_until 10 equal 2 idle_sessions
  wait_until 10 equal 3 count_stacks
  local daemon
  for daemon in tsd tssession tsspawn; do
    export "FDS_$daemon=$(descriptors "$(role $daemon)")" "RSS_$daemon=$(memory "$(role $daemon)")" "PID_$daemon=$(role $daemon)"
  done
  PROCESSES=$(processes)
  export SESSION PROCESSES
}
teardown_file() { stop_server; }

# After each test: the flood is over, the victim works, and the server has as much as before.
teardown() {
  end_flood
  works victim
  has_session ".id == $SESSION and .state == \"Active\""
  log_off_bob
  local daemon fds rss pid
  for daemon in tsd tssession tsspawn; do
    fds=FDS_$daemon rss=RSS_$daemon pid=PID_$daemon
    [ "$(role $daemon)" = "${!pid}" ]
    wait_until 20 equal "${!fds}" descriptors "$(role $daemon)"
    # What the allocator keeps.
    [ -n "${TS_SANITIZE:-}" ] || [ "$(memory "$(role $daemon)")" -le $((${!rss} + 8192)) ]
  done
  wait_until 20 equal "$PROCESSES" processes
}

log_off_bob() {
  local id; id=$(session_id ".user == \"$E2E_BOB\"")
  [ -z "$id" ] || ctl logoff "$id" || wait_until 10 no_session ".id == $id"
}
count_stacks() { stacks | wc -l; }
idle_sessions() { session_where '.state == "Idle"' | wc -l; }
processes() { tree_below "$UP_PID" | wc -l; }
memory() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }

# flood KIND COUNT ADDRESSES: in the background, until end_flood; returns once all are there. SAID is its first line.
flood() {
  rm -f "$W/flood" "$W/flood.end"
  mkfifo "$W/flood.end"
  python3 "$BATS_TEST_DIRNAME/flood.py" "$ADDRESS" "$@" <"$W/flood.end" >"$W/flood" 2>"$W/flood.err" 3>&- &
  FLOOD=$!
  exec 8>"$W/flood.end"
  wait_until 30 test -s "$W/flood"
  SAID=$(head -n 1 "$W/flood")
}
# MADE and ENDED: how many connections it made, and how many of them the server ended.
end_flood() {
  [ -n "${FLOOD:-}" ] || return 0
  exec 8>&-
  wait "$FLOOD" || { cat "$W/flood.err" >&2; return 1; }
  FLOOD=
  read -r MADE ENDED < <(tail -n 1 "$W/flood")
}

# logs_on SECONDS: a user with a password is logged on within this time.
logs_on() {
  local limit=$(($1 * ${E2E_PATIENCE:-1}))
  "$E2E_BIN/tsprobe" --user "$E2E_BOB" --password-stdin --until logon --timeout "$limit" "$ADDRESS" <<<"$E2E_PASSWORD"
}
lines_with() { grep -cE -- "$1" "$W/up.log"; }

@test "10,000 connections that send nothing, from fifty addresses" {
  flood silent 10000 50
  logs_on 8
  works victim
  end_flood
  [ "$MADE" = 10000 ]
  [ "$ENDED" -ge 9600 ]
  # One line in ten seconds, whatever they are.
  [ "$(lines_with 'listener.max_(connections|per_address) reached')" -le 8 ]
}

@test "as many as one address may have, from where a user comes" {
  flood silent 60 0
  # Those that have said nothing for two seconds give way.
  wait_until 10 logs_on 5
  works victim
}

@test "a byte a second, from ten addresses" {
  flood slow 200 10
  logs_on 10
  works victim
  end_flood
  [ "$MADE" = 200 ]
}

@test "what is not RDP, as fast as it goes, from fifty addresses" {
  flood garbage 150 50
  logs_on 10
  works victim
  logs_on 10
  end_flood
  [ "$MADE" -gt 150 ]
}

@test "logon screens at which nobody types, from more addresses than there are places" {
  local probes
  flood relay 0 50
  timeout 60 "$E2E_BIN/tsprobe" --count 12 --parallel 12 --timeout 30 "127.0.0.1:$SAID" >"$W/probes" 2>&1 3>&- &
  probes=$!
  wait_until 20 equal 6 logging_on
  logs_on 10
  works victim
  log_has 'its place was given to another that wants to log on .sessions.max_logon.'
  wait "$probes" || true
}
logging_on() { session_where '.state == "Conn" and .id != 0' | wc -l; }

@test "passwords guessed from many addresses slow down those who guess, the owner by seconds; TLS without end is ended" {
  local guesses slow
  # Meanwhile one that does not come to an end with TLS: it has fifteen seconds, not the minute of a handshake.
  python3 "$BATS_TEST_DIRNAME/flood.py" "$ADDRESS" slow 1 1 40 >"$W/slow" 2>&1 3>&- &
  slow=$!
  flood relay 0 50
  timeout 60 "$E2E_BIN/tsprobe" --user "$E2E_BOB" --password-stdin --until logon --count 100 --parallel 5 --timeout 10 \
    "127.0.0.1:$SAID" <<<"wrong" >"$W/guesses" 2>&1 3>&- &
  guesses=$!
  wait_until 30 log_has "Slowing down guesses client=127.1.0.[0-9]+:[0-9]+ user=\"$E2E_BOB\""
  logs_on 10
  kill "$guesses"
  wait "$guesses" || true
  wait_until 25 log_has 'peer=127.1.0.1:[0-9]+ .*reason="timed out awaiting MCS connect initial'
  kill "$slow"
  wait "$slow" || true
}
