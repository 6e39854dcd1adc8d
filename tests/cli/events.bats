#!/usr/bin/env bats
# tsquery events without a service: what it takes, what it says when there is nothing, and tsctl up's own events.
bats_require_minimum_version 1.5.0
load helpers

# event TIME NAME USER [SESSION]: a line as a role writes it.
event() {
  printf '{"time":"2026-11-21T%s.000000Z","event":"%s","role":"tssession","session":%s,"user":"%s"}\n' "$1" "$2" "${4:-null}" "$3"
}
logs() {
  mkdir -p "$W/s/events/tssession" "$W/s/events/tsd"
  { event 10:00:00 logon ann 3; event 12:00:00 logoff ann 3; } >"$W/s/events/tssession/events.jsonl.1"
  event 13:00:00 logon bob 4 >"$W/s/events/tssession/events.jsonl"
  event 11:00:00 refused '' >"$W/s/events/tsd/events.jsonl"
}
names() { jq -r .event | xargs; }

@test "all logs are one list in the order of time, and options choose from it" {
  logs
  tsquery events --json --state "$W/s" >"$W/all"
  [ "$(names <"$W/all")" = "logon refused logoff logon" ]
  diff <(sort "$W/all") <(sort "$W/s"/events/*/*)
  [ "$(tsquery events --json --state "$W/s" --since 2026-11-21T11:00 --until 2026-11-21T13:00Z | names)" = "refused logoff" ]
  [ "$(tsquery events --json --state "$W/s" --user ann --event logon,refused | names)" = logon ]
  [ "$(tsquery --state "$W/s" events --json --session 4 | names)" = logon ]
  [ -z "$(tsquery events --json --state "$W/s" --until 2026-11-20)" ]
  run tsquery events --state "$W/s" --session 3
  [ "$status" = 0 ]
  [ "${lines[0]}" = "TIME (UTC)               EVENT              ID  USER              ADDRESS                DETAILS" ]
  [ "${lines[1]}" = "2026-11-21 10:00:00.000  logon               3  ann" ]
  [ "${#lines[@]}" = 3 ]
}

@test "values that cannot be meant are usage errors" {
  logs
  expect_failure 2 "tsquery: --since: 'soon' is neither a time" tsquery events --state "$W/s" --since soon
  expect_failure 2 "tsquery: --session: 'x' is no SessionID" tsquery events --state "$W/s" --session x
  expect_failure 2 "tsquery: --event: there is no event 'logoon', did you mean 'logon'?" tsquery events --state "$W/s" --event logoon
  expect_failure 2 "unexpected argument 'ann'" tsquery events --state "$W/s" ann
}

@test "no logs: exit 6, whose folder is closed: exit 5" {
  expect_failure 6 "tsquery: there are no events in '$W/s/events'" tsquery events --json --state "$W/s"
  expect_failure 6 "tsquery: there are no events in '$W/s/events'" tsquery events --follow --state "$W/s"
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  logs
  chmod 700 "$W/s/events/tsd"
  expect_failure 5 "the events in '$W/s/events/tsd' are for root and members of the group 'tsadmin'" \
    as_nobody "$BUILD/bin/tsquery" events --state "$W/s"
}

@test "an output that cannot be written is an error" {
  logs
  run --separate-stderr bash -c 'tsquery events --state "$1" >/dev/full' - "$W/s"
  [ "$status" = 1 ]
  [[ $stderr == "tsquery: the output cannot be written: No space left on device" ]]
}

@test "following: new lines, new files and new roles are told as they come" {
  logs
  tsquery events --json --follow --state "$W/s" >"$W/out" 2>"$W/err" 3>&- &
  STARTED+=($!)
  # It is there once it tells what comes; what was there before it does not tell.
  told() { event 14:00:00 logon carol 5 >>"$W/s/events/tssession/events.jsonl"; wait_until 1 grep -q carol "$W/out" 2>/dev/null; }
  wait_until 20 told
  mv "$W/s/events/tssession/events.jsonl.1" "$W/s/events/tssession/events.jsonl.2"
  mv "$W/s/events/tssession/events.jsonl" "$W/s/events/tssession/events.jsonl.1"
  event 14:00:01 logon dave 6 >"$W/s/events/tssession/events.jsonl"
  wait_until 10 grep -q dave "$W/out"
  mkdir "$W/s/events/tsnew"
  event 14:00:02 logon eve 7 >"$W/s/events/tsnew/events.jsonl"
  wait_until 10 grep -q eve "$W/out"
  rm -r "$W/s/events/tsnew"
  mkdir "$W/s/events/tsnew"
  event 14:00:03 logon finn 8 >"$W/s/events/tsnew/events.jsonl"
  wait_until 10 grep -q finn "$W/out"
  [ "$(jq -r .user "$W/out" | grep -v carol | xargs)" = "dave eve finn" ]
  [ ! -s "$W/err" ]
}
