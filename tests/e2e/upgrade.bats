#!/usr/bin/env bats
# Sessions that were begun with the version before go on under the programs of this one, which take their place in the
# same folder. `make upgrade` builds that version for it: $TS_PREVIOUS is what its `make install DESTDIR=` made.
bats_require_minimum_version 1.5.0
load helpers
load worker

setup() {
  [ -n "${TS_PREVIOUS:-}" ] || skip "no version before is built here; make upgrade does it"
  worker_shell
  new_work
  NOW=$E2E_ROOT/inst
  cp -a "$TS_PREVIOUS" "$W/inst"
  E2E_BIN=$W/inst/usr/bin
  start_server --set "$WORKER_OPTION"
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  OTHER=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 grep -qx "$OTHER ready" "$LINES_READ"
  cut_client bob
  wait_until 20 has_session ".id == $OTHER and .state == \"Disc\""
  connect me
  SPAWNER=$(role tsspawn)
}
teardown() {
  [ -n "${TS_PREVIOUS:-}" ] || return 0
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 40 "$W/up.log" >&2
  local status=0
  stop_server || status=$?
  rm -rf "$WORKER"
  return "$status"
}

as_shown() { query | jq -c '[.sessions[] | select(.user != "") | [.id, .user, .pid, .display, .logon_time]]'; }
sessions_are() { [ "$(as_shown 2>/dev/null)" = "$1" ]; }
idle_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }
restarted() { local now; now=$(role "$1") && [ -n "$now" ] && [ "$now" != "$2" ]; }
# upgrade: as a package does it, file by file, while the old programs run.
upgrade() {
  cp -a "$NOW" "$W/new"
  mv "$W/inst" "$W/old"
  mv "$W/new" "$W/inst"
}
# restart ROLE: by its supervisor, from the new file.
restart() {
  local before
  before=$(role "$1")
  kill -KILL "$before"
  wait_until 20 restarted "$1" "$before"
}
# served USER SESSION: comes back to an old session with a new stack.
served() {
  freerdp again "$1" "$E2E_PASSWORD" /size:800x600
  wait_until 20 has_session ".id == $2 and .state == \"Active\""
  (SESSION=$2; works again)
  cut_client again
  wait_until 20 has_session ".id == $2 and .state == \"Disc\""
}

@test "hosts, stacks and tsdisplay of the version before work with this version's daemons" {
  local shown display
  shown=$(as_shown)
  upgrade
  restart tssession
  restart tsd
  wait_until 20 sessions_are "$shown"
  works me
  wait_until 30 idle_full
  # A new stack on an old session.
  served "$E2E_BOB" "$OTHER"
  # A new tsdisplay of an old host, for an old stack.
  display=$(host_child "$SESSION" tsdisplay)
  kill -KILL "$display"
  wait_until 10 eval "[ \"\$(host_child $SESSION tsdisplay)\" != $display ]"
  works me
  # What is asked of old hosts.
  ctl screenshot "$SESSION" "$W/now.png"
  ctl message "$SESSION" "The server was upgraded"
  "$E2E_BIN/tsquery" process --session "$SESSION" --runtime "$W/s/run" --state "$W/s/state" | grep -q xterm
  ctl disconnect "$SESSION"
  wait_until 20 has_session ".id == $SESSION and .state == \"Disc\""
  served "$UP_USER" "$SESSION"
  ctl logoff "$OTHER"
  wait_until 20 no_session ".id == $OTHER"
  # And a new supervisor over the old tsspawn.
  shown=$(as_shown)
  local port=${ADDRESS##*:}
  kill -KILL "$UP_PID"
  wait "$UP_PID" || true
  begin_server --set "$WORKER_OPTION" --set "listener.address=[\"127.0.0.1:$port\"]"
  wait_until 20 sessions_are "$shown"
  kill -0 "$SPAWNER"
  freerdp new "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  SESSION=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 grep -qx "$SESSION ready" "$LINES_READ"
  works new
}
