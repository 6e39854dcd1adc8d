#!/usr/bin/env bats
# tsctl connect: a client gets another session's desktop, as it is and with its keys.
bats_require_minimum_version 1.5.0
load helpers
load worker

setup_file() {
  new_work
  export LINES_READ=$W/out/lines
  install -m 666 /dev/null "$LINES_READ"
  # A terminal on each desktop that says whose keys arrive.
  cat >"$W/read" <<END
#!/bin/bash
echo "\$TS_SESSION_ID ready" >>$LINES_READ
while read -r line; do echo "\$TS_SESSION_ID \$line" >>$LINES_READ; done
END
  chmod 755 "$W/read"
  start_server --set "sessions.shell=\"xterm -geometry 60x20+0+0 -e $W/read\""
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 40 "$W/up.log"; query | jq -c '.sessions[] | [.id, .user, .state, .client]'; } >&2
  end_clients
  log_all_off
}

# two_clients: ALICES and BOBS sessions, each with a client, "alice" at 800x600 and "bob" at 640x480.
two_clients() {
  freerdp alice "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  ALICES=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  freerdp bob "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  BOBS=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  wait_until 20 grep -qx "$ALICES ready" "$LINES_READ"
  wait_until 20 grep -qx "$BOBS ready" "$LINES_READ"
}

# stacks_of ID: the stacks that the session's host follows, and ends if they do not go.
stacks_of() {
  local pid
  sed -n 's/^Pid:\t//p' "/proc/$(session_where ".id == $1" | jq -r .pid)/fdinfo"/* 2>/dev/null | while read -r pid; do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != tsstack ] || echo "$pid"
  done
}
follows() { [ "$(stacks_of "$1" | xargs)" = "$2" ]; }

@test "a client shows another session: its size, its keys; who was there before is told" {
  two_clients
  SESSION=$BOBS
  works bob
  local stack; stack=$(stacks_of "$BOBS")
  [ -n "$stack" ]
  ctl connect "$ALICES" --to "$BOBS"
  # When the command is done it is so.
  has_session ".id == $ALICES and .state == \"Active\" and .client.width == 640"
  wait_until 10 has_session ".id == $BOBS and .state == \"Disc\" and .client == null"
  [ "$(exit_of alice)" = 5 ]
  wait_until 10 session_is "$ALICES" 640x480
  SESSION=$ALICES
  works bob
  # A stack that loses a desktop is killed, but for one that was moved: the session that it shows answers for it.
  wait_until 10 follows "$BOBS" ""
  wait_until 10 follows "$ALICES" "$stack"
  # And back, while nobody else is there.
  ctl connect "$BOBS" --to "$ALICES"
  wait_until 10 has_session ".id == $ALICES and .state == \"Disc\""
  SESSION=$BOBS
  works bob
  [ "$(query | jq '[.sessions[] | select(.state == "Conn" and .id != 0)] | length')" = 0 ]
  wait_until 10 follows "$ALICES" ""
  not log_has "Killing a stack"
  # Who loses it for good has to go.
  ctl disconnect "$BOBS"
  wait_until 10 gone "$stack"
}

@test "both have to be there and to be the caller's; nothing else changes" {
  two_clients
  local other
  for other in "$BOBS $ALICES" "$ALICES $BOBS"; do
    # shellcheck disable=SC2086
    set -- $other
    run -5 as "$E2E_ALICE" "$E2E_BIN/tsctl" connect "$1" --to "$2" --runtime "$W/s/run"
    [[ $output == *"session $BOBS is not yours"* ]]
  done
  run -1 as "$E2E_ALICE" "$E2E_BIN/tsctl" connect "$ALICES" --to "$ALICES" --runtime "$W/s/run"
  [[ $output == *"is what that client shows already"* ]]
  run -6 ctl connect 60000 --to "$ALICES"
  [[ $output == *"no session 60000"* ]]
  run -6 ctl connect "$ALICES" --to 60001
  [[ $output == *"no session 60001"* ]]
  run -1 ctl connect 0 --to "$ALICES"
  [[ $output == *"nobody is logged on to session 0"* ]]
  run -2 ctl connect "$ALICES"
  [[ $output == *"name it with --to"* ]]
  has_session ".id == $ALICES and .state == \"Active\" and .client.width == 800"
  has_session ".id == $BOBS and .state == \"Active\" and .client.width == 640"
  cut_client bob
  wait_until 10 has_session ".id == $BOBS and .state == \"Disc\""
  run -1 ctl connect "$ALICES" --to "$BOBS"
  [[ $output == *"no client is connected to session $BOBS"* ]]
}

@test "a client from before a restart of the session manager has to come again first" {
  two_clients
  local before
  before=$(role tssession)
  kill -KILL "$before"
  wait_until 20 eval "[ -n \"\$(role tssession)\" ] && [ \"\$(role tssession)\" != $before ]"
  wait_until 20 has_session ".id == $BOBS and .state == \"Active\""
  wait_until 20 has_session ".id == $ALICES and .state == \"Active\""
  run -1 ctl connect "$ALICES" --to "$BOBS"
  [[ $output == *"came before the session manager was restarted"* ]]
  has_session ".id == $ALICES and .state == \"Active\" and .client.width == 800"
  freerdp again "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  [ "$(exit_of bob)" = 5 ]
  wait_until 20 has_session ".id == $BOBS and .state == \"Active\""
  ctl connect "$ALICES" --to "$BOBS"
  has_session ".id == $ALICES and .state == \"Active\" and .client.width == 640"
}
