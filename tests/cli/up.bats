#!/usr/bin/env bats
# tsctl up as a supervisor, with roles that only say what they were given: what it makes, holds, restarts and takes away.
bats_require_minimum_version 1.5.0
load helpers

# A tree like a build's, in which the roles are fakes. $W/ROLE.log has a line for each start; what a role does at its
# start is in $W/ROLE.do (perl), if that exists.
fake_roles() {
  mkdir "$W/bin" "$W/libexec" "$W/log"
  chmod 1777 "$W/log"
  install -m 666 /dev/null "$W/log/order"
  cp "$BUILD/bin/tsctl" "$W/bin/"
  cat >"$W/libexec/tsspawn" <<END
#!/usr/bin/perl
use strict; use warnings; use Socket;
my (\$role) = \$0 =~ m{([^/]+)\$};
my \$w = "$W";
\$SIG{TERM} = sub { open my \$f, ">>", "\$w/log/order"; print \$f "\$role\n"; close \$f; exit 0 };
our \$ready = sub {
  socket(my \$s, AF_UNIX, SOCK_DGRAM, 0) or die;
  (my \$to = \$ENV{NOTIFY_SOCKET}) =~ s/^\@/\0/;
  send(\$s, "READY=1", 0, pack("Sa*", AF_UNIX, \$to)) or die "send: \$!";
};
my \$fds = join ",", map { -S "/proc/self/fd/\$_" ? "socket" : -d "/proc/self/fd/\$_" ? "folder" : "other" }
  grep { \$_ > 2 && -e "/proc/self/fd/\$_" && readlink("/proc/self/fd/\$_") !~ m{libexec|^/proc|pipe:} } 0 .. 20;
open my \$log, ">>", "\$w/log/\$role";
print \$log "pid=\$\$ uid=\$> names=\$ENV{LISTEN_FDNAMES} count=\$ENV{LISTEN_FDS} mine=", \$ENV{LISTEN_PID} == \$\$ ? 1 : 0,
  " fds=\$fds arguments=@ARGV\n";
close \$log;
do "\$w/\$role.do" if -e "\$w/\$role.do";
\$ready->();
select undef, undef, undef, 60 while 1;
END
  chmod +x "$W/libexec/tsspawn"
  cp "$W/libexec/tsspawn" "$W/libexec/tssession"
  cp "$W/libexec/tsspawn" "$W/libexec/tsd"
}

# up [OPTION...]: in the background, until it is ready. UP is its pid, $W/out and $W/err what it says.
start_up() {
  # What the last one said is not this one's.
  rm -f "$W/out"
  "$W/bin/tsctl" up --json --state "$W/s" --runtime "$W/r" --set 'listener.address=["0.0.0.0:0"]' "$@" \
    >"$W/out" 2>"$W/err" 3>&- &
  UP=$!
  STARTED+=("$UP")
}
ready() { grep -qs '"ready":true' "$W/out"; }
start_up_ready() {
  start_up "$@"
  wait_until 20 ready || { cat "$W/err"; false; }
}
# end_up [SIGNAL]: ends it, and gives its exit status in STATUS.
end_up() {
  kill "-${1:-TERM}" "$UP"
  STATUS=0
  wait "$UP" || STATUS=$?
  STARTED=()
}
pid_of() { tail -n 1 "$W/log/$1" | sed 's/^pid=\([0-9]*\).*/\1/'; }
starts_of() { [ "$(wc -l <"$W/log/$1")" -ge "$2" ]; }
gone() { [ ! -d "/proc/$1" ]; }
nothing_left() {
  local role
  for role in tsspawn tssession tsd; do
    [ ! -e "$W/log/$role" ] || wait_until 5 gone "$(pid_of $role)"
  done
  [ ! -e "$W/r" ]
}

@test "--json: one line when all is ready and nothing else; SIGTERM ends all in order, exit 0, nothing left" {
  fake_roles
  start_up_ready
  [ "$(wc -l <"$W/out")" = 1 ]
  jq -e '.ready == true and (.address | test("^127\\.0\\.0\\.1:[1-9][0-9]*$")) and (.password | test("^[A-Za-z0-9]{16}$"))
    and (.user | length > 0) and (keys | length == 4)' "$W/out"
  # The listening socket is there, before any role accepts.
  local address
  address=$(jq -r .address "$W/out")
  exec 9<>"/dev/tcp/${address%:*}/${address#*:}"
  exec 9>&-
  [ "$(stat -c '%a %F' "$W/r/tssession.sock")" = "666 socket" ]
  [ "$(stat -c '%a %F' "$W/r/hosts.sock")" = "600 socket" ]
  [ "$(stat -c '%a %F' "$W/r/tsspawn.sock")" = "666 socket" ]
  end_up TERM
  cat "$W/err"
  [ "$STATUS" = 0 ]
  [ "$(xargs <"$W/log/order")" = "tsd tssession tsspawn" ]
  [ "$(wc -l <"$W/out")" = 1 ]
  nothing_left
}

@test "at a terminal roles hold a pipe, not the terminal; what they print comes there whole, without control sequences" {
  fake_roles
  cat >"$W/tsd.do" <<'END'
my ($w) = $ENV{LISTEN_FDNAMES} ? "@W@" : die;
open my $f, ">", "$w/log/fds";
print $f readlink("/proc/self/fd/$_"), "\n" for 1, 2;
syswrite STDERR, "line $_ of tsd \e[2J\x{9b}m\xc2\x9bm\n" for 1 .. 3000;
syswrite STDOUT, "the last line\n";
END
  sed -i "s,@W@,$W," "$W/tsd.do"
  mkfifo "$W/keys"
  # script makes a terminal; what is written to the pipe is typed there.
  # shellcheck disable=SC2094
  script -qefc "'$W/bin/tsctl' up --state '$W/s' --runtime '$W/r' --set 'listener.address=[\"0.0.0.0:0\"]'" \
    "$W/typescript" <>"$W/keys" >/dev/null 3>&- &
  local script=$! status=0
  STARTED+=("$script")
  wait_until 30 grep -qs 'the last line' "$W/typescript"
  wait_until 30 grep -qs 'Ctrl-C' "$W/typescript"
  [ "$(grep -c "^pipe:" "$W/log/fds")" = 2 ]
  printf '\003' >"$W/keys"
  wait "$script" || status=$?
  STARTED=()
  [ "$status" = 0 ]
  tr -d '\r' <"$W/typescript" >"$W/seen"
  [ "$(grep -cE '^line [0-9]+ of tsd \?\[2J' "$W/seen")" = 3000 ]
  grep -oE '^line [0-9]+' "$W/seen" | cut -d' ' -f2 | sort -nc
  grep -qx 'the last line' "$W/seen"
  run ! grep -qa "$(printf '\033')" "$W/seen"
  run ! grep -qaP '\x9b' "$W/seen"
  [ "$(xargs <"$W/log/order")" = "tsd tssession tsspawn" ]
  nothing_left
}

@test "every role gets its own sockets, folders and the configuration as it was at the start" {
  fake_roles
  printf 'sessions: {idle: 5}\n' >"$W/ts.yaml"
  start_up_ready --config "$W/ts.yaml" --set sessions.max=77
  grep -q ' names=tsspawn count=1 mine=1 ' "$W/log/tsspawn"
  grep -q ' names=tssession:hosts count=2 mine=1 ' "$W/log/tssession"
  grep -q ' names=rdp count=1 mine=1 fds=socket ' "$W/log/tsd"
  grep -q "arguments=--config $W/r/up.yaml --state $W/s --runtime $W/r\$" "$W/log/tsd"
  tsctl config check --config "$W/r/up.yaml"
  grep -qx '  idle: 5' "$W/r/up.yaml"
  grep -qx '  max: 77' "$W/r/up.yaml"
}

@test "as root each role runs as its own user, and folders have their owners" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  fake_roles
  start_up_ready
  grep -q ' uid=0 ' "$W/log/tsspawn"
  grep -q " uid=$(id -u tssession) " "$W/log/tssession"
  grep -q " uid=$(id -u tsd) " "$W/log/tsd"
  id tsstack
  getent group tsadmin
  [ "$(stat -c '%a %U' "$W/s" "$W/s/pki" "$W/s/pki/tsd" "$W/s/accounts" "$W/r" "$W/r/empty" "$W/r/up.passwd" | xargs)" = \
    "755 root 755 root 700 tsd 700 root 755 root 555 root 600 root" ]
}

@test "below a folder that only root may enter, roles of other users get the folders as descriptors" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  fake_roles
  mkdir -m 700 "$W/private"
  start_up_ready --state "$W/private/s" --runtime "$W/private/r"
  grep -q ' fds=socket,folder,folder arguments=--config /proc/self/fd/5/up.yaml --state /proc/self/fd/4 --runtime /proc/self/fd/5$' "$W/log/tsd"
  grep -q " arguments=--config $W/private/r/up.yaml --state $W/private/s --runtime $W/private/r\$" "$W/log/tsspawn"
  end_up
  [ ! -e "$W/private/r" ]
}

@test "the password is stored as a hash only, for that user, and gone at the end" {
  fake_roles
  start_up_ready
  local user password
  user=$(jq -r .user "$W/out") password=$(jq -r .password "$W/out")
  grep -q "^$user:[$]y[$]" "$W/r/up.passwd"
  [ "$(stat -c %a "$W/r/up.passwd")" = 600 ]
  perl -e '($p,$f)=@ARGV; open F,$f; ($n,$h)=split /:/,<F>,2; chomp $h; exit(crypt($p,$h) ne $h)' "$password" "$W/r/up.passwd"
  run ! grep -rqF "$password" "$W/r" "$W/s" "$W/err" "$W/log"
}

@test "the user is the one who called sudo, else for root the first ordinary account" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  fake_roles
  SUDO_USER=games start_up_ready
  [ "$(jq -r .user "$W/out")" = games ]
  end_up
  SUDO_USER=root start_up_ready
  local user
  user=$(jq -r .user "$W/out")
  [ "$(id -u "$user")" -ge 1000 ]
  [ -d "$(getent passwd "$user" | cut -d: -f6)" ]
}

@test "without root: everything as the caller, with the file back end" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  fake_roles
  mkdir -m 777 "$W/open"
  setpriv --reuid=65534 --regid=65534 --clear-groups -- "$W/bin/tsctl" up --json --state "$W/open/s" --runtime "$W/open/r" --set 'listener.address=["127.0.0.1:0"]' \
    >"$W/out" 2>"$W/err" 3>&- &
  UP=$!
  STARTED+=("$UP")
  wait_until 20 ready || { cat "$W/err"; false; }
  [ "$(jq -r .user "$W/out")" = "$(id -un 65534)" ]
  grep -q ' uid=65534 ' "$W/log/tsspawn"
  grep -q ' uid=65534 ' "$W/log/tsd"
  grep -qx '  backend: file' "$W/open/r/up.yaml"
  [ "$(stat -c %a "$W/open/r")" = 700 ]
  end_up
  cat "$W/err"
  [ "$STATUS" = 0 ]
  [ ! -e "$W/open/r" ]
}

@test "without root, PAM is refused with a sentence" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  expect_failure 3 "accounts.backend is 'pam', which only root can use" \
    as_nobody "$BUILD/bin/tsctl" up --state "$W/s" --runtime "$W/r" --set accounts.backend=pam
}

@test "for people: address, user, password and the client's command line" {
  fake_roles
  "$W/bin/tsctl" up --state "$W/s" --runtime "$W/r" --set 'listener.address=["0.0.0.0:0"]' >"$W/out" 2>"$W/err" 3>&- &
  UP=$!
  STARTED+=("$UP")
  wait_until 20 grep -q 'Ctrl-C' "$W/out"
  grep -qE '^  xfreerdp /v:127\.0\.0\.1:[0-9]+ /u:[^ ]+ /p:[A-Za-z0-9]{16} /cert:ignore$' "$W/out"
  end_up INT
  [ "$STATUS" = 0 ]
  nothing_left
}

@test "a role that dies is started again and finds the same listening socket" {
  fake_roles
  start_up_ready
  local address inode
  address=$(jq -r .address "$W/out")
  inode=$(readlink "/proc/$(pid_of tsd)/fd/3")
  kill -KILL "$(pid_of tsd)"
  wait_until 5 starts_of tsd 2
  [ "$(readlink "/proc/$(pid_of tsd)/fd/3")" = "$inode" ]
  exec 9<>"/dev/tcp/${address%:*}/${address#*:}"
  exec 9>&-
  grep -q 'tsd ended by itself or badly: signal 9' "$W/err"
  [ "$(wc -l <"$W/out")" = 1 ]
  [ "$(wc -l <"$W/log/tsspawn")" = 1 ]
  end_up
  [ "$STATUS" = 0 ]
  [ "$(tsquery events --json --state "$W/s" | jq -c '[.role, .event, .daemon, .reason]' | xargs -d '\n')" = \
    '["tsctl","service-started",null,null] ["tsctl","role-restarted","tsd","signal 9 (Killed)"] ["tsctl","service-stopped",null,"told to end"]' ]
}

@test "a role that never becomes ready ends up with 1 after three times, naming it; nothing is left" {
  fake_roles
  echo 'print STDERR "no luck today\n"; exit 9;' >"$W/tssession.do"
  start_up
  STATUS=0
  wait "$UP" || STATUS=$?
  cat "$W/err"
  [ "$STATUS" = 1 ]
  tsquery events --json --state "$W/s" --event service-stopped | jq -e '.reason | startswith("tssession does not start")'
  [ ! -s "$W/out" ]
  [ "$(grep -c 'no luck today' "$W/err")" = 3 ]
  grep -q '^tsctl: tssession does not start: it ended 3 times before it was ready' "$W/err"
  nothing_left
}

@test "a role that is missing is named" {
  fake_roles
  rm "$W/libexec/tsd"
  start_up
  STATUS=0
  wait "$UP" || STATUS=$?
  [ "$STATUS" = 1 ]
  grep -q "the program 'tsd' is missing" "$W/err"
  nothing_left
}

@test "a role that ignores TERM is killed" {
  fake_roles
  echo '$SIG{TERM} = "IGNORE";' >"$W/tsd.do"
  start_up_ready
  end_up
  [ "$STATUS" = 0 ]
  grep -q 'tsd did not end in time, killing it' "$W/err"
  nothing_left
}

@test "readiness that another process claims does not count" {
  fake_roles
  echo 'if (!fork) { our $ready; $ready->(); exit 0 } wait; open my $f, ">", "$w::x"; select undef, undef, undef, 60 while 1;' >"$W/tsd.do"
  start_up
  wait_until 10 grep -q 'tssession is ready' "$W/err"
  wait_until 10 starts_of tsd 1
  run ! grep -q 'tsd is ready' "$W/err"
  [ ! -s "$W/out" ]
  end_up
  [ "$STATUS" = 0 ]
}

@test "a killed up leaves tsspawn alone; one that does not answer is not run over; without it the next up takes the folder" {
  fake_roles
  start_up_ready
  local spawner pid
  spawner=$(pid_of tsspawn)
  STARTED+=("$spawner")
  kill -KILL "$UP"
  wait "$UP" || true
  for pid in $(pid_of tssession) $(pid_of tsd); do wait_until 5 gone "$pid"; done
  [ -d "/proc/$spawner" ]
  [ -e "$W/r/up.passwd" ]
  # This one says nothing at all.
  expect_failure 1 "the tsspawn that a killed 'tsctl up' left on '$W/r' does not answer; end it" \
    "$W/bin/tsctl" up --json --state "$W/s" --runtime "$W/r" --set 'listener.address=["127.0.0.1:0"]'
  [ -S "$W/r/tsspawn.sock" ]
  [ -d "/proc/$spawner" ]
  kill "$spawner"
  wait_until 5 gone "$spawner"
  start_up_ready
  end_up
  [ "$STATUS" = 0 ]
}

@test "a second up on the same folder is refused and changes nothing" {
  fake_roles
  start_up_ready
  expect_failure 1 "another 'tsctl up' runs on '$W/r'" "$W/bin/tsctl" up --json --state "$W/s" --runtime "$W/r" --set 'listener.address=["127.0.0.1:0"]'
  [ -S "$W/r/tssession.sock" ]
  [ -s "$W/r/up.passwd" ]
}

@test "a port that is taken: one sentence with what to do" {
  fake_roles
  start_up_ready
  local port
  port=$(jq -r .address "$W/out")
  port=${port#*:}
  expect_failure 1 "tsctl: port $port on 0.0.0.0 is in use by another program; choose another with --set 'listener.address=[0.0.0.0:3390]'" \
    "$W/bin/tsctl" up --state "$W/s2" --runtime "$W/r2" --set "listener.address=[\"0.0.0.0:$port\"]"
  [ ! -e "$W/r2" ]
}

@test "what an error suggests is a configuration" {
  tsctl config check --set 'listener.address=[0.0.0.0:3390]'
}

@test "a runtime path too long for a socket is refused by name" {
  local long
  long=$W/$(printf 'x%.0s' {1..100})
  expect_failure 3 "the runtime folder '$long' is too long: '$long/tssession.sock' would have" tsctl up --state "$W/s" --runtime "$long"
  [ ! -e "$long" ]
}

@test "a state folder that cannot be written: one sentence" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  expect_failure 5 "the folder '$W/s' cannot be made, choose another with --state: Permission denied" \
    as_nobody "$BUILD/bin/tsctl" up --state "$W/s" --runtime "/tmp/${W##*/}.r"
  expect_failure 1 "belongs to uid 0 and not to us (uid 65534); choose another with --state" \
    as_nobody "$BUILD/bin/tsctl" up --state "$W" --runtime "/tmp/${W##*/}.r"
  [ ! -e "/tmp/${W##*/}.r" ]
}

@test "without Xvfb: one sentence with what to install" {
  mkdir "$W/empty"
  expect_failure 1 "Xvfb is missing; install it with 'make deps' or 'apt-get install xvfb'" \
    env "PATH=$W/empty" "$BUILD/bin/tsctl" up --state "$W/s" --runtime "$W/r"
  [ ! -e "$W/r" ]
}
