#!/usr/bin/env bats
# No process slots (RLIMIT_NPROC, which holds for ordinary users): what cannot be started is said once and tried again, and the
# session that is there does not notice.
load helpers
load worker

setup_file() {
  new_work
  worker_shell
  E2E_AS=$E2E_BOB start_server --set "$WORKER_OPTION" --set sessions.per_user=0
  connect victim
  export SESSION
}
teardown_file() { stop_server; }

# limit_processes N: of tsspawn, as its own account.
limit_processes() {
  HAD=$(awk '/^Max processes/ { print $3 }' "/proc/$(role tsspawn)/limits")
  as "$E2E_BOB" prlimit --pid "$(role tsspawn)" --nproc="$1:"
}
looks() { "$E2E_BIN/tsprobe" --timeout "$1" "$ADDRESS"; }
lines_with() { grep -cE -- "$1" "$W/up.log"; }

@test "without process slots nobody new gets a session, and all is well again when there are some" {
  limit_processes 1
  # Two stacks and two sessions wait.
  looks 5
  looks 5
  not looks 3
  log_has 'No stack could be started, trying again until one can reason="[^"]*Resource temporarily unavailable'
  log_has 'Session [0-9]+ could not be started, trying again in [0-9]+ s: [^ ]+.*Resource temporarily unavailable'
  works victim
  [ "$(lines_with 'No stack could be started')" = 1 ]
  [ "$(lines_with 'warn.*No stack: ')" -le 2 ]
  limit_processes "$HAD"
  wait_until 20 looks 5
  log_has 'Stacks can be started again'
  works victim
}
