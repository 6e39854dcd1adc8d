#!/usr/bin/env bats
# tsprobe against the real service: what a monitor, a load balancer and a load generator get of it.

setup_file() {
  load helpers; load pictures
  make_shell 'xsetroot -solid "#204060"; exec sleep infinity'
  convert -seed 1 -size 800x600 plasma:tomato-steelblue -pointsize 40 -fill white -annotate +40+80 'Text on a gradient' \
    \( -size 300x300 xc:gray +noise Random \) -geometry +400+200 -composite "$SHELL_DIR/one.png"
  chmod 644 "$SHELL_DIR"/*.png
  start_server --set "sessions.shell=\"$SHELL_COMMAND\""
  printf '%s\n' "$E2E_PASSWORD" >"$W/password"
  printf 'not-%s\n' "$E2E_PASSWORD" >"$W/wrong"
}
teardown_file() { load helpers; stop_server; }
setup() { bats_require_minimum_version 1.5.0; load helpers; load pictures; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { echo "$output" >&2; echo "${stderr:-}" >&2; tail -n 25 "$W/up.log" >&2; }
  [ -z "${WAITING:-}" ] || kill "$WAITING" 2>/dev/null || true
}

probe() { "$E2E_BIN/tsprobe" "$ADDRESS" "$@"; }
as_alice() { probe --user "$E2E_ALICE" --password-file "$W/password" "$@"; }
disconnected() { has_session ".user == \"$E2E_ALICE\" and .state == \"Disc\""; }

@test "a good logon: every step, the session and the times, with exit 0" {
  run --separate-stderr as_alice --json --size 800x600 --client-name monitor
  [ "$status" = 0 ] && [ -z "$stderr" ]
  jq -e --arg user "$E2E_ALICE" '.result == "ok" and .reason == null and .code == null and
    (.tls.version | test("^TLSv1\\.[23]$")) and .tls.cipher != "" and
    (.certificate.sha256 | test("^[0-9a-f]{64}$")) and .certificate.verified == false and .certificate.problem != null and
    .license == {"outcome": "valid_client", "requested": false, "code": 7} and .redirection == null and
    .desktop.width == 800 and .desktop.height == 600 and .desktop.depth == 32 and .logon.user == $user and
    (.times | [.tcp_us, .negotiated_us, .tls_us, .mcs_us, .joined_us, .licensed_us, .desktop_us] | . == sort and .[0] > 0) and
    .times.logon_us > 0 and .times.picture_us > 0 and .times.end_us >= .times.logon_us' <<<"$output"
  [ "$(jq .logon.session_id <<<"$output")" = "$(session_id ".user == \"$E2E_ALICE\"")" ]
  # It says goodbye as clients do, and the session stays.
  wait_until 10 disconnected
  log_has 'Connection ended peer=[^ ]+ session=[0-9]+ user=[^ ]+ reason="the client disconnected"'
}

@test "the fingerprint is that of the server's certificate" {
  run --separate-stderr probe --until connect --json
  [ "$status" = 0 ]
  local own
  own=$(openssl x509 -noout -fingerprint -sha256 -in "$(find "$W/s/state" -name '*.pem' -exec grep -l CERTIFICATE {} + | head -1)" |
    sed 's/.*=//; s/://g' | tr 'A-F' 'a-f')
  [ "$(jq -r .certificate.sha256 <<<"$output")" = "$own" ]
}

@test "a wrong password: exit 1, and why" {
  run --separate-stderr probe --user "$E2E_ALICE" --password-file "$W/wrong" --json
  [ "$status" = 1 ]
  jq -e '.result == "refused" and .code == 4294967294 and .logon == null' <<<"$output"
  [[ $stderr == "tsprobe: $ADDRESS: the server asks at its logon screen: the user name or the password is not right (code 0xfffffffe)" ]]
  # The same from standard input, and without --json.
  run --separate-stderr probe --user "$E2E_ALICE" --password-stdin --until logon <"$W/wrong"
  [ "$status" = 1 ]
  [[ $output == "$ADDRESS: refused after "* ]]
}

@test "nobody there: exit 4" {
  run --separate-stderr "$E2E_BIN/tsprobe" --json 127.0.0.1:1
  [ "$status" = 4 ]
  jq -e '.result == "unreachable" and .tls == null and .times.tcp_us == null' <<<"$output"
  [ "$stderr" = "tsprobe: 127.0.0.1:1: cannot be reached: Connection refused" ]
  run --separate-stderr "$E2E_BIN/tsprobe" no-such-host.invalid
  [ "$status" = 4 ]
}

@test "somebody there who says nothing: exit 7 when the time is over" {
  local listener
  socat -u TCP-LISTEN:0,bind=127.0.0.1,fork OPEN:/dev/null 3>&- &
  listener=$!
  WAITING=$listener
  port_of() { ss -tlnpH | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$listener,.*/\1/p" | head -1; }
  wait_until 10 eval '[ -n "$(port_of)" ]'
  run --separate-stderr "$E2E_BIN/tsprobe" --timeout 1 "127.0.0.1:$(port_of)"
  kill "$listener"
  [ "$status" = 7 ]
  [[ $stderr == *"no answer within 1 s, waiting for the X.224 confirm" ]]
}

@test "until connect: no session is taken, and HAProxy's form of arguments does the same" {
  local before
  before=$(query | jq -c '[.sessions[] | [.id, .state]]')
  run --separate-stderr probe --until connect --json
  [ "$status" = 0 ]
  jq -e '.times.joined_us > 0 and .times.licensed_us == null and .desktop == null and .logon == null' <<<"$output"
  HAPROXY_SERVER_ADDR=${ADDRESS%:*} run --separate-stderr "$E2E_BIN/tsprobe" NOT_USED NOT_USED "${ADDRESS%:*}" "${ADDRESS##*:}"
  [ "$status" = 0 ] && [ -z "$stderr" ]
  HAPROXY_SERVER_ADDR=127.0.0.1 run --separate-stderr "$E2E_BIN/tsprobe" 127.0.0.1 3389 127.0.0.1 1
  [ "$status" = 4 ]
  [ "$(query | jq -c '[.sessions[] | [.id, .state]]')" = "$before" ]
  not log_has 'Connection ends .*timed out'
}

@test "a certificate that the system does not know fails --verify" {
  run --separate-stderr as_alice --verify
  [ "$status" = 1 ]
  [[ $stderr == *": the server's certificate is not verified: "* ]]
}

@test "the screenshot has the session's pixels, at 32 and 24 bits; at 16 and 8 what they leave of them" {
  as_alice --until logon --size 800x600 >/dev/null
  SESSION=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Disc\"")
  wait_until 10 test -s "$SHELL_DIR/env.$SESSION"
  # Before a desktop that shows no window the logon screen's picture stays for a moment.
  wait_until 20 screen_has_gone "$SESSION"
  paint one.png
  session_pixels >"$W/session.rgb"
  local depth
  for depth in 32 24 16 15 8; do
    run as_alice --size 800x600 --depth "$depth" --screenshot "$W/shot-$depth.png"
    [ "$status" = 0 ]
    [ "$(identify -format '%wx%h' "$W/shot-$depth.png")" = 800x600 ]
    convert "$W/shot-$depth.png" -depth 8 rgb:"$W/shot-$depth.rgb"
    [ "$(stat -c %s "$W/shot-$depth.rgb")" = 1440000 ]
  done
  cmp "$W/session.rgb" "$W/shot-32.rgb"
  cmp "$W/session.rgb" "$W/shot-24.rgb"
  # 15 and 16 bits keep the upper bits of each colour.
  for depth in 15 16; do
    perl -e 'my $green = shift() == 16 ? 0xfc : 0xf8; local $/;
      my ($s, $c) = map { open(my $f, "<", $_) or die; binmode $f; [unpack("C*", <$f>)] } @ARGV;
      for (my $i = 0; $i < @$s; ++$i) { my $m = $i % 3 == 1 ? $green : 0xf8; exit 1 if ($s->[$i] & $m) != ($c->[$i] & $m); }' \
      "$depth" "$W/session.rgb" "$W/shot-$depth.rgb"
  done
  # 8 bits: near enough that it is the same picture.
  run compare -metric RMSE "$W/shot-32.png" "$W/shot-8.png" null:
  [ "$(sed -E 's/.*\((.*)\).*/\1/' <<<"$output" | awk '{print ($1 < 0.1)}')" = 1 ]
}

@test "a load of 40 connections, 10 at a time" {
  run --separate-stderr probe --until connect --count 40 --parallel 10 --json
  [ "$status" = 0 ] && [ -z "$stderr" ]
  jq -e '.count == 40 and .parallel == 10 and .results.ok == 40 and ([.results[]] | add) == 40 and .failures == [] and
    .times.joined_us.count == 40 and .times.joined_us.min <= .times.joined_us.median and
    .times.joined_us.median <= .times.joined_us.max and .times.desktop_us == null and .elapsed_us > 0' <<<"$output"
  run --separate-stderr "$E2E_BIN/tsprobe" --count 3 --parallel 3 127.0.0.1:1
  [ "$status" = 4 ]
  [ "$stderr" = "tsprobe: 3 times: 127.0.0.1:1: cannot be reached: Connection refused" ]
}

@test "ten users at once are served, one session after the other for one user" {
  run --separate-stderr as_alice --until logon --count 10 --parallel 10 --json
  # They take the session over from each other: each is either logged on or told that it was replaced.
  jq -e '.count == 10 and .results.ok >= 1 and ([.results[]] | add) == 10 and .results.timed_out == 0 and
    .results.protocol_error == 0 and .results.unreachable == 0' <<<"$output"
  wait_until 15 disconnected
}

@test "no argument, environment or message of it holds the password" {
  mkfifo "$W/gate"
  env -u E2E_PASSWORD -u UP_PASSWORD "$E2E_BIN/tsprobe" --user "$E2E_ALICE" --password-file "$W/gate" "$ADDRESS" >"$W/quiet.log" 2>&1 3>&- &
  local pid=$!
  WAITING=$pid
  wait_until 10 grep -qx tsprobe "/proc/$pid/comm"  # until then it is a shell with our own environment
  not grep -qF -- "$E2E_PASSWORD" "/proc/$pid/cmdline" "/proc/$pid/environ"
  cat "$W/password" >"$W/gate"
  wait "$pid"
  not grep -qF -- "$E2E_PASSWORD" "$W/quiet.log" "$W/up.log"
}
