#!/usr/bin/env bats
# What is typed on the client's keyboard, by the place of its keys, is what the session's programs read.

setup_file() {
  load helpers; load pictures
  # A terminal as large as the desktop, whose program leaves each byte that it reads in the file `typed`.
  make_shell 'exec xterm -u8 -geometry 200x100+0+0 -e sh -c "stty raw -echo; exec cat >>typed"'
  shell_file typed
  start_server --set "sessions.shell=\"env LC_ALL=C.UTF-8 $SHELL_COMMAND\""
}
teardown_file() { load helpers; stop_server; }
setup() {
  load helpers; load pictures
  setxkbmap us
}
teardown() { xdotool keyup 50 keyup 108 keyup 38; lock_is "$DISPLAY" Caps off || xdotool key 66; leave k || true; }

# keyboard LAYOUT ID: a client with that keyboard in front of it. rdesktop takes names, xfreerdp numbers.
keyboard() {
  setxkbmap "$1"
  freerdp k "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32 "/kbd:$2"
  in_front 32
}
in_front() {
  see 800x600 "$1"
  : >"$SHELL_DIR/typed"
  xdotool mousemove --window "$CLIENT_WINDOW" 300 300 windowfocus "$CLIENT_WINDOW"
  wait_until 10 awake
  # What was typed until then may be on its way still: before this it arrives, too.
  xdotool key 23
  wait_until 10 typed_ends_with_tab
}
# Typed at the client until something arrives: one that has only just come up may still swallow a key.
awake() { xdotool key 65; wait_until 1 test -s "$SHELL_DIR/typed"; }
typed_ends_with_tab() { [ "$(tail -c 1 "$SHELL_DIR/typed")" = $'\t' ]; }

typed_is() { [ "$(cat "$SHELL_DIR/typed")" = "$1" ]; }
# types TEXT KEY...: pressing these keys (xdotool's words; numbers are places on the keyboard) makes that text.
types() {
  local text=$1; shift
  : >"$SHELL_DIR/typed"
  xdotool "$@"
  wait_until 5 typed_is "$text" || { echo "typed: $(cat "$SHELL_DIR/typed")" >&2; return 1; }
}
# lock_is DISPLAY LOCK STATE, of the client's screen; session_lock LOCK STATE, of the session.
lock_is() { DISPLAY=$1 xset q | grep -qE "$2 Lock: +$3"; }
session_lock() { in_session xset q | grep -qE "$1 Lock: +$2"; }

@test "a us keyboard" {
  keyboard us 0x409
  types 'zyqa' key 52 key 29 key 24 key 38
  types '@#Z' keydown 50 key 11 key 12 key 52 keyup 50
  types ";'[" key 47 key 48 key 34
}

@test "a german keyboard" {
  keyboard de 0x407
  types 'yzqa' key 52 key 29 key 24 key 38
  types 'ßäöü' key 20 key 48 key 47 key 34
  types '@€' keydown 108 key 24 key 26 keyup 108
  types '/ÄY' keydown 50 key 16 key 48 key 52 keyup 50
}

@test "a french keyboard" {
  keyboard fr 0x40c
  types 'aqzw' key 24 key 38 key 25 key 52
  types 'éçà&m' key 11 key 18 key 19 key 10 key 47
  types '12AQ' keydown 50 key 10 key 11 key 24 key 38 keyup 50
  types '@€' keydown 108 key 19 key 26 keyup 108
}

@test "rdesktop's german keyboard" {
  setxkbmap de
  rdesk k "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a 32 -k de
  in_front 32
  types 'yzq' key 52 key 29 key 24
  types 'ßäöü' key 20 key 48 key 47 key 34
  types '@€' keydown 108 key 24 key 26 keyup 108
  types '/Y' keydown 50 key 16 key 52 keyup 50
}

@test "caps lock" {
  keyboard us 0x409
  types 'aAb' key 38 key 66 key 38 key 66 key 56
  types 'Ba' key 66 key 56 keydown 50 key 38 keyup 50 key 66
}

@test "a caps lock that is on when the client comes is on in the session, and off when it was taken off elsewhere" {
  xdotool key 66
  wait_until 5 lock_is "$DISPLAY" Caps on
  keyboard us 0x409
  wait_until 5 session_lock Caps on
  types 'A' key 38
  # Taken off while the client is not in focus: it says so when it is again.
  xdotool windowunmap --sync "$CLIENT_WINDOW" key 66
  wait_until 5 lock_is "$DISPLAY" Caps off
  session_lock Caps on
  xdotool windowmap --sync "$CLIENT_WINDOW" windowfocus "$CLIENT_WINDOW"
  wait_until 5 session_lock Caps off
  types 'a' key 38
}

@test "a key that is held repeats, and stops when it is let go" {
  keyboard us 0x409
  : >"$SHELL_DIR/typed"
  xdotool keydown 38
  wait_until 10 grep -q aaaaaaaa "$SHELL_DIR/typed"
  xdotool keyup 38 key 56
  wait_until 5 grep -qx 'a*b' "$SHELL_DIR/typed"
}

@test "a key that is held when the client goes is not held in the session" {
  keyboard us 0x409
  xdotool keydown 50
  types 'A' key 38
  leave k
  : >"$SHELL_DIR/typed"
  in_session xdotool key 38
  wait_until 5 typed_is a
}
