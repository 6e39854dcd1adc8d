#!/usr/bin/env bats
# The units in a booted systemd, installed as `make install` does it: they come up, a person logs on through PAM and logind,
# and each of them may be stopped, started, restarted and killed. `tsctl up` is not there.
bats_require_minimum_version 1.5.0
load helpers
load box

UNITS="tsd.service tsd.socket tssession.service tssession.socket tssession-hosts.socket tsspawn.service"

setup_file() {
  new_work
  start_box
  [ -z "$BOX_SKIP" ] || return 0
  export ADDRESS=127.0.0.1:3389
  start_screen
}
teardown_file() {
  local status=0
  end_clients
  [ -z "${SCREEN_PID:-}" ] || { kill "$SCREEN_PID"; wait "$SCREEN_PID" || true; }
  [ -n "$BOX_SKIP" ] || inside journalctl --quiet --no-pager >"$W/journal.log"
  stop_box
  no_report || status=$?
  rm -rf "$W"
  return $status
}
setup() { [ -z "$BOX_SKIP" ] || skip "$BOX_SKIP"; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || [ -n "$BOX_SKIP" ] || {
    inside systemctl --no-pager list-units 'ts*'
    inside journalctl --no-pager -n 40
    tail -n 5 "$W"/*.log
  } >&2
}

query() { inside tsquery session --json "$@"; }
systemctl_in() { inside systemctl "$@"; }
property() { inside systemctl show --property="$2" --value "$1"; }
main_pid() { property "$1" MainPID; }
state_is() { [ "$(property "$1" ActiveState)" = "$2" ]; }
all_active() {
  local unit
  for unit in $UNITS; do state_is "$unit" active || { echo "$unit: $(property "$unit" ActiveState)"; return 1; }; done
}
# said TIME [OPTION...]: the messages in the journal since then. now: such a time.
now() { date +@%s.%6N; }
said() { local since=$1; shift; inside journalctl --quiet --since "$since" --output cat "$@"; }
# times TIME PATTERN OPTION...: how often the journal has it since then.
times() { local since=$1 pattern=$2; shift 2; said "$since" "$@" | grep -cE -- "$pattern" || true; }
has_said() { [ "$(times "$@")" -ge 1 ]; }

# A machine with old hierarchies shows them too.
group_of() { inside grep ^0:: "/proc/$1/cgroup"; }

# log_on NAME: a client in the container's network, as the account in it. Sets SESSION, HOST and SHELL_PID.
log_on() {
  client_started "$1" nsenter --target "$BOX_INIT" --net -- xfreerdp "/v:$ADDRESS" /u:boxuser "/p:$E2E_PASSWORD" \
    /cert:ignore /log-level:INFO /timeout:30000 /size:640x480
  wait_until 20 has_session '.user == "boxuser" and .state == "Active"' || { tail -n 5 "$W/$1.log"; return 1; }
  SESSION=$(session_id '.user == "boxuser"')
  wait_until 20 has_shell
}
has_shell() { SHELL_PID=$(inside pgrep -o -u boxuser -x dbus-run-sessio); }
# logged_on: the same client if it is still there.
logged_on() {
  SESSION=$(session_id '.user == "boxuser" and .state == "Active"')
  [ -n "$SESSION" ] && has_shell || log_on me
}
# Who the session is; the same after a restart means that it has cost nothing.
who() { query | jq -c '[.sessions[] | select(.user != "") | [.id, .user, .state, .pid, .logon_time]]'; echo "$SHELL_PID"; inside test -d "/proc/$SHELL_PID"; }
same() { [ "$(who 2>/dev/null)" = "$1" ]; }
# Nothing runs for the account but, for some seconds more, its own systemd.
nobody_is_in() { [ -z "$(inside ps -u boxuser -o comm= | grep -vxE 'systemd|\(sd-pam\)')" ] && [ -z "$(inside loginctl --no-legend list-sessions)" ]; }

@test "installed and enabled, all units are up after the boot, without a word of warning" {
  systemctl_in --failed --no-legend
  [ "$(cat "$W/running")" = running ]
  all_active
  run inside journalctl --quiet --output cat --priority warning --unit 'ts*'
  echo "$output"
  [ -z "$output" ]
  wait_until 10 has_session '.state == "Listen"'
  run inside systemd-analyze verify $UNITS
  echo "$output"
  [ "$status" = 0 ] && [ -z "$output" ]
}

@test "folders and sockets have the owners and modes that the roles need, and no more" {
  run inside stat -c '%A %U:%G %n' /run/ts /run/ts/empty /run/ts/tssession.sock /run/ts/hosts.sock /run/ts/tsspawn.sock \
    /var/lib/ts /var/lib/ts/pki /var/lib/ts/pki/tsd /var/lib/ts/pki/tsd/key.pem \
    /var/lib/ts/events /var/lib/ts/events/tsd /var/lib/ts/events/tsd/events.jsonl \
    /var/lib/ts/events/tssession /var/lib/ts/events/tssession/events.jsonl
  echo "$output"
  [ "$output" = "drwxr-xr-x root:root /run/ts
drwxr-xr-x root:root /run/ts/empty
srw-rw-rw- root:root /run/ts/tssession.sock
srw------- root:root /run/ts/hosts.sock
srw-rw-rw- root:root /run/ts/tsspawn.sock
drwxr-xr-x root:root /var/lib/ts
drwxr-xr-x root:root /var/lib/ts/pki
drwx------ tsd:tsd /var/lib/ts/pki/tsd
-rw------- tsd:tsd /var/lib/ts/pki/tsd/key.pem
drwxr-xr-x root:root /var/lib/ts/events
drwxr-s--- tsd:tsadmin /var/lib/ts/events/tsd
-rw-r----- tsd:tsadmin /var/lib/ts/events/tsd/events.jsonl
drwxr-s--- tssession:tsadmin /var/lib/ts/events/tssession
-rw-r----- tssession:tsadmin /var/lib/ts/events/tssession/events.jsonl" ]
  [ "$(inside ps -o user= -p "$(main_pid tsd)")" = tsd ]
  [ "$(inside ps -o user:20= -p "$(main_pid tssession)")" = tssession ]
  [ "$(inside ps -o user= -p "$(main_pid tsspawn)")" = root ]
}

@test "tsd and tssession are shut in; tsspawn, whose children are people's sessions, is not" {
  # Overall exposure as systemd counts it, in tenths.
  inside systemd-analyze security --threshold=15 --no-pager tsd.service >"$W/security" || { tail -n 1 "$W/security"; false; }
  inside systemd-analyze security --threshold=10 --no-pager tssession.service >"$W/security" || { tail -n 1 "$W/security"; false; }
  run ! inside systemd-analyze security --threshold=15 --no-pager tsspawn.service
  # What a session would inherit of it.
  run inside grep -E '^(NoNewPrivs|Seccomp_filters|CapBnd):' "/proc/$(main_pid tsspawn)/status"
  [ "$output" = "$(inside grep -E '^(NoNewPrivs|Seccomp_filters|CapBnd):' /proc/1/status)" ]
  [ "$(inside readlink "/proc/$(main_pid tsspawn)/ns/mnt")" = "$(inside readlink /proc/1/ns/mnt)" ]
}

@test "a logon with the system's password: PAM, a session of logind's, its runtime folder, its cgroup" {
  log_on me
  local id
  id=$(inside loginctl --no-legend list-sessions | awk '{print $1}')
  run inside loginctl show-session "$id" -p Name -p Type -p Class -p Remote -p RemoteHost -p Service -p State -p Display
  echo "$output"
  [ "$(sort <<<"$output")" = "Class=user
Display=:$(session_where ".id == $SESSION" | jq .display)
Name=boxuser
Remote=yes
RemoteHost=127.0.0.1
Service=ts
State=active
Type=x11" ]
  [ "$(inside cat "/proc/$SHELL_PID/environ" | tr '\0' '\n' | grep -E '^XDG_(RUNTIME_DIR|SESSION_ID)=' | sort)" = "XDG_RUNTIME_DIR=/run/user/1999
XDG_SESSION_ID=$id" ]
  [ "$(inside stat -c '%U %a' /run/user/1999)" = "boxuser 700" ]
  [ "$(group_of "$SHELL_PID")" = "0::/user.slice/user-1999.slice/session-$id.scope" ]
  # The fixed point of the session is neither the user's nor in a unit that anybody restarts.
  [ "$(group_of "$(session_where ".id == $SESSION" | jq .pid)")" = 0::/system.slice/tsspawn.service ]
  [ "$(group_of "$(inside pgrep -f "^Xvfb :$(session_where ".id == $SESSION" | jq .display) ")")" = \
    "0::/system.slice/tsspawn.service/ts/session-$SESSION-$(session_where ".id == $SESSION" | jq .pid)" ]
}

@test "events are written by the units themselves, across restarts" {
  logged_on
  systemctl_in restart tssession tsd
  inside tsquery events --json >"$W/events"
  jq -e -n '[inputs] | (map(select(.event == "logon" and .user == "boxuser")) | length >= 1) and
    (map(select(.event == "role-started" and .role == "tssession")) | length >= 2) and
    (map(select(.event == "role-stopped" and .role == "tsd")) | length >= 1) and all(.role != "tsctl")' "$W/events"
}

@test "the journal has our lines under their units with the right level, and no second time stamp" {
  logged_on
  run inside journalctl --quiet --output json --unit tsd --grep '^Listening address='
  [ "$(jq -r '.PRIORITY + " " + .SYSLOG_IDENTIFIER + " " + .MESSAGE' <<<"$output" | head -n 1)" = "6 tsd Listening address=0.0.0.0:3389" ]
  # A helper, whose environment was made from nothing, is named in the line.
  run inside journalctl --quiet --output json --unit tsspawn.service --grep 'Logged on peer='
  [[ $(jq -r '.PRIORITY + " " + .MESSAGE' <<<"$output" | head -n 1) =~ ^6\ tsstack\[[0-9]+\]:\ Logged\ on\ peer=127\.0\.0\.1: ]]
}

@test "restarting tsd and tssession costs no session, and the client goes on" {
  logged_on
  local before client
  before=$(who) client=$(cat "$W/me.pid")
  systemctl_in restart tsd
  systemctl_in restart tssession
  systemctl_in restart tsd tssession
  all_active
  wait_until 10 same "$before"
  kill -0 "$client"
  not ended me
}

@test "tsd and tssession that are killed are started again, and nobody has noticed" {
  logged_on
  local before role pid
  before=$(who)
  for role in tsd tssession; do
    pid=$(main_pid $role)
    systemctl_in kill --signal=KILL --kill-who=main $role
    wait_until 20 eval "[ \"\$(main_pid $role)\" != $pid ] && state_is $role active"
  done
  all_active
  wait_until 10 same "$before"
  not ended me
  systemctl_in reset-failed
}

@test "a stopped tsd is started by the next client, a stopped tssession by the next question" {
  logged_on
  systemctl_in stop tsd
  state_is tsd inactive
  cut_client me
  wait_until 10 has_session '.user == "boxuser" and .state == "Disc"'
  log_on me
  all_active
  systemctl_in stop tssession
  query >/dev/null
  wait_until 10 all_active
  not ended me
}

@test "tssession stopped with its sockets: tsd says once that it waits, sessions go on and are there again" {
  logged_on
  local before since
  before=$(who) since=$(now)
  systemctl_in stop tssession.socket tssession-hosts.socket tssession.service
  wait_until 10 has_said "$since" '^Waiting for tssession, ' --unit tsd --priority warning
  not ended me
  run ! inside tsquery session
  systemctl_in start tssession
  wait_until 10 same "$before"
  wait_until 10 has_said "$since" '^Reached tssession$' --unit tsd
  [ "$(times "$since" Waiting --unit tsd)" = 1 ]
  all_active
  systemctl_in restart tsd
}

@test "stopping tsspawn ends sessions in order: the client is told, nothing is left, the others wait" {
  logged_on
  local since role start=$SECONDS
  since=$(now)
  systemctl_in stop tsspawn
  [ $((SECONDS - start)) -le 8 ]
  [ "$(exit_of me)" = 2 ]
  wait_until 10 nobody_is_in
  [ -z "$(inside find /tmp/.X11-unix /tmp -maxdepth 1 -name '.X*-lock' -o -type s)" ]
  [ -z "$(inside find /run/user/1999 -maxdepth 1 -name 'ts-*' 2>/dev/null)" ]
  state_is tsd active
  state_is tssession active
  for role in tsd tssession; do wait_until 10 has_said "$since" '^Waiting for tsspawn, ' --unit $role --priority warning; done
  [ "$(times "$since" 'remains running|left-over|A stack died|server is stopping')" = 0 ]
  systemctl_in start tsspawn
  for role in tsd tssession; do
    wait_until 10 has_said "$since" '^Reached tsspawn$' --unit $role
    [ "$(times "$since" Waiting --unit $role)" = 1 ]
  done
  log_on me
}

@test "tsspawn that is killed is started again; its sessions have ended, also for logind" {
  logged_on
  local pid
  pid=$(main_pid tsspawn)
  systemctl_in kill --signal=KILL --kill-who=main tsspawn
  [ "$(exit_of me)" = 2 ]
  wait_until 10 nobody_is_in
  wait_until 20 eval "[ \"\$(main_pid tsspawn)\" != $pid ] && all_active"
  log_on me
}

@test "logoff ends what forks faster than it can be listed, in logind's group" {
  logged_on
  inside sh -c 'cat >/home/boxuser/.xsession && chmod 755 /home/boxuser/.xsession' <<'END'
#!/bin/sh
for i in 1 2 3; do
  env -i setsid perl -e '$SIG{TERM} = "IGNORE"; for (;;) { my $p = fork; exit if $p; select undef, undef, undef, 0.01 unless defined $p }' &
done
touch "$HOME/chains"
exec xterm
END
  inside tsctl logoff "$SESSION"
  exit_of me
  log_on me
  wait_until 10 inside test -e /home/boxuser/chains
  inside tsctl logoff "$SESSION"
  wait_until 15 nobody_is_in
  inside rm /home/boxuser/.xsession /home/boxuser/chains
}

@test "started the wrong way round each unit waits, and says so once; then all work" {
  local since
  # Who might come back to a socket, and so start its service again, goes first.
  systemctl_in stop tsd.socket tsd
  systemctl_in stop tsspawn
  systemctl_in stop tssession.socket tssession-hosts.socket tssession
  since=$(now)
  systemctl_in start --no-block tsd
  wait_until 10 has_said "$since" '^Waiting for tsspawn, ' --unit tsd
  wait_until 10 has_said "$since" '^Waiting for tssession, ' --unit tsd
  state_is tsd activating
  systemctl_in start --no-block tssession
  wait_until 10 has_said "$since" '^Waiting for tsspawn, ' --unit tssession
  state_is tssession activating
  systemctl_in start tsspawn
  wait_until 20 all_active
  [ "$(times "$since" Waiting --unit tsd)" = 2 ]
  [ "$(times "$since" Waiting --unit tssession)" = 1 ]
  log_on me
}

@test "a configuration that is wrong is told as an error and tried once; enable --now does the rest" {
  local since
  since=$(now)
  inside sh -c 'cp /etc/ts/ts.yaml /tmp/ts.yaml && echo "bogus: 1" >>/etc/ts/ts.yaml'
  run ! systemctl_in restart tsd
  [ "$(property tsd Result) $(property tsd ExecMainStatus) $(property tsd NRestarts)" = "exit-code 3 0" ]
  wait_until 10 has_said "$since" "bogus" --unit tsd --priority err
  inside cp /tmp/ts.yaml /etc/ts/ts.yaml
  systemctl_in disable --now tsspawn tssession tsd tsd.socket tssession.socket tssession-hosts.socket 2>/dev/null
  systemctl_in reset-failed
  # As README says it.
  systemctl_in enable --now tsspawn tssession tsd 2>/dev/null
  all_active
  log_on me
}

@test "tsctl drain is kept by the unit; tsctl shutdown leaves the units to the administrator and says so" {
  inside tsctl drain on
  [ "$(inside stat -c '%A %U:%G' /var/lib/ts/session)" = "drwx------ tssession:tssession" ]
  systemctl_in restart tssession.service
  run -0 inside tsctl drain status
  [ "$output" = on ]
  inside tsctl drain off
  run -0 inside tsctl shutdown --delay 600
  [[ $output == *"'systemctl stop tsd.socket tssession.socket tssession-hosts.socket tsd tssession tsspawn'"* ]]
  inside tsctl shutdown --cancel
  # With nobody logged on it is done at once, and a restart makes it as it was.
  local since
  since=$(now)
  run -0 inside tsctl shutdown --delay 0 --json
  jq -e '.stops == false' <<<"$output"
  wait_until 20 has_said "$since" 'the service itself is yours to stop' --unit tssession
  state_is tssession.service active
  systemctl_in restart tssession.service
  all_active
}

@test "a private session with limits: its programs in logind's group, which systemd limits, and in a room of their own" {
  inside sed -i 's/^  #isolation: shared/  isolation: private/; s/^  #memory: 0/  memory: 400M/; s/^  #tasks: 0/  tasks: 900/' /etc/ts/ts.yaml
  systemctl_in restart tsspawn
  wait_until 20 has_session '.state == "Idle"'
  log_on me
  local id name
  id=$(inside loginctl --no-legend list-sessions | awk '{print $1}')
  [ "$(group_of "$SHELL_PID")" = "0::/user.slice/user-1999.slice/session-$id.scope" ]
  [ "$(property "session-$id.scope" MemoryMax)" = 400000000 ]
  [ "$(property "session-$id.scope" TasksMax)" = 900 ]
  # What is said to be in force is what that group has.
  for name in memory:memory.max tasks:pids.max; do
    if inside grep -qE '^[0-9]' "/sys/fs/cgroup/user.slice/user-1999.slice/session-$id.scope/${name#*:}"; then
      session_where ".id == $SESSION" | jq -e --arg name "${name%:*}" '.limits.not_in_force | index($name) == null'
    else
      session_where ".id == $SESSION" | jq -e --arg name "${name%:*}" '.limits.not_in_force | index($name) != null'
    fi
  done
  [ "$(inside nsenter -t "$SHELL_PID" -p -m cat /proc/1/comm)" = tsroom ]
  # The runtime folder is where logind has it, and the session's own; with logind the user goes, not before.
  [ "$(inside nsenter -t "$SHELL_PID" -p -m stat -c '%U %a' /run/user/1999)" = "boxuser 700" ]
  [ -z "$(inside nsenter -t "$SHELL_PID" -p -m sh -c 'ls -d /run/user/1999/systemd 2>/dev/null')" ]
  inside tsctl logoff "$SESSION"
  wait_until 20 no_session ".id == $SESSION"
  wait_until 30 nobody_is_in
}
