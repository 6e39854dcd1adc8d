# One session, looked at from both sides: a shell that stays out of the picture, and the pixels of the session's own
# screen and of the client's window as raw RGB. Load after helpers.bash.

# make_shell COMMAND: SHELL_COMMAND is a shell for sessions that leaves its environment for in_session, then runs COMMAND.
make_shell() {
  export SHELL_DIR SHELL_COMMAND
  SHELL_DIR=$(mktemp -d "$E2E_ROOT/shell.XXXX"); chmod 1777 "$SHELL_DIR"
  SHELL_COMMAND=$SHELL_DIR/run
  printf '#!/bin/sh\ncd %s\nenv >new.$TS_SESSION_ID\nmv new.$TS_SESSION_ID env.$TS_SESSION_ID\n%s\n' "$SHELL_DIR" "$1" >"$SHELL_COMMAND"
  chmod 755 "$SHELL_COMMAND"
}

# shell_file NAME: a file in the shell's folder that its program appends to and a test empties; there before either.
shell_file() { install -m 666 /dev/null "$SHELL_DIR/$1"; }

# in_session COMMAND...: runs it as the session's user on the session's display.
in_session() {
  local name value environment=()
  while IFS='=' read -r name value; do
    case $name in DISPLAY | XAUTHORITY) environment+=("$name=$value") ;; esac
  done <"$SHELL_DIR/env.$SESSION"
  (cd "$SHELL_DIR" && timeout 60 runuser -u "$E2E_ALICE" -- env HOME="$SHELL_DIR" "${environment[@]}" "$@" 3>&-)
}

# connected CLIENT SIZE DEPTH: the server says that this is who sits in front of alice's session.
connected() {
  has_session ".user == \"$E2E_ALICE\" and .state == \"Active\" and (.client | \"\(.width)x\(.height)x\(.depth)\") == \"$1x$2\""
}

# see SIZE DEPTH: waits until alice's client has that picture; sets SESSION, CLIENT_WINDOW and STACK (its process).
see() {
  wait_until 20 connected "$1" "$2" || { query | jq -c '.sessions[].client' >&2; return 1; }
  SESSION=$(session_id ".user == \"$E2E_ALICE\"")
  wait_until 10 test -s "$SHELL_DIR/env.$SESSION" || return 1
  wait_until 10 screen_has_gone "$SESSION" || return 1
  wait_until 10 find_client_window || return 1
  STACK=$(sed -nE 's/.* tsstack\[([0-9]+)\]: Logged on .*/\1/p' "$W/up.log" | tail -1)
}

find_client_window() {
  CLIENT_WINDOW=$(xdotool search --onlyvisible --name "${ADDRESS%:*}" 2>/dev/null | tail -1)
  [ -n "$CLIENT_WINDOW" ]
}

# leave NAME: cuts the client off and waits until the server has noticed.
leave() {
  cut_client "$1" && wait_until 10 has_session ".user == \"$E2E_ALICE\" and .state == \"Disc\""
}

session_pixels() { in_session import -silent -window root -depth 8 rgb:-; }
client_pixels() { timeout 20 import -silent -window "${CLIENT_WINDOW:?no client window}" -depth 8 rgb:-; }

same_picture() {
  session_pixels >"$W/session.rgb" && client_pixels >"$W/client.rgb" &&
    [ -s "$W/session.rgb" ] && cmp -s "$W/session.rgb" "$W/client.rgb"
}

# same_picture_at DEPTH: the client has what this depth leaves of the session's colours. How it fills the low bits up
# again is its own affair; xfreerdp does it to six bits so that it reaches the next value.
same_picture_at() {
  session_pixels >"$W/session.rgb" && client_pixels >"$W/client.rgb" && [ -s "$W/session.rgb" ] || return 1
  perl -e 'my $green = shift() == 16 ? 0xfc : 0xf8; local $/;
    my ($s, $c) = map { open(my $f, "<", $_) or die; binmode $f; [unpack("C*", <$f>)] } @ARGV;
    exit 1 if @$s != @$c;
    for (my $i = 0; $i < @$s; ++$i) {
      my $mask = $i % 3 == 1 ? $green : 0xf8; my $left = $s->[$i] & $mask; my $filled = $left + ($left >> 5);
      next if ($c->[$i] & $mask) == $left;
      exit 1 unless $mask == 0xfc && $c->[$i] == ($filled > 255 ? 255 : $filled);
    }' "$1" "$W/session.rgb" "$W/client.rgb"
}

# paint FILE: the session's root window shows this picture. (display says 1 when it has done that.)
paint() { in_session display -window root "$1" || [ $? = 1 ]; }

# bytes_sent: what the server has written to its clients' connections since they were made.
bytes_sent() {
  ss -tinH state established "( sport = :${ADDRESS##*:} )" |
    awk 'match($0, /bytes_sent:[0-9]+/) { sum += substr($0, RSTART + 11, RLENGTH - 11) } END { print sum + 0 }'
}

# memory PID: resident, in KiB.
memory() { awk '/^VmRSS:/ {print $2}' "/proc/$1/status"; }
