#!/usr/bin/env bats
# What another account gets of a session, and a stack of anything: nothing. Alice is logged on; bob tries.
load helpers

setup_file() {
  start_server --set 'sessions.shell="xterm -name marker"'
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  ID=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  wait_until 20 shell_of "$ID" >/dev/null
  SHELL_PID=$(shell_of "$ID")
  ALICES_DISPLAY=$(variable "$SHELL_PID" DISPLAY) ALICES_XAUTHORITY=$(variable "$SHELL_PID" XAUTHORITY)
  # What bob would have to get into.
  XVFB=$(process_of "$ID" Xvfb) TSDISPLAY=$(process_of "$ID" tsdisplay) TSHOST=$(process_of "$ID" tshost)
  STACK=$(sed -n 's/.*Client handed over peer=[^ ]* stack=//p' "$W/up.log" | head -n 1)
  export ID SHELL_PID ALICES_DISPLAY ALICES_XAUTHORITY XVFB TSDISPLAY TSHOST STACK
}

teardown_file() { stop_server; }

# After each test alice's session is what it was.
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" >&2
  [ ! -s "$W/c1.exit" ]
  has_session ".id == $ID and .state == \"Active\" and .user == \"$E2E_ALICE\""
  [ "$(shell_of "$ID")" = "$SHELL_PID" ]
}

# process_of SESSION NAME, and one of the server's own roles.
process_of() {
  local pid
  for pid in $(session_pids "$1"); do
    if [ "$(cat "/proc/$pid/comm")" = "$2" ]; then echo "$pid"; return 0; fi
  done
  return 1
}
role() { pgrep -P "$UP_PID" -x "$1"; }
bob() { as "$E2E_BOB" "$@"; }
status_of() { awk -v name="$2:" '$1 == name {print $2}' "/proc/$1/status"; }

# A check on "bob cannot" is worth something only if alice, or root, can.
both_ways() { "${ABLE[@]}" "$@" >/dev/null; not bob "$@" 2>/dev/null; }

@test "another account cannot open the display, with or without knowing where it is" {
  ABLE=(as "$E2E_ALICE")
  both_ways env DISPLAY="$ALICES_DISPLAY" XAUTHORITY="$ALICES_XAUTHORITY" xdpyinfo
  run bob env DISPLAY="$ALICES_DISPLAY" xdpyinfo
  [ "$status" != 0 ]
  [[ $output == *"unable to open display"* ]]
  # No host-based access, no TCP, no abstract socket either.
  as "$E2E_ALICE" env DISPLAY="$ALICES_DISPLAY" XAUTHORITY="$ALICES_XAUTHORITY" xhost | grep -q 'access control enabled'
  [ "$(as "$E2E_ALICE" env DISPLAY="$ALICES_DISPLAY" XAUTHORITY="$ALICES_XAUTHORITY" xhost | wc -l)" = 1 ]
  run bob perl -e 'use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack("S", AF_UNIX) . "\0$ARGV[0]") or die $!' \
    "/tmp/.X11-unix/X${ALICES_DISPLAY#:}"
  [[ $status != 0 && $output == *"Connection refused"* ]]
  run bob env DISPLAY="127.0.0.1$ALICES_DISPLAY" xdpyinfo
  [ "$status" != 0 ]
  # Nor with a cookie of bob's own making.
  bob xauth -f "$W/out/guess" add "$ALICES_DISPLAY" . "$(printf '%032d' 7)"
  run bob env DISPLAY="$ALICES_DISPLAY" XAUTHORITY="$W/out/guess" xdpyinfo
  [ "$status" != 0 ]
}

@test "another account cannot read her cookie, her environment, her memory" {
  ABLE=(as "$E2E_ALICE")
  both_ways cat "$ALICES_XAUTHORITY"
  both_ways ls "$(dirname "$ALICES_XAUTHORITY")"
  ABLE=()
  both_ways head -c 1 "/proc/$SHELL_PID/environ"
  local pid
  for pid in $(session_pids "$ID"); do
    run bob cat "/proc/$pid/environ"
    [ "$status" != 0 ]
    run bob ls "/proc/$pid/fd"
    [ "$status" != 0 ]
    run bob kill -0 "$pid"
    [ "$status" != 0 ]
  done
}

@test "another account cannot get at the picture, neither at its file nor at those who hold it" {
  local fd pid found=0
  ABLE=()
  for pid in "$XVFB" "$TSDISPLAY" "$TSHOST"; do
    for fd in "/proc/$pid/fd/"*; do
      [[ $(readlink "$fd") == */memfd:framebuffer* ]] || continue
      found=$((found + 1))
      both_ways head -c 4 "$fd"
      # Alice's own programs draw through her X server; the file is not hers either.
      not as "$E2E_ALICE" head -c 4 "$fd" 2>/dev/null
    done
  done
  [ "$found" -ge 2 ]
  # The display's processes have a uid of their own, and each session another one.
  local uid uids
  uid=$(stat -c %u "/proc/$XVFB")
  [ "$uid" = "$(stat -c %u "/proc/$TSDISPLAY")" ]
  [ "$uid" -ge 60600 ]
  wait_until 10 eval '[ "$(session_where ".state == \"Idle\"" | wc -l)" = 2 ]'
  uids=$(for pid in $(tree_below "$UP_PID"); do ps -o comm=,uid= -p "$pid"; done | awk '$1 == "Xvfb" {print $2}')
  # Hers, the console's and those of the two that wait.
  [ "$(wc -l <<<"$uids")" = 4 ]
  [ "$(sort -u <<<"$uids" | wc -l)" = 4 ]
}

@test "another account's connections to the inner sockets are refused" {
  local name
  for name in hosts.sock tsspawn.sock; do
    [ -S "$W/s/run/$name" ]
    # Refused by the file's mode, or closed before a byte is answered. A request, as tssession would send it.
    run bob timeout 5 perl -e '
      use Socket;
      socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die;
      unless (connect($s, sockaddr_un($ARGV[0]))) { print "refused\n"; exit 0 }
      send($s, pack("L<L<", 0x101, 9), MSG_NOSIGNAL);
      my $got = "";
      recv($s, $got, 4096, 0);
      print length($got) ? "answered\n" : "closed\n"' "$W/s/run/$name"
    echo "$name: $status $output"
    [ "$status" = 0 ]
    [ "$output" = refused ] || [ "$output" = closed ]
  done
  # Introductions are the listener's alone.
  local logon='{"method":"ts.Logon.Introduce","parameters":{"connection":"00112233445566778899aabbccddeeff","peer":"127.0.0.1:1"}}'
  run bob timeout 5 perl -e '
    use Socket;
    socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
    connect($s, sockaddr_un($ARGV[0])) or die "connect: $!\n";
    syswrite $s, "$ARGV[1]\0";
    sysread $s, my $got, 4096;
    print $got' "$W/s/run/tssession.sock" "$logon"
  echo "$output"
  [[ $output == *'"error":'* ]]
  no_session '.id == 9'
}

@test "keys, accounts and state are their owners' alone" {
  local file
  ABLE=()
  for file in "$W/s/state/pki/tsd/key.pem" "$W/s/run/up.passwd"; do
    [ -s "$file" ]
    both_ways cat "$file"
    run as "$E2E_ALICE" cat "$file"
    [ "$status" != 0 ]
    run setpriv --reuid tsstack --regid tsstack --clear-groups cat "$file"
    [ "$status" != 0 ]
  done
  run setpriv --reuid tssession --regid tssession --clear-groups cat "$W/s/state/pki/tsd/key.pem"
  [ "$status" != 0 ]
  # Nothing that others may write to.
  [ -z "$(find "$W/s/run" "$W/s/state" ! -type s ! -type l -perm /022)" ]
}

@test "a stack has no rights, no files, and no socket but those it was given" {
  [ "$(cat "/proc/$STACK/comm")" = tsstack ]
  [ "$(status_of "$STACK" Uid)" = "$(id -u tsstack)" ]
  [ "$(status_of "$STACK" Seccomp)" = 2 ]
  # A network without any device that is up, which is not the host's.
  [ "$(readlink "/proc/$STACK/ns/net")" != "$(readlink /proc/self/ns/net)" ]
  [ -z "$(nsenter --net="/proc/$STACK/ns/net" ip -o link show up)" ]
  [ "$(status_of "$STACK" NoNewPrivs)" = 1 ]
  local set
  for set in CapInh CapPrm CapEff CapAmb; do [ "$(status_of "$STACK" "$set")" = 0000000000000000 ]; done
  [ "$(awk '/^Groups:/ {print NF - 1}' "/proc/$STACK/status")" -le 1 ]
  [ "$(readlink "/proc/$STACK/root")" = "$W/s/run/empty" ]
  [ -z "$(ls -A "/proc/$STACK/root/")" ]
  [ "$(awk '/^Max core file size/ {print $5}' "/proc/$STACK/limits")" = 0 ]
  [ "$(awk '/^Max processes/ {print $3}' "/proc/$STACK/limits")" = 0 ]
  # Each descriptor is a pipe or socket it was handed, the log, the picture, or the loop's own.
  local fd target
  for fd in "/proc/$STACK/fd/"*; do
    target=$(readlink "$fd")
    case $target in
      socket:* | pipe:* | anon_inode:* | /memfd:framebuffer* | /dev/null | "$W/up.log" | "$W/s/run/empty") ;;
      *) echo "a stack holds $target" >&2; return 1 ;;
    esac
  done
  # Of sockets: the client's, and those to tsd, to tssession, to its session's host and to its display.
  local inodes; inodes=$(readlink "/proc/$STACK/fd/"* | sed -n 's/^socket:\[\(.*\)\]$/\1/p')
  [ "$(wc -l <<<"$inodes")" = 5 ]
  [ "$(awk '{print $4, $10}' /proc/net/tcp | grep -cxFf <(sed 's/^/01 /' <<<"$inodes"))" = 1 ]
  [ "$(awk '{print $4, $6, $7}' /proc/net/unix | grep -cxFf <(sed 's/^/00000000 03 /' <<<"$inodes"))" = 4 ]
  not grep -q key "/proc/$STACK/maps"
  # The same for those that wait for a client: they are locked up before a byte reaches them.
  local pid; for pid in $(pgrep -P "$(role tsspawn)" -x tsstack); do
    [ "$(status_of "$pid" Seccomp)" = 2 ]
    [ "$(status_of "$pid" CapEff)" = 0000000000000000 ]
  done
}

@test "the listener and the session manager have accounts of their own and no capabilities" {
  local name pid
  for name in tsd tssession; do
    pid=$(role "$name")
    [ "$(status_of "$pid" Uid)" = "$(id -u "$name")" ]
    [ "$(status_of "$pid" CapEff)" = 0000000000000000 ]
    [ "$(status_of "$pid" CapPrm)" = 0000000000000000 ]
    [ "$(status_of "$pid" NoNewPrivs)" = 1 ]
  done
  # tsdisplay, too, and the display server has the one capability it needs.
  [ "$(status_of "$TSDISPLAY" CapEff)" = 0000000000000000 ]
  [ "$(status_of "$XVFB" CapEff)" = "$(printf '%016x' $((1 << 15)))" ]
  # What runs for alice has none, and none of it holds the server's log or what the server prints on.
  for pid in $(session_pids "$ID"); do
    [ "$(status_of "$pid" Uid)" = "$(id -u "$E2E_ALICE")" ] || continue
    [ "$(status_of "$pid" CapEff)" = 0000000000000000 ]
    not eval "ls -l /proc/$pid/fd | grep -F '$W/up.'"
  done
}
