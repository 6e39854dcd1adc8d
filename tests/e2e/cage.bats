#!/usr/bin/env bats
# The walls around a stack, tried from inside: cage_probe takes tsstack's place and is a stack that somebody has taken
# over. Alice is logged on by a real stack meanwhile, and after each test her session is what it was.
load helpers
load worker

setup_file() {
  # An installation of our own, in which tsstack is to become another program.
  cp -al "$E2E_ROOT/inst" "$E2E_ROOT/cage"
  E2E_BIN=$E2E_ROOT/cage/usr/bin
  export E2E_BIN
  start_server --set 'sessions.shell="xterm -name marker"' --set listener.max_per_address=30 --set sessions.max_logon=30
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  ID=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  STACK=$(sed -n 's/.*Client handed over peer=[^ ]* stack=//p' "$W/up.log")
  TSD=$(role tsd) TSSTACK=$E2E_ROOT/cage/usr/libexec/ts/tsstack
  cp "$TS_BUILD/tests/cage_probe" "$TSSTACK.new"
  mv "$TSSTACK.new" "$TSSTACK"
  local pid
  for pid in $(stacks); do [ "$pid" = "$STACK" ] || kill -KILL "$pid"; done
  # Those whom the trials would like to talk to.
  perl -MIO::Socket::INET -MSocket -e '
    my $tcp = IO::Socket::INET->new(Listen => 50, LocalAddr => "127.0.0.1") or die;
    socket(my $file, AF_UNIX, SOCK_STREAM, 0); bind($file, sockaddr_un($ARGV[0])) or die; listen($file, 50);
    socket(my $name, AF_UNIX, SOCK_STREAM, 0); bind($name, pack("S", AF_UNIX) . "\0$ARGV[1]") or die; listen($name, 50);
    chmod 0777, $ARGV[0];
    $| = 1; print $tcp->sockport, "\n"; sleep' "$W/out/there" "there-$$" >"$W/out/port" 3>&- &
  LISTENER=$!
  wait_until 10 test -s "$W/out/port"
  TARGETS="$STACK $TSD $(cat "$W/out/port") $W/out/there there-$$"
  wait_until 20 two_probes_wait
  export ID STACK TSD TSSTACK TARGETS LISTENER
}

teardown_file() {
  kill "$LISTENER"
  stop_server
}

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2
  [ ! -s "$W/c1.exit" ]
  has_session ".id == $ID and .state == \"Active\" and .user == \"$E2E_ALICE\""
  not gone "$STACK"
}

two_probes_wait() { [ "$(stacks | xargs -I{} readlink /proc/{}/exe | grep -cxF "$TSSTACK")" -ge 2 ]; }

# take_over: a connection whose stack does what LINK tells it; PROBE is its pid.
take_over() {
  exec {LINK}<>"/dev/tcp/127.0.0.1/${ADDRESS##*:}"
  PROBE=$(tell pid)
}
let_go() { exec {LINK}>&-; }
# tell COMMAND...: what the stack answers; fails when it has gone.
tell() {
  local line
  printf '%s\n' "$*" >&"$LINK"
  while read -rt 30 line <&"$LINK"; do
    if [ "$line" = end ]; then return 0; fi
    printf '%s\n' "$line"
  done
  return 1
}
logged() { grep -acE -- "$1" "$W/up.log" || true; }

# refused CALL PARAMETERS PATTERN LOGGED: answered by an error that matches, the connection's last call, and logged.
refused() {
  local before; before=$(logged "$4")
  take_over
  tell enter >/dev/null
  tell call 0 "{\"method\":\"$1\",\"parameters\":$2}" >"$W/answer"
  echo "$1: $(cat "$W/answer")"
  grep -qE "$3" "$W/answer"
  tell call 0 '{"method":"ts.Session.List"}' >"$W/answer"
  echo "after it: $(cat "$W/answer")"
  grep -qx closed "$W/answer"
  let_go
  [ "$(logged "$4")" -gt "$before" ]
}

CLIENT='"client":{"name":"probe","width":640,"height":480,"depth":32,"scale":100,"keyboard":1033}'
# ask_for_session [MORE]: HERE is the one given.
ask_for_session() {
  tell call 0 "{\"method\":\"ts.Logon.Connect\",\"more\":true,\"parameters\":{$CLIENT$1}}" >"$W/answer"
  cat "$W/answer"
  grep -q '"logged_on":false' "$W/answer"
  HERE=$(jq .parameters.session_id "$W/answer")
  [ "$HERE" != "$ID" ]
}
# credentials USER PASSWORD: lib/session/stack_messages.h, in hex.
credentials() { perl -e 'print unpack("H*", pack("L a256 a256 a512 a512 a512", 0x302, $ARGV[0], "", $ARGV[1], "", ""))' "$@"; }

@test "every wall of the cage stands, and where there is none the same trials succeed" {
  # shellcheck disable=SC2086
  "$TS_BUILD/tests/cage_probe" $TARGETS >"$W/free" 2>"$W/free.log"
  take_over
  # shellcheck disable=SC2086
  tell trials caged $TARGETS >"$W/caged"
  let_go
  [ "$(wc -l <"$W/free")" -ge 80 ]
  diff <(sed 's/:.*//' "$W/free") <(sed 's/:.*//' "$W/caged")
  not grep -hE 'wanted|no cage' "$W/free" "$W/caged"
  not grep ': done' "$W/caged"
}

@test "behind the filter of calls there are other walls" {
  local wall
  take_over
  # shellcheck disable=SC2086
  tell trials uncaged $TARGETS >"$W/uncaged"
  let_go
  for wall in 'trace another stack: EPERM' 'read another stack.s memory: EPERM' 'open another stack.s memory: EACCES' \
    'take another stack.s descriptors: EPERM' 'signal the daemon: EPERM' 'connect to a port: ENETUNREACH' \
    'send a datagram: ENETUNREACH' 'connect to an abstract socket: ECONNREFUSED' \
    'turn the client.s socket elsewhere: EISCONN' 'become root: EPERM' 'join groups: EPERM' 'mount: EPERM' \
    'enter a new namespace: EPERM' 'type at a terminal: E.*' 'rename the machine: EPERM'; do
    grep -x "$wall" "$W/uncaged" || { echo "missing: $wall"; cat "$W/uncaged"; return 1; }
  done
}

@test "a stack that takes memory without end dies alone, and has few of everything else" {
  take_over
  tell enter | grep -qx entered
  local limit
  for limit in 'core file size:0' 'processes:0' 'locked memory:0' 'msgqueue size:0' 'open files:64' \
    "address space:$((2 << 30))"; do
    if [ -n "${TS_SANITIZE:-}" ] && [[ $limit == address* ]]; then continue; fi
    grep -E "^Max ${limit%:*} +${limit#*:} +${limit#*:} " "/proc/$PROBE/limits" || { cat "/proc/$PROBE/limits"; return 1; }
  done
  # When the machine has no memory left it goes before any session.
  [ "$(cat "/proc/$PROBE/oom_score_adj")" = 500 ]
  [ "$(cat "/proc/$(role tsspawn)/oom_score_adj")" -lt 500 ]
  if [ -z "${TS_SANITIZE:-}" ]; then
    not tell grow
    wait_until 10 log_has "A stack died, its client was cut off pid=$PROBE signal=ABRT"
  fi
  let_go
}

@test "over its connection to the session manager a stack may ask for its session and for nothing else" {
  local no='NotPermitted' other='Ending the connection of a stack that called more than ts.Logon.Connect'
  refused ts.Session.List '{}' "$no" "$other"
  refused ts.Session.Logoff "{\"id\":$ID}" "$no" "$other"
  refused ts.Session.Screenshot "{\"id\":$ID}" "$no" "$other"
  refused ts.Session.Connect "{\"id\":$ID,\"to\":2}" "$no" "$other"
  refused ts.Session.Kill "{\"id\":$ID,\"signal\":9}" "$no" "$other"
  refused ts.Server.SetDrain '{"drain":{"mode":"on"}}' "$no" "$other"
  refused ts.Server.Shutdown '{"delay":0}' "$no" "$other"
  refused ts.Server.Metrics '{}' "$no" "$other"
  local own='Refused a call of ts.Logon'
  refused ts.Logon.Listen '{"name":"mine","addresses":["127.0.0.1:1"]}' "$no" "$own: this connection has another use"
  refused ts.Logon.Introduce '{"connection":"00112233445566778899aabbccddeeff","client_address":"127.0.0.1:1"}' "$no" \
    "$own: this connection has another use"
  refused ts.Logon.Connect "{$CLIENT}" "$no" "$own: Connect is called with"
}

@test "a guessed proof brings nobody into her session, and one connection gets one session" {
  take_over
  tell enter >/dev/null
  # No field is another connection's id.
  tell call 0 "{\"method\":\"ts.Logon.Connect\",\"more\":true,\"parameters\":{$CLIENT,\"connection\":\"00112233445566778899aabbccddeeff\"}}" |
    grep -q InvalidParameter
  ask_for_session ",\"reconnect\":{\"session_id\":$ID,\"proof\":\"$(printf '%064d' 7)\"}"
  wait_until 5 log_has "Refused an automatic reconnection client=[^ ]* session=$ID"
  # Asked for again, with descriptors that nobody wants: not answered, and nothing comes of it.
  tell send 4 "{\"method\":\"ts.Logon.Connect\",\"more\":true,\"parameters\":{$CLIENT}}"
  tell host "$(credentials nobody wrong)" 3 0x303:1 | tee "$W/answer"
  grep -q '0x303:1' "$W/answer"
  [ "$(session_where '.client.name == "probe"' | jq .id)" = "$HERE" ]
  let_go
  wait_until 10 no_session '.client.name == "probe"'
}

@test "what is out of turn on the session's socket ends the attachment and harms no session" {
  local message
  # AttachStack, StartShell, EndSession, Credentials cut short, and what only the host says.
  for message in 81020000 82020000 84020000 0203000041414141 03030000; do
    take_over
    tell enter >/dev/null
    ask_for_session ''
    tell host "$message" 1 closed | grep -q closed
    let_go
  done
  [ "$(logged 'Dropping a stack that sent a message of type 0x(281|282|284|302|303) out of turn')" = 5 ]
  # Once somebody has logged on there, nobody else does.
  take_over
  ask_for_session ''
  tell host "$(credentials "$E2E_BOB" "$E2E_PASSWORD")" 0 0x303:0 | grep -q 0x303:0
  local bobs; bobs=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  tell host "$(credentials "$E2E_ALICE" "$E2E_PASSWORD")" 0 closed | grep -q closed
  let_go
  has_session ".id == $bobs and .user == \"$E2E_BOB\""
  [ "$(logged 'Dropping a stack that sent a message of type 0x302 out of turn')" = 2 ]
  ctl logoff "$bobs"
}

@test "the listener cuts off a stack that has more signed than a handshake needs, or sends what is malformed" {
  take_over
  tell enter >/dev/null
  not tell tsd 02050000 0 closed
  let_go
  [ "$(logged 'Ending a stack that sent a malformed request')" = 1 ]
  take_over
  # An operation that there is not: no signature, and each counts.
  local ask; ask=$(perl -e 'print unpack("H*", pack("L L L a1024", 0x502, 99, 32, ""))')
  tell tsd "$ask" 0 0x503 | grep -q 0x503
  tell tsd "$ask" 0 0x503 | grep -q 0x503
  not tell tsd "$ask" 0 closed
  let_go
  [ "$(logged 'Ending a stack that asked for the private key too often')" = 1 ]
}

# in_display SESSION COMMAND...: as what shows that session could do it: its uid, in its namespaces, without any right. In
# those of tsdisplay and tslogon, or in $WITHIN's: the display server has a /tmp of its own.
in_display() {
  local there uid
  there=$(host_child "$1" "${WITHIN:-tsdisplay}") uid=$(stat -c %u "/proc/$(host_child "$1" Xvfb)"); shift
  nsenter --target "$there" --mount --ipc -- setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all \
    --bounding-set=-all --no-new-privs -- env -i PATH="$PATH" HOME=/tmp "$@"
}
# own_only COMMAND...: alice's display may, another session's may not.
own_only() { in_display "$ID" "$@" >/dev/null; not in_display "$OTHER" "$@" >/dev/null 2>&1; }
free_session() { OTHER=$(session_in '.state == "Idle"'); }

@test "what shows one session reaches no process, memory or picture of another" {
  free_session
  local name pid file fd found=0
  for name in Xvfb tsdisplay; do
    pid=$(host_child "$ID" "$name")
    own_only kill -0 "$pid"
    for file in environ maps mem; do
      perl -e 'open(my $f, "<", $ARGV[0]) or die' "/proc/$pid/$file"
      not in_display "$OTHER" perl -e 'open(my $f, "<", $ARGV[0]) or die' "/proc/$pid/$file" 2>/dev/null
    done
    not in_display "$OTHER" ls "/proc/$pid/fd/" 2>/dev/null
    for fd in "/proc/$pid/fd/"*; do
      [[ $(readlink "$fd") == /memfd:* ]] || continue
      found=$((found + 1))
      not in_display "$OTHER" perl -e 'open(my $f, "<", $ARGV[0]) or die' "$fd" 2>/dev/null
    done
    # 101: ptrace; 0x4206: PTRACE_SEIZE.
    [ "$(uname -m)" != x86_64 ] || not in_display "$OTHER" perl -e 'syscall(101, 0x4206, $ARGV[0] + 0, 0, 0) == 0 or die' "$pid" 2>/dev/null
  done
  own_only head -c 1 "/proc/$(host_child "$ID" tsdisplay)/environ"
  [ "$found" -ge 3 ]
  for pid in $(shell_of "$ID") "$(role tsspawn)" "$TSD" "$(role tssession)" "$STACK" "$(host_of "$ID")" "$(host_of "$OTHER")"; do
    not in_display "$OTHER" kill -0 "$pid" 2>/dev/null
    not in_display "$OTHER" head -c 1 "/proc/$pid/environ" 2>/dev/null
  done
}

@test "what shows one session reaches no display, bus, file or shared memory of another" {
  free_session
  local shell display cookie segment address
  shell=$(shell_of "$ID")
  display=$(variable "$shell" DISPLAY) address=$(variable "$shell" DBUS_SESSION_BUS_ADDRESS)
  # With her cookie her display opens; without one, with a guess, or another display with hers, it does not.
  cookie=$(xauth -f "$(variable "$shell" XAUTHORITY)" list | awk 'NR == 1 {print $3}')
  xauth -f "$W/out/hers" add "$display" . "$cookie"
  xauth -f "$W/out/guess" add "$display" . "$(printf '%032d' 7)"
  chmod 644 "$W/out/"{hers,guess}
  in_display "$ID" env DISPLAY="$display" XAUTHORITY="$W/out/hers" xdpyinfo >/dev/null
  not in_display "$OTHER" env DISPLAY="$display" XAUTHORITY="$W/out/guess" xdpyinfo 2>/dev/null
  not in_display "$OTHER" env DISPLAY="$display" xdpyinfo 2>/dev/null
  not in_display "$OTHER" env DISPLAY=":$(session_where ".id == $OTHER" | jq .display)" XAUTHORITY="$W/out/hers" xdpyinfo 2>/dev/null
  not in_display "$OTHER" cat "$(variable "$shell" XAUTHORITY)" 2>/dev/null
  not in_display "$OTHER" ls "$(dirname "$(variable "$shell" XAUTHORITY)")" 2>/dev/null
  # Her bus.
  local call=(dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames)
  as "$E2E_ALICE" env DBUS_SESSION_BUS_ADDRESS="$address" "${call[@]}" | grep -q org.freedesktop.DBus
  not in_display "$OTHER" env DBUS_SESSION_BUS_ADDRESS="$address" "${call[@]}" 2>/dev/null
  # A segment that all may use is there for her session only; so is what lies in its server's /tmp.
  segment=$(in_display "$ID" perl -e 'my $id = shmget(0, 4096, 01666) // die; print $id')
  own_only perl -e 'my $bytes; shmread($ARGV[0], $bytes, 0, 8) or die' "$segment"
  in_display "$ID" ipcrm -m "$segment"
  WITHIN=Xvfb
  in_display "$ID" sh -c 'umask 0; echo x >/tmp/there'
  own_only cat /tmp/there
  in_display "$ID" rm /tmp/there
}

@test "what shows one session is a stranger to the daemons" {
  free_session
  for name in hosts.sock tsspawn.sock; do
    # A request as tssession would send it: refused by the file's mode, or closed before a byte is answered.
    run in_display "$OTHER" timeout 5 perl -MSocket -e '
      socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die;
      connect($s, sockaddr_un($ARGV[0])) or print("refused"), exit;
      send($s, pack("L<L<", 0x101, 9), MSG_NOSIGNAL);
      recv($s, my $got = "", 4096, 0);
      print length($got) ? "answered" : "refused"' "$W/s/run/$name"
    [ "$output" = refused ]
  done
  in_display "$OTHER" "$E2E_BIN/tsquery" session --json --runtime "$W/s/run" --state "$W/s/state" | jq -e '.sessions == []'
  for name in disconnect logoff reset; do
    run in_display "$OTHER" "$E2E_BIN/tsctl" "$name" "$ID" --runtime "$W/s/run" --state "$W/s/state"
    [[ $status = 5 || $status = 6 ]]
  done
}
