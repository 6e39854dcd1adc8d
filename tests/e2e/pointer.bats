#!/usr/bin/env bats
# The mouse: where it points, its buttons and wheels, and what the pointer looks like.

setup_file() {
  load helpers; load pictures
  make_shell 'xsetroot -solid "#204060"; exec xev -geometry 700x500+0+0 -event button -event mouse >>events'
  start_server --set "sessions.shell=\"$SHELL_COMMAND\""
  freerdp viewer "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32
}
teardown_file() { load helpers; stop_server; }
setup() {
  load helpers; load pictures
  if [[ $BATS_TEST_DESCRIPTION != rdesktop* ]]; then see 800x600 32; fi
}

# event PATTERN: xev has reported such an event; it prints each one on several lines.
event() { tr '\n' ' ' <"$SHELL_DIR/events" | grep -qE -- "$1"; }
forget_events() { : >"$SHELL_DIR/events"; }
# at X Y: the client's mouse goes there, and so does the session's.
at() {
  xdotool mousemove --window "$CLIENT_WINDOW" "$1" "$2"
  wait_until 10 event "MotionNotify [^M]*root:\($1,$2\)"
}
# presses BUTTON TIMES: so often it has gone down and up.
presses() {
  [ "$(tr '\n' ' ' <"$SHELL_DIR/events" | grep -oE "ButtonPress [^B]*button $1," | wc -l)" = "$2" ] &&
    [ "$(tr '\n' ' ' <"$SHELL_DIR/events" | grep -oE "ButtonRelease [^B]*button $1," | wc -l)" = "$2" ]
}
clicks() {
  local button
  for button; do
    forget_events
    xdotool click "$button" click "$button"
    wait_until 5 presses "$button" 2 || { echo "button $button: $(cat "$SHELL_DIR/events")" >&2; return 1; }
  done
}
# Moves about until the session hears of it: the client may have only just come up.
ready() {
  xdotool mousemove --window "$CLIENT_WINDOW" $((RANDOM % 400 + 50)) 77
  wait_until 1 event MotionNotify
}

# set_cursor NAME: one of the X server's own, black and white, which every client can show exactly as it is.
set_cursor() { in_session env XCURSOR_CORE=1 xsetroot -cursor_name "$1"; }
cursor_here() { perl "$BATS_TEST_DIRNAME/cursor.pl"; }
cursor_there() { in_session perl - <"$BATS_TEST_DIRNAME/cursor.pl"; }
pointer_at() {
  local X Y WIDTH HEIGHT SCREEN WINDOW x y
  eval "$(xdotool getwindowgeometry --shell "$CLIENT_WINDOW")"
  x=$X y=$Y
  eval "$(xdotool getmouselocation --shell)"
  [ "$((X - x)),$((Y - y))" = "$1,$2" ]
}
same_cursor() { cursor_here >"$W/here" && cursor_there >"$W/there" && cmp -s "$W/here" "$W/there"; }

@test "the mouse points in the session where it points at the client" {
  wait_until 15 ready
  at 123 234
  at 5 7
  at 650 480
}

@test "buttons, the two at the side, and both wheels" {
  wait_until 15 ready
  at 200 210
  clicks 1 2 3 8 9 4 5 6 7
}

@test "a button that is held while the mouse moves, and let go when the client leaves" {
  wait_until 15 ready
  at 100 110
  forget_events
  xdotool mousedown 1
  wait_until 5 event 'ButtonPress .*button 1,'
  xdotool mousemove --window "$CLIENT_WINDOW" 150 160
  wait_until 5 event 'MotionNotify [^M]*root:\(150,160\), *state 0x100,'
  leave viewer
  wait_until 5 presses 1 1
  xdotool mouseup 1
  freerdp viewer "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32
  see 800x600 32
}

@test "the pointer's shape follows the session, and can be none" {
  wait_until 15 ready
  local name shape=
  for name in watch crosshair gumby; do
    set_cursor "$name"
    xdotool mousemove --window "$CLIENT_WINDOW" 780 580
    wait_until 5 same_cursor
    [ "$(wc -l <"$W/here")" -gt 20 ]
    [ "$(cat "$W/here")" != "$shape" ]; shape=$(cat "$W/here")
  done
  printf '#define none_width 8\n#define none_height 8\n#define none_x_hot 0\n#define none_y_hot 0\nstatic unsigned char none_bits[] = {\n0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};\n' \
    >"$SHELL_DIR/none"
  in_session xsetroot -cursor none none
  wait_until 5 same_cursor
  [ ! -s "$W/here" ]
}

@test "rdesktop's mouse: places, buttons, wheel and shape, and a program that moves it" {
  leave viewer
  rdesk r "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a 32
  see 800x600 32
  wait_until 15 ready
  at 123 234
  clicks 1 2 3 4 5
  set_cursor watch
  xdotool mousemove --window "$CLIENT_WINDOW" 780 580
  wait_until 5 same_cursor
  # A program that moves the pointer moves the client's with it, at the latest when something is drawn. (xfreerdp does
  # so only while it takes itself to be focused, which without a window manager is a matter of luck.)
  in_session xdotool mousemove 321 123
  in_session xsetroot -solid '#402060'
  wait_until 5 pointer_at 321 123
  leave r
}
