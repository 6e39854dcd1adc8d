#!/usr/bin/env bats
# Rounds of connecting, leaving, coming back, taking over and logging off with both clients: afterwards the server holds
# what it held before. TS_SOAK_ROUNDS says how many (10; `make soak` does many).
load helpers
load worker

setup_file() {
  worker_shell
  start_server --set "$WORKER_OPTION" --set log.level=info
}
teardown_file() { stop_server; }

is_in() { has_session ".id == $SESSION and .user == \"$UP_USER\" and .state == \"$1\""; }

# round: a life of a session.
round() {
  # xfreerdp logs on, works, and its network is cut.
  connect one
  cut_client one
  wait_until 20 is_in Disc
  # rdesktop comes back at another size and depth.
  rdesk two "$UP_USER" "$UP_PASSWORD" -g 512x384 -a 16
  wait_until 20 is_in Active
  works two
  # xfreerdp takes over, rdesktop is told.
  freerdp three "$UP_USER" "$UP_PASSWORD" /size:640x480
  [ "$(exit_of two)" = 5 ]
  wait_until 20 is_in Active
  works three
  local folder
  folder=$(dirname "$(variable "$(shell_of "$SESSION")" XAUTHORITY)")
  [[ $folder == /run/user/* ]]
  # Disconnected and logged off by command; every other round while somebody is there.
  if [ $(($1 % 2)) = 0 ]; then
    ctl disconnect "$SESSION"
    [ "$(exit_of three)" = 1 ]
    wait_until 20 is_in Disc
  fi
  ctl logoff "$SESSION"
  exit_of three >/dev/null
  wait_until 20 no_session ".id == $SESSION"
  [ ! -e "$folder" ]
  # Somebody who may not come in, and gives up at the logon screen.
  freerdp four "$UP_USER" wrong
  wait_until 20 eval "[ \"\$(grep -c 'Failed logon client=.* user=.$UP_USER. ' '$W/up.log')\" -gt $1 ]"
  cut_client four
  wait_until 20 at_rest
}
# at_rest: nobody is there, two sessions and two stacks wait.
at_rest() {
  [ "$(query | jq -c '[.sessions[] | [.state, .user]] | sort')" = '[["Conn",""],["Idle",""],["Idle",""],["Listen",""]]' ] &&
    [ "$(stacks | wc -l)" = 2 ] && [ "$(tree_below "$UP_PID" | wc -l)" = "${TREE_SIZE:-$(tree_below "$UP_PID" | wc -l)}" ]
}

# held: what each daemon has, one a line: name, pid, descriptors, memory of its own in kB. Pages of files do not count:
# whether they are shared depends on who else runs the same programs.
held() {
  local name pid
  for name in tsctl tsspawn tssession tsd; do
    pid=$UP_PID
    [ "$name" = tsctl ] || pid=$(role "$name")
    echo "$name $pid $(descriptors "$pid") $(awk '/^Anonymous:/ {print $2}' "/proc/$pid/smaps_rollup")"
  done
}

@test "after ${TS_SOAK_ROUNDS:-10} rounds the server holds what it held before" {
  local rounds=${TS_SOAK_ROUNDS:-10} i name pid fds memory before
  # The first rounds fill what is kept: caches of names, memory pools.
  round 0
  round 1
  TREE_SIZE=$(tree_below "$UP_PID" | wc -l)
  before=$(held)
  for ((i = 0; i < rounds; i++)); do
    round "$i" || { echo "in round $i"; return 1; }
  done
  echo "before: $before"
  echo "after:  $(held)"
  while read -r name pid fds memory; do
    read -r _ now_pid now_fds now_memory < <(held | grep "^$name ")
    # The same process all the time, with the same descriptors; memory may wander, but not with the rounds. (That of a
    # sanitizer's program, which keeps what was freed, says nothing.)
    [ "$now_pid" = "$pid" ]
    [ "$now_fds" = "$fds" ]
    [ -n "${TS_SANITIZE:-}" ] || [ "$now_memory" -le $((memory + 512 + memory / 10)) ]
  done <<<"$before"
  # Nobody's child was forgotten.
  [ -z "$(tree_below "$UP_PID" | while read -r pid; do grep -l '^State:.Z' "/proc/$pid/status" 2>/dev/null; done)" ]
  at_rest
  not log_has ' (error|critical) '
}
