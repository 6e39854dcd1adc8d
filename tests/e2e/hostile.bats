#!/usr/bin/env bats
# Wrong, truncated, oversized and endless bytes at the port: each such connection ends with one log line that says why,
# and the client that is there meanwhile does not notice.
load helpers
load worker

setup_file() {
  worker_shell
  start_server --set "$WORKER_OPTION" --set listener.max_connections=40 --set listener.max_per_address=20 \
    --set listener.handshake_timeout=$((4 * ${E2E_PATIENCE:-1}))
  connect victim
  export SESSION
  VICTIM=$(cat "$W/victim.pid")
  # What tsd holds when only the victim is there and two stacks wait.
  TSD=$(role tsd)
  wait_until 10 equal 3 count_stacks
  TSD_FDS=$(descriptors "$TSD")
  export VICTIM TSD TSD_FDS
}
teardown_file() { stop_server; }

count_stacks() { stacks | wc -l; }

# After each test: the victim works, nothing is held for those who are gone, and two stacks wait again.
teardown() {
  works victim
  [ "$(cat "$W/victim.pid")" = "$VICTIM" ]
  has_session ".id == $SESSION and .state == \"Active\""
  [ "$(role tsd)" = "$TSD" ]
  wait_until 10 equal 3 count_stacks
  wait_until 10 equal "$TSD_FDS" descriptors "$TSD"
}

# attack [-c] PERL: connects, sends what the expression gives, reads until the server closes (-c: closes at once).
# FROM is our address, if not 127.0.0.1, PEER the same with the port as the server logs it, ANSWER what came back, in hex.
attack() {
  local close=0
  [ "$1" != -c ] || { close=1; shift; }
  perl -MIO::Socket::INET -e '
    my ($address, $close, $what) = @ARGV;
    $SIG{PIPE} = "IGNORE";
    my $s = IO::Socket::INET->new(PeerAddr => $address, LocalAddr => $ENV{FROM} // "127.0.0.1", Timeout => 5)
      or die "connect: $!";
    print $s->sockport, "\n";
    my $bytes = eval $what;
    die $@ if $@;
    $s->autoflush(1);
    print $s $bytes;
    exit 0 if $close;
    $SIG{ALRM} = sub { die "the server does not close\n" };
    alarm 15;
    my $all = "";
    while (sysread $s, my $part, 65536) { $all .= $part }
    print unpack("H*", $all), "\n";' "$ADDRESS" "$close" "$1" >"$W/attack" || return 1
  PEER=${FROM:-127.0.0.1}:$(head -n 1 "$W/attack")
  ANSWER=$(sed -n 2p "$W/attack")
}

# said_once REASON: about this peer the log has one line on its end, and that gives this reason (a pattern).
said_once() {
  wait_until 10 log_has "Connection (ended|refused|ends) peer=$PEER .*reason=" || return 1
  grep -E "peer=$PEER( |$)" "$W/up.log"
  [ "$(grep -cE "(info|warn|error)[^ ]* .*peer=$PEER( |\$)" "$W/up.log")" = 1 ]
  log_has "peer=$PEER .*reason=\"$1"
}

@test "a connection without a byte is nobody's news" {
  attack -c '""'
  wait_until 10 equal "$TSD_FDS" descriptors "$TSD"
  not log_has "peer=$PEER "
}

@test "HTTP, a TLS hello, random text: not RDP" {
  attack '"GET / HTTP/1.1\r\nHost: x\r\n\r\n"'
  said_once 'first bytes are neither TPKT nor a preconnection PDU'
  [ -z "$ANSWER" ]
  openssl s_client -connect "$ADDRESS" </dev/null >"$W/s_client" 2>&1 && false
  attack 'pack("H*", "16030100f4010000f00303") . "x" x 240'
  said_once 'first bytes are neither TPKT nor a preconnection PDU'
  attack '"SSH-2.0-OpenSSH_9.2p1\r\n"'
  said_once 'first bytes are neither TPKT nor a preconnection PDU'
}

@test "TPKT that is cut short, too long, or lies about its length" {
  attack -c 'pack("H*", "0300002b26e0000000")'
  said_once 'the client left'
  attack 'pack("H*", "0300ffff") . "\0" x 65531'
  said_once 'TPKT length of 65535 is not between'
  attack 'pack("H*", "03000000")'
  said_once 'TPKT length of 0 is not between'
  attack '"\x03" x 65536'
  said_once 'TPKT length of 771|first PDU is not an X.224 Connection Request'
  attack 'pack("H*", "0300001305") . "\xe0" . "\0" x 13'
  said_once 'X.224 length indicator 5 does not match the PDU'
  attack 'pack("H*", "03000013ff") . "\xe0" . "\0" x 13'
  said_once 'X.224 length indicator 255 does not match the PDU'
  attack 'pack("H*", "0300000702f080")'
  said_once 'first PDU is not an X.224 Connection Request'
}

@test "RDP security only is refused with SSL_REQUIRED_BY_SERVER, byte by byte" {
  attack 'pack("H*", "030000130ee000000000000100080000000000")'
  [ "$ANSWER" = 030000130ed000001234000300080001000000 ]
  said_once 'client offers RDP security only, and TLS is required'
}

@test "NLA only is refused with the code for a server that has TLS only" {
  attack 'pack("H*", "030000130ee000000000000100080002000000")'
  [ "$ANSWER" = 030000130ed000001234000300080001000000 ]
  said_once 'client offers network level authentication without TLS, and TLS is required'
}

@test "without a negotiation request: a clean close and a line in the log" {
  attack 'pack("H*", "0300000b06e00000000000")'
  [ -z "$ANSWER" ]
  said_once 'client offers no security negotiation, and TLS is required'
}

@test "stock clients that do not take TLS are refused and say so" {
  local before after
  before=$(grep -c 'client offers no security negotiation' "$W/up.log")
  # Without TLS and NLA xfreerdp and rdesktop leave the negotiation out.
  freerdp rdponly "$UP_USER" "$UP_PASSWORD" /sec:rdp
  [ "$(exit_of rdponly)" = 147 ]
  rdesk rdp4 "$UP_USER" "$UP_PASSWORD" -4
  [ "$(exit_of rdp4)" != 0 ]
  after=$(grep -c 'client offers no security negotiation' "$W/up.log")
  [ "$after" -ge $((before + 2)) ]
  # This one offers TLS with it, and leaves when it gets that.
  freerdp nlaonly "$UP_USER" "$UP_PASSWORD" /sec:nla
  [ "$(exit_of nlaonly)" = 133 ]
}

@test "a good request, then something else than TLS" {
  attack 'pack("H*", "030000130ee000000000000100080001000000") . "this is not TLS at all" x 100'
  [ "${ANSWER:0:38}" = 030000130ed000001234000209080001000000 ] || [ "${ANSWER:0:22}" = 030000130ed00000123400 ]
  said_once '[^"]*TLS'
}

# tls_attack PERL: the same behind a whole TLS handshake, by openssl behind a relay that says the X.224 part.
tls_attack() {
  rm -f "$W/relay"
  perl -MIO::Socket::INET -MIO::Select -e '
    my ($address, $report) = @ARGV;
    $SIG{PIPE} = "IGNORE";
    my $l = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:0") or die;
    my $s = IO::Socket::INET->new(PeerAddr => $address) or die;
    syswrite $s, pack("H*", "030000130ee000000000000100080001000000");
    sysread($s, my $confirm, 19) == 19 or die;
    open my $f, ">", "$report.new"; print $f $l->sockport, " ", $s->sockport, "\n"; close $f;
    rename "$report.new", $report;
    alarm 20;
    my $c = $l->accept;
    my $both = IO::Select->new($c, $s);
    while (1) {
      for my $from ($both->can_read) {
        sysread($from, my $part, 65536) or exit 0;
        syswrite $from == $c ? $s : $c, $part;
      }
    }' "$ADDRESS" "$W/relay" 3>&- &
  local relay=$!
  wait_until 5 test -s "$W/relay"
  PEER=127.0.0.1:$(cut -d' ' -f2 "$W/relay")
  perl -e 'binmode STDOUT; print eval $ARGV[0]' "$1" >"$W/plain"
  # The relay ends when the server closes, and openssl with it.
  timeout 20 openssl s_client -quiet -connect "127.0.0.1:$(cut -d' ' -f1 "$W/relay")" \
    < <(cat "$W/plain"; tail -f --pid=$relay /dev/null) >"$W/s_client" 2>&1 3>&- || true
  wait "$relay" || true
}

@test "garbage, oversized and out-of-turn PDUs behind a whole TLS handshake" {
  tls_attack '"yes, this is no MCS" x 50'
  grep -q 'verify return' "$W/s_client"
  said_once 'first byte 0x79 is neither TPKT nor fast-path .awaiting MCS connect initial'
  tls_attack 'pack("H*", "0300000702f080")'
  said_once '[^"]*.awaiting MCS connect initial'
  tls_attack 'pack("H*", "0300ffff02f0807f65") . "\xff" x 70000'
  said_once '[^"]*.awaiting MCS connect initial'
  tls_attack 'pack("H*", "0300000c02f0806400000000")'
  said_once '[^"]*.awaiting MCS connect initial'
  tls_attack 'pack("H*", "0004") . "\0" x 40'
  said_once 'fast-path input before the share is there'
}

@test "endless slow bytes, and silence in each state, end with the time for the handshake" {
  local slow half mute
  slow_peer() {
    perl -MIO::Socket::INET -e '
      my ($address, $hex, $endless, $report) = @ARGV;
      $SIG{PIPE} = "IGNORE";
      my $s = IO::Socket::INET->new(PeerAddr => $address) or die;
      open my $f, ">", $report; print $f $s->sockport, "\n"; close $f;
      syswrite $s, pack("H*", $hex);
      my $end = time + 20;
      while (time < $end) {
        my $bits = ""; vec($bits, fileno($s), 1) = 1;
        if (select($bits, undef, undef, 0.05)) { sysread($s, my $part, 4096) or exit 0 }
        syswrite $s, "\x00" if $endless;
      }
      exit 1' "$ADDRESS" "$1" "$2" "$W/peer.$3" 3>&- &
  }
  slow_peer 03000400 1 slow; slow=$!
  slow_peer 030000130ee000000000000100080001000000 0 half; half=$!
  slow_peer "" 0 mute; mute=$!
  wait "$slow"
  wait "$half"
  wait "$mute"
  PEER=127.0.0.1:$(cat "$W/peer.slow") said_once 'timed out awaiting X.224 request'
  PEER=127.0.0.1:$(cat "$W/peer.half") said_once 'timed out awaiting MCS connect initial'
  PEER=127.0.0.1:$(cat "$W/peer.mute") said_once 'nothing came in time'
}

@test "300 connections at once, beyond the limit: the rest is closed, with one line for all of them" {
  perl -MIO::Socket::INET -e '
    my ($address) = @ARGV;
    my @all = map { IO::Socket::INET->new(PeerAddr => $address, LocalAddr => "127.0.0." . (2 + $_ % 10)) || () } 1 .. 300;
    my $end = time + 20; my $closed = 0;
    alarm 20;
    # Those within the limit are parked; the others get an end at once.
    for my $s (@all) {
      my $bits = ""; vec($bits, fileno($s), 1) = 1;
      $closed++ if select($bits, undef, undef, 0) && !sysread($s, my $part, 1);
    }
    while ($closed < @all - 39) {
      die "only $closed of " . @all . " were closed\n" if time >= $end;
      $closed = 0;
      for my $s (@all) {
        my $bits = ""; vec($bits, fileno($s), 1) = 1;
        $closed++ if select($bits, undef, undef, 0) && !sysread($s, my $part, 1);
      }
    }
    print scalar(@all), " $closed\n";' "$ADDRESS" >"$W/many"
  cat "$W/many"
  [ "$(cat "$W/many")" = "300 261" ]
  [ "$(grep -c 'listener.max_connections reached' "$W/up.log")" = 1 ]
  log_has '(Connection refused|Connection ended in favour of another), listener.max_connections reached.* peer=127.0.0.[0-9]+:[0-9]+'
}

@test "one address gets its share of connections that have not logged on, and leaves the rest to others" {
  mkfifo "$W/go"
  perl -MIO::Socket::INET -e '
    my ($address, $go, $report) = @ARGV;
    $SIG{PIPE} = "IGNORE";
    my @all = map { IO::Socket::INET->new(PeerAddr => $address, LocalAddr => "127.0.0.1") || () } 1 .. 60;
    # One byte brings a connection to a stack, and makes it no less a stranger.
    syswrite $_, "\x03" for @all;
    my $end = time + 10; my $closed = 0;
    while ($closed < @all - 20 && time < $end) {
      $closed = 0;
      for my $s (@all) {
        my $bits = ""; vec($bits, fileno($s), 1) = 1;
        $closed++ if select($bits, undef, undef, 0) && !sysread($s, my $part, 1);
      }
    }
    open my $f, ">", "$report.new"; print $f scalar(@all), " $closed\n"; close $f;
    rename "$report.new", $report;
    open $f, "<", $go; <$f>' "$ADDRESS" "$W/go" "$W/share" 3>&- &
  local crowd=$!
  wait_until 10 test -s "$W/share"
  # The victim is at this address, too, and does not count: it has logged on.
  [ "$(cat "$W/share")" = "60 40" ]
  FROM=127.0.0.77 attack '"GET / HTTP/1.1\r\n\r\n"'
  said_once 'first bytes are neither TPKT nor a preconnection PDU'
  [ "$(grep -c 'listener.max_per_address reached' "$W/up.log")" = 1 ]
  log_has 'Connection refused, listener.max_per_address reached: 20 from there have not logged on peer=127.0.0.1:[0-9]+'
  echo >"$W/go"
  wait "$crowd"
  wait_until 20 surplus_used
}

@test "a hundred at once with garbage: each is told of once" {
  perl -MIO::Socket::INET -e '
    my ($address) = @ARGV;
    alarm 60;
    for (1 .. 10) {
      my @all = map { IO::Socket::INET->new(PeerAddr => $address) or die } 1 .. 10;
      print $_->sockport, "\n" for @all;
      for my $s (@all) { syswrite $s, "GET /\r\n\r\n" }
      for my $s (@all) { while (sysread $s, my $part, 100) { } }
    }' "$ADDRESS" >"$W/ports"
  local port
  [ "$(wc -l <"$W/ports")" = 100 ]
  while read -r port; do
    # One that has to wait may have to make room for the next instead.
    log_has "Connection ended in favour of another, .* peer=127\.0\.0\.1:$port\$" ||
      PEER=127.0.0.1:$port said_once 'first bytes are neither TPKT nor' >/dev/null
  done <"$W/ports"
  # The stacks that were started for this crowd serve the next who come, until two wait again.
  wait_until 20 surplus_used
}
surplus_used() {
  attack '"GET /\r\n\r\n"'
  said_once 'first bytes are neither TPKT nor' >/dev/null
  [ "$(count_stacks)" -le 3 ]
}
