# A session that does something one can check: its shell is a terminal whose program appends each line that it reads,
# with its session's id in front, to $LINES. So a line typed at a client says whose keys arrived where.

# worker_shell: makes the shell; prints the option that start_server takes for it.
worker_shell() {
  WORKER=$(mktemp -d "$E2E_ROOT/worker.XXXX")
  LINES_READ=$WORKER/lines
  export WORKER LINES_READ
  chmod 755 "$WORKER"
  install -m 666 /dev/null "$LINES_READ"
  cat >"$WORKER/read" <<END
#!/bin/bash
echo "\$TS_SESSION_ID ready" >>$LINES_READ
while read -r line; do echo "\$TS_SESSION_ID \$line" >>$LINES_READ; done
END
  chmod 755 "$WORKER/read"
  WORKER_OPTION="sessions.shell=\"xterm -geometry 250x100+0+0 -e $WORKER/read\""
}

# connect NAME [OPTION...]: xfreerdp as the server's own user, until its desktop is there and takes keys. Sets SESSION.
connect() {
  local name=$1; shift
  freerdp "$name" "$UP_USER" "$UP_PASSWORD" /size:640x480 "$@"
  SESSION=$(session_in ".user == \"$UP_USER\" and .state == \"Active\"")
  wait_until 20 grep -qx "$SESSION ready" "$LINES_READ"
  works "$name"
}

# works NAME: a new line typed at this client arrives in session $SESSION.
works() {
  local window mark=k$RANDOM
  window=$(client_window "$1")
  # A key is lost only while a client comes up: so the first may be typed more than once.
  wait_until 20 types "$window" "$mark"
}
types() {
  # Some clients take the keyboard only when they see the pointer come in.
  timeout 10 xdotool windowraise "$1" mousemove --window "$1" 190 190 mousemove --window "$1" 200 200
  timeout 10 xdotool type --delay 12 "$2"
  timeout 10 xdotool key Return
  wait_until "${3:-4}" grep -qE "^$SESSION (.*[^k0-9])?$2\$" "$LINES_READ"
}
# client_window NAME: the window of this client, once it is mapped.
client_window() {
  wait_until 20 find_window "$1" >&2 && find_window "$1"
}
find_window() { timeout 10 xdotool search --all --onlyvisible --pid "$(cat "$W/$1.pid")" --name . 2>/dev/null | tail -n 1 | grep .; }

# role NAME: the pid of a role of this server, from the supervisor's children.
role() { pgrep -P "$UP_PID" -x "$1"; }
# children_named NAME: what tsspawn has running of it, one pid a line.
stacks() { pgrep -P "$(role tsspawn)" -x tsstack; }
host_of() { pgrep -P "$(role tsspawn)" -f "^[^ ]*tshost --session $1 "; }
descriptors() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; }
is_gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
# equal EXPECTED COMMAND...: for wait_until.
equal() { local expected=$1; shift; [ "$("$@")" = "$expected" ]; }
