#!/usr/bin/env bats
# tsquery process: which processes are a session's, what they take, and who may see them.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  export E2E_ADMIN=tsc$$
  useradd --no-create-home "$E2E_ADMIN" 3>&-
  start_server --set 'sessions.shell="xterm -geometry 20x5"' --set sessions.end_timeout=1s
  usermod -aG tsadmin "$E2E_ADMIN"
}
teardown_file() {
  local status=0
  stop_server || status=$?
  userdel "$E2E_ADMIN"
  return $status
}
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2
  end_clients
  log_all_off
}

ask() { "$E2E_BIN/tsquery" "$@" --runtime "$W/s/run"; }
ask_as() { local user=$1; shift; as "$user" "$E2E_BIN/tsquery" "$@" --runtime "$W/s/run"; }
logs_on() {
  local name=$1 user=$2; shift 2
  freerdp "$name" "$user" "$E2E_PASSWORD" /size:640x480 "$@"
  SESSION=$(session_in ".user == \"$user\" and .state == \"Active\"")
}
# lists ID NAME: a process of this name is in that session's list.
lists() { ask process --session "$1" --json | jq -e --arg name "$2" 'any(.processes[]; .name == $name)' >/dev/null; }

# all_listed: the list in $W/p.json has all that the tree has.
all_listed() {
  local pid
  ask process --session "$SESSION" --json >"$W/p.json"
  jq -e '.complete' "$W/p.json" >/dev/null || return 1
  for pid in $(session_pids "$SESSION"); do
    jq -e --argjson pid "$pid" 'any(.processes[]; .pid == $pid)' "$W/p.json" >/dev/null || return 1
  done
}

@test "a session's processes are all there, with processor time and memory" {
  logs_on alice "$E2E_ALICE"
  wait_until 20 lists "$SESSION" xterm
  # Sooner or later: what begins while it is listed is not.
  wait_until 20 all_listed
  local pid
  jq -e --argjson id "$SESSION" --arg me "$E2E_ALICE" --argjson uid "$(id -u "$E2E_ALICE")" '
    (all(.processes[]; .session_id == $id and .session_user == $me and .session_name == "rdp-tcp#\($id)"))
    and (.processes[] | select(.name == "tshost") | .user == "root")
    and (.processes[] | select(.name == "Xvfb") | .uid >= 60000 and .memory.resident_bytes > 5000000)
    and (.processes[] | select(.name == "xterm") | .user == $me and .uid == $uid and (.command | startswith("xterm -geometry")))
    and all(.processes[]; .memory.private_bytes + .memory.shared_bytes == .memory.resident_bytes
                          and .memory.proportional_bytes <= .memory.resident_bytes
                          and .cpu_seconds >= 0)' "$W/p.json"
  # The kernel says the same of one of them. (It is looked at by a child of its own, with which it shares all its memory
  # meanwhile: of a sanitizer's program that is too much.)
  pid=$(jq '.processes[] | select(.name == "tshost") | .pid' "$W/p.json")
  local shared; shared=$(awk '/^Shared_/ {kib += $2} END {print kib * 1024}' "/proc/$pid/smaps_rollup")
  [ -n "${TS_SANITIZE:-}" ] || jq -e --argjson shared "$shared" '.processes[] | select(.name == "tshost") |
    .memory.shared_bytes > $shared / 2 and .memory.shared_bytes < $shared * 2' "$W/p.json"
  # In the table, too.
  ask process --session "$SESSION" >"$W/p.txt"
  [ "$(head -n 1 "$W/p.txt" | tr -s ' ')" = " USERNAME SESSIONNAME ID PID CPU PRIVATE SHARED PSS COMMAND" ]
  grep -qE "^ $E2E_ALICE +rdp-tcp#$SESSION +$SESSION +[0-9]+ +0:[0-9.]+ +[0-9.]+[KM] +[0-9.]+[KM] +[0-9.]+[KM]  xterm -geometry 20x5\$" "$W/p.txt"
}

@test "users see their own, root and tsadmin all" {
  logs_on alice "$E2E_ALICE"
  local alice=$SESSION
  logs_on bob "$E2E_BOB"
  local bob=$SESSION
  wait_until 20 lists "$alice" xterm
  wait_until 20 lists "$bob" xterm
  # Her own, whole: with its display server, which is another account's.
  ask_as "$E2E_ALICE" process --json >"$W/own.json"
  jq -e --argjson id "$alice" 'all(.processes[]; .session_id == $id and .memory != null) and any(.processes[]; .name == "Xvfb")' "$W/own.json"
  ask_as "$E2E_ALICE" process --json --all | jq -e --argjson id "$alice" 'all(.processes[]; .session_id == $id)'
  run --separate-stderr ask_as "$E2E_ALICE" process --session "$bob" --json
  [ "$status" = 5 ]
  [ -z "$output" ]
  [[ $stderr == "tsquery: session $bob is not yours" ]]
  run --separate-stderr ask_as "$E2E_ALICE" process --user "$E2E_BOB" --json
  [ "$status" = 6 ]
  run --separate-stderr ask process --session 60000
  [ "$status" = 6 ]
  [ "$stderr" = "tsquery: no session 60000; see 'tsquery session'" ]
  local who
  for who in root "$E2E_ADMIN"; do
    ask_as "$who" process --all --json | jq -e --arg a "$E2E_ALICE" --arg b "$E2E_BOB" '
      ([.processes[].session_user] | unique) == (["", $a, $b] | sort) and all(.processes[]; .memory.private_bytes > 0)
      and any(.processes[]; .session_id == 0 and .name == "Xvfb")'
    ask_as "$who" process --user "$E2E_BOB" --json | jq -e --argjson id "$bob" 'all(.processes[]; .session_id == $id)'
  done
  # Without a session of one's own there is nothing to begin with.
  run --separate-stderr ask_as "$E2E_ADMIN" process
  [ "$status" = 6 ]
  [[ $stderr == *"you have no session here"*"--all" ]]
  # Inside of one it is the one.
  TS_SESSION_ID=$bob ask process --json | jq -e --argjson id "$bob" 'all(.processes[]; .session_id == $id)'
}

@test "what programs call themselves breaks neither the table nor the document" {
  logs_on alice "$E2E_ALICE"
  wait_until 20 shell_of "$SESSION" >/dev/null
  cat >"$W/out/hostile" <<END
#!/usr/bin/perl
\$0 = "e\\033[2J\\n> x\\xc2\\x9b\\xe2\\x80\\xae\\xff";
open my \$ready, '>', "$W/out/there"; close \$ready;
sleep 1000 while 1;
END
  chmod 755 "$W/out/hostile"
  # Typed at the session's own terminal, and out of its reach once it runs.
  on_session "$SESSION" xdotool search --sync --onlyvisible --class xterm windowfocus key --clearmodifiers Return
  on_session "$SESSION" xdotool type --delay 20 "setsid $W/out/hostile & "
  on_session "$SESSION" xdotool key Return
  wait_until 20 test -e "$W/out/there"
  ask process --session "$SESSION" --json >"$W/p.json"
  jq -e 'any(.processes[]; .command == "e\u001b[2J\n> x\u009b\u202e\ufffd")' "$W/p.json"
  not grep -qP '\x1b|\xc2\x9b|\xe2\x80\xae' "$W/p.json"
  ask process --session "$SESSION" >"$W/p.txt"
  grep -qF '  e?[2J?> x??' "$W/p.txt"
  [ "$(wc -l <"$W/p.txt")" = "$(($(jq '.processes | length' "$W/p.json") + 1))" ]
}

@test "a session with very many processes is listed in pages, and its host goes on serving" {
  logs_on alice "$E2E_ALICE"
  wait_until 20 shell_of "$SESSION" >/dev/null
  on_session "$SESSION" xdotool search --sync --onlyvisible --class xterm windowfocus key --clearmodifiers Return
  on_session "$SESSION" xdotool type --delay 20 "for i in {1..300}; do sleep 987 & done "
  on_session "$SESSION" xdotool key Return
  wait_until 20 eval 'ask process --session "$SESSION" --json | jq -e "([.processes[] | select(.name == \"sleep\")] | length) == 300"'
  ask process --session "$SESSION" --json | jq -e '.complete and ([.processes[].pid] | length == (unique | length))'
  # Many at once are all answered.
  local i pids=
  for i in 1 2 3 4 5 6 7 8; do
    ask process --session "$SESSION" --json >"$W/many.$i" 3>&- & pids+=" $!"
  done
  for i in $pids; do wait "$i"; done
  for i in 1 2 3 4 5 6 7 8; do jq -e '.complete and (.processes | length) > 300' "$W/many.$i"; done
  ctl logoff "$SESSION"
  run --separate-stderr ask process --session "$SESSION"
  [ "$status" = 6 ]
}
