#!/usr/bin/env bats
# As many sessions as a server is made for, held by tsprobe: TS_CROWD says how many (`make soak`: 200). What one costs is
# printed; idle, none uses the processor.
bats_require_minimum_version 1.5.0
load helpers

setup() {
  [ -n "${TS_CROWD:-}" ] || skip "takes much memory; make soak does it"
  new_work
  make_crowd "$TS_CROWD"
  echo "$E2E_PASSWORD" >"$W/password"
  start_server --set "sessions.max=$TS_CROWD" --set sessions.idle=2 --set log.level=info \
    --set 'sessions.shell="xterm -cr black -e sleep 10000"'
}
teardown() {
  [ -n "${TS_CROWD:-}" ] || return 0
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 30 "$W/up.log" >&2
  local status=0
  stop_server || status=$?
  drop_crowd
  return "$status"
}
active() { [ "$(query | jq '[.sessions[] | select(.state == "Active")] | length')" -ge "$1" ]; }
# ticks: processor time of all programs of the server so far, in hundredths of a second.
ticks() { cat $(tree_below "$UP_PID" | sed 's,.*,/proc/&/stat,') 2>/dev/null | sed 's/.*) //' | awk '{sum += $12 + $13} END {print sum}'; }
# megabytes: their memory, each shared page counted once.
megabytes() { cat $(tree_below "$UP_PID" | sed 's,.*,/proc/&/smaps_rollup,') 2>/dev/null | awk '/^Pss:/ {sum += $2} END {print int(sum / 1024)}'; }

@test "${TS_CROWD:-200} sessions at once" {
  local user n=0 before
  before=$(megabytes)
  # A few at a time, as people come in the morning.
  for user in $CROWD; do
    client_started "$user" "$E2E_BIN/tsprobe" --user "$user" --password-file "$W/password" --hold 3600 --size 1280x720 --timeout 60 "$ADDRESS"
    n=$((n + 1))
    [ $((n % 10)) != 0 ] || wait_until 60 active "$n"
  done
  wait_until 60 active "$TS_CROWD"
  # Fonts and shells have come up when nothing is used for a second.
  quiet() { local a; a=$(ticks); read -rt 1 <> <(:) || true; [ $(($(ticks) - a)) -le 1 ]; }
  wait_until 120 quiet
  echo "# $((($(megabytes) - before) / TS_CROWD)) MiB for each of $TS_CROWD connected sessions" >&3
  local used
  used=$(ticks)
  read -rt 10 <> <(:) || true
  used=$(($(ticks) - used))
  echo "# $used hundredths of a second of processor time in 10 s for all of them" >&3
  # One for all of what watches the pool and the wall clock.
  [ "$used" -le 10 ]
  for user in $CROWD; do [ ! -s "$W/$user.exit" ] || { echo "$user was thrown out: $(cat "$W/$user.log")"; return 1; }; done
}
