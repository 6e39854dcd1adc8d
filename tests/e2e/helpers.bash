# Real servers, real clients: what the end-to-end files share. A file starts its server once (start_server in
# setup_file) and its tests run one after the other; stop_server in teardown_file asserts that nothing is left.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

# wait_until SECONDS COMMAND...: until it succeeds. A failing wait says what it waited for. (setup_suite.bash says how
# much longer than usual it may take.)
wait_until() {
  local limit=$(($1 * ${E2E_PATIENCE:-1})) end; shift
  end=$((SECONDS + limit))
  until "$@"; do
    if [ $SECONDS -ge $end ]; then echo "timed out after ${limit}s: $*" >&2; return 1; fi
    read -rt 0.05 <> <(:) || true
  done
}

# not COMMAND...: what `!` says, but a test ends where it is not so (the shell overlooks a failed `! command`).
not() { ! "$@"; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# The server --------------------------------------------------------------------------------------------------

# new_work: makes $W, the folder of this file's server and clients. For files that need it before the server is there.
new_work() {
  export W; W=$(mktemp -d "$E2E_ROOT/w.XXXX")
  # out and s are for everybody: the accounts' programs write there what the tests read.
  chmod 755 "$W"; mkdir -m 1777 "$W/out" "$W/s"; mkdir "$W/home"
  [ -z "${E2E_AS:-}" ] || chown "$E2E_AS" "$W"
}

# start_server [OPTION...]: `tsctl up` on a free port; sets ADDRESS, UP_USER, UP_PASSWORD. As root, called by alice
# through sudo, so that it is for her that a password is made; with E2E_AS as that user; started by $E2E_WITHIN, a
# program that becomes its arguments.
start_server() {
  [ -d "${W:-}" ] || new_work
  begin_server "$@"
  start_screen
}

# begin_server [OPTION...]: on the folders of one that was killed, too; its log goes on.
begin_server() {
  rm -f "$W/up.json"
  local as=(env SUDO_USER="$E2E_ALICE")
  [ -z "${E2E_AS:-}" ] || as=(setpriv --reuid "$E2E_AS" --regid "$E2E_AS" --init-groups --)
  # Without the variables of whoever runs the tests; close bats' own descriptor, which a daemon must not hold.
  env -i PATH="$PATH" HOME="$E2E_ROOT/home-${E2E_AS:-$E2E_ALICE}" LANG=C.UTF-8 "${as[@]}" ${E2E_WITHIN:+"$E2E_WITHIN"} "$E2E_BIN/tsctl" up --json \
    --state "$W/s/state" --runtime "$W/s/run" --set 'listener.address=["127.0.0.1:0"]' \
    --set log.level=debug "$@" >"$W/up.json" 2>>"$W/up.log" 3>&- &
  export UP_PID=$!
  wait_until 30 eval 'grep -qs "\"ready\":true" "$W/up.json" || gone $UP_PID'
  grep -q '"ready":true' "$W/up.json" || { cat "$W/up.log" >&2; return 1; }
  ADDRESS=$(jq -r .address "$W/up.json") UP_USER=$(jq -r .user "$W/up.json") UP_PASSWORD=$(jq -r .password "$W/up.json")
  export ADDRESS UP_USER UP_PASSWORD
}

# A screen for the clients.
start_screen() {
  mkfifo "$W/displayfd"
  Xvfb -displayfd 5 -screen 0 1400x1050x24 -noreset -nolisten tcp >"$W/xvfb.log" 2>&1 3>&- 5<>"$W/displayfd" &
  export SCREEN_PID=$!
  local number; read -rt 20 number <>"$W/displayfd"
  export DISPLAY=:$number
}

# Ends the server with whatever sessions there are, and asserts that nothing of it is left: no process of its tree nor
# any that bears the mark of one of its sessions, no X server's files, no socket, no temporary file. The last command of
# a file's teardown, or its status is: Bats goes by that alone.
stop_server() {
  local status=0 displays keys left
  end_clients
  kill "$SCREEN_PID" 2>/dev/null; wait "$SCREEN_PID" 2>/dev/null
  displays=$(query | jq -r '.sessions[].display | numbers')
  keys=$(mktemp "$E2E_ROOT/keys.XXXX")
  # shellcheck disable=SC2046
  cat $(tree_below "$UP_PID" | sed 's,.*,/proc/&/environ,') 2>/dev/null |
    grep -zax 'TS_SESSION_KEY=.*' | sort -zu | tr '\0' '\n' >"$keys"
  kill -TERM "$UP_PID"; wait "$UP_PID" || status=$?
  no_report || return 1
  if [ "$status" != 0 ]; then echo "tsctl up exited with $status" >&2; tail -50 "$W/up.log" >&2; return 1; fi
  left=$(leftovers "$keys" "$displays")
  [ -z "$left" ] || { echo "left behind: $left" >&2; return 1; }
  rm -rf "$W" "$keys"
}

# no_report: no program that printed to one of our logs was ended by a sanitizer or by an assertion. (The processes of a
# server print to its log, whoever they run as.)
no_report() {
  local found
  found=$(grep -asE -A 60 'AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed' "$W"/*.log) || true
  [ -z "$found" ] || { echo "$found" >&2; return 1; }
}

# leftovers KEYS DISPLAYS: what is there still, one thing a line.
leftovers() {
  local number
  pgrep -af -- "--runtime[ =]$W/s/run" || true
  [ ! -s "$1" ] || grep -lzaxFf "$1" /proc/[0-9]*/environ 2>/dev/null || true
  [ ! -d "$W/s/run" ] || find "$W/s/run" -mindepth 1
  for number in $2; do dead_display "$number" || true; done
}

# dead_display NUMBER: names what an X server that is gone has left. (Another one may have taken the number since.)
dead_display() {
  local lock=/tmp/.X$1-lock socket=/tmp/.X11-unix/X$1 owner
  if owner=$(tr -d ' ' 2>/dev/null <"$lock"); then
    gone "$owner" && echo "$lock"
  else
    [ -e "$socket" ] && ! socat -u OPEN:/dev/null "UNIX-CONNECT:$socket" 2>/dev/null && echo "$socket"
  fi
}

query() { "$E2E_BIN/tsquery" session --json --runtime "$W/s/run" --state "$W/s/state" "$@"; }
ctl() { "$E2E_BIN/tsctl" "$@" --runtime "$W/s/run" --state "$W/s/state"; }

# as USER COMMAND...: as that account does it, with all its groups and without any right of ours.
as() { local user=$1; shift; setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all -- env HOME=/tmp "$@"; }

# log_has PATTERN: the server's log says so.
log_has() { grep -qE -- "$1" "$W/up.log"; }

# make_crowd NUMBER: CROWD is so many accounts of this test alone, in a common home that none of them may write to.
make_crowd() {
  local i
  mkdir -p "$W/crowd"
  CROWD=$(for ((i = 0; i < $1; i++)); do echo "tsp${i}x$(printf %05d $(($$ % 100000)))"; done)
  for i in $CROWD; do echo "$i:$E2E_PASSWORD::::$W/crowd:/bin/bash"; done >"$W/users"
  newusers "$W/users"
}
drop_crowd() { local user; for user in ${CROWD:-}; do userdel "$user"; done; }

# Sessions ----------------------------------------------------------------------------------------------------

# session_where FILTER: the sessions that a jq condition selects, as JSON, one a line.
session_where() { query | jq -c ".sessions[] | select($1)"; }
has_session() { [ -n "$(session_where "$1")" ]; }
session_id() { session_where "$1" | jq -r .id | head -1; }
# session_in FILTER: the id of the session that is so, once there is one.
session_in() { wait_until 20 has_session "$1" && session_id "$1"; }
no_session() { ! has_session "$1"; }
# log_all_off: who has just gone by themselves is no failure.
log_all_off() {
  local id
  for id in $(session_where '.user != ""' | jq -r .id); do ctl logoff "$id" || wait_until 10 no_session ".id == $id"; done
}

# tree_below PID: the process and all that descend from it.
tree_below() {
  ps -e -o pid=,ppid= | awk -v root="$1" '
    { parent[$1] = $2 }
    END { for (p in parent) { for (q = p; q > 1 && q != root; q = parent[q]); if (q == root) print p } }'
}

# session_pids ID: the processes that have the session's host above them.
session_pids() { tree_below "$(session_where ".id == $1" | jq -r .pid)"; }

# host_child ID NAME: the process of that name right below the session's host.
host_child() { pgrep -P "$(session_where ".id == $1" | jq -r .pid)" -x "$2"; }
# The logon screen has made room for the session's desktop.
screen_has_gone() { ! host_child "$1" tslogon >/dev/null; }

# shell_of ID: the pid of the session's shell: what the session's own bus was started for.
shell_of() {
  local pid host
  host=$(session_where ".id == $1" | jq -r .pid)
  # Of the other child, which is the bus, the environment does not name it. Names are cut after 15 letters.
  for pid in $(ps -e -o pid=,ppid=,comm= | awk -v host="$host" '
    { parent[$1] = $2; name[$1] = $3 }
    END {
      for (p in parent) {
        if (name[parent[p]] != "dbus-run-sessio") continue
        for (q = p; q > 1 && q != host; q = parent[q]);
        if (q == host) print p
      }
    }'); do
    if grep -qza '^DBUS_SESSION_BUS_ADDRESS=' "/proc/$pid/environ" 2>/dev/null; then echo "$pid"; return 0; fi
  done
  echo "session $1 has no shell" >&2
  return 1
}

# variable PID NAME: what the process was started with.
variable() { tr '\0' '\n' <"/proc/$1/environ" | sed -n "s/^$2=//p"; }

# on_session ID COMMAND...: runs an X program inside a session, as its user.
on_session() {
  local id=$1 shell user; shift
  shell=$(shell_of "$id") || return 1
  user=$(session_where ".id == $id" | jq -r .user)
  as "$user" env DISPLAY="$(variable "$shell" DISPLAY)" XAUTHORITY="$(variable "$shell" XAUTHORITY)" "$@"
}

# session_size ID: what the session's own X server says, WIDTHxHEIGHT.
session_size() { on_session "$1" xdpyinfo | awk '/dimensions:/ {print $2}'; }
session_is() { [ "$(session_size "$1")" = "$2" ]; }

# Clients -----------------------------------------------------------------------------------------------------

# client_started NAME COMMAND...: in the background with its own HOME; its pid in $W/NAME.pid, what it says in
# $W/NAME.log, its exit status in $W/NAME.exit when it has ended.
client_started() {
  local name=$1; shift
  rm -f "$W/$name.exit" "$W/$name.pid"; mkdir -p "$W/home/$name"
  (
    # rdesktop asks about the certificate on its input.
    HOME=$W/home/$name XDG_CONFIG_HOME='' "$@" < <(yes yes 2>/dev/null) >"$W/$name.log" 2>&1 &
    echo $! >"$W/$name.pid"
    code=0
    wait $! 2>/dev/null || code=$?
    echo "$code" >"$W/$name.exit"
  ) 3>&- &
  wait_until 5 test -s "$W/$name.pid"
}

# freerdp NAME USER PASSWORD [OPTION...]
freerdp() {
  local name=$1 user=$2 password=$3; shift 3
  # Its log is read while it runs.
  client_started "$name" stdbuf -oL xfreerdp "/v:$ADDRESS" "/u:$user" "/p:$password" /cert:ignore /log-level:INFO /timeout:30000 "$@"
}

# rdesk NAME USER PASSWORD [OPTION...]: the same with rdesktop.
rdesk() {
  local name=$1 user=$2 password=$3; shift 3
  client_started "$name" rdesktop -u "$user" -p "$password" "$@" "$ADDRESS"
}

ended() { [ -s "$W/$1.exit" ]; }
# exit_of NAME [SECONDS]: its exit status, once it has ended.
exit_of() { wait_until "${2:-20}" ended "$1" >&2 && cat "$W/$1.exit"; }
cut_client() { kill -KILL "$(cat "$W/$1.pid")"; wait_until 10 ended "$1"; }

end_clients() {
  local file
  for file in "$W"/*.pid; do
    [ -e "$file" ] && [ ! -s "${file%.pid}.exit" ] && kill "$(cat "$file")" 2>/dev/null
  done
  return 0
}

# client_shot FILE: what the person in front of the client sees.
client_shot() { import -silent -window root "$1"; }
# session_shot ID FILE: what the session itself shows.
session_shot() { on_session "$1" import -silent -window root "png:-" >"$2"; }
