#!/usr/bin/env bats
# What changes in the session reaches the client, what does not change is not sent, and a client that cannot keep up
# gets fewer pictures instead of a queue of old ones.

setup_file() {
  load helpers; load pictures
  make_shell 'xsetroot -solid "#204060"; exec sleep infinity'
  convert -seed 1 -size 800x600 plasma:tomato-steelblue \( -size 300x300 xc:gray +noise Random \) -geometry +400+200 \
    -composite "$SHELL_DIR/one.png"
  convert -seed 2 -size 800x600 gradient:navy-gold \( -size 500x120 xc:gray +noise Random \) -geometry +10+300 -composite \
    "$SHELL_DIR/two.png"
  chmod 644 "$SHELL_DIR"/*.png
  start_server --set "sessions.shell=\"$SHELL_COMMAND\""
  freerdp viewer "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32
}
teardown_file() { load helpers; stop_server; }
setup() {
  load helpers; load pictures
  see 800x600 32
}

# sent_by COMMAND...: the bytes on the wire until the client has what the command drew.
sent_by() {
  local before; before=$(bytes_sent)
  "$@" >&2
  wait_until 10 same_picture >&2
  echo $(($(bytes_sent) - before))
}
paint_often() { local i; for ((i = 0; i < $2; ++i)); do paint "$1"; done; }

@test "every change arrives" {
  paint one.png; wait_until 10 same_picture
  paint two.png; wait_until 10 same_picture
  paint one.png; wait_until 10 same_picture
}

@test "a window that moves leaves nothing behind" {
  in_session xterm -title mover -geometry 40x10+0+0 -e sleep 60 &
  local terminal=$! x window
  wait_until 10 eval 'window=$(in_session xdotool search --onlyvisible --name "^mover\$")'
  for ((x = 0; x < 400; x += 7)); do echo "windowmove $window $x $((x / 2))"; done | in_session xdotool -
  wait_until 10 same_picture
  in_session xdotool windowkill "$window"
  wait "$terminal" || true
  wait_until 10 same_picture
}

@test "text scrolling at full speed ends as the session's last picture" {
  in_session xterm -geometry 100x40+20+20 -e seq 1 50000
  in_session xterm -title scroller -geometry 100x40+20+20 -e sh -c 'seq 1 100000; touch scrolled; exec sleep 60' &
  wait_until 30 test -e "$SHELL_DIR/scrolled"
  wait_until 10 same_picture
  in_session xdotool search --name '^scroller$' windowkill
  wait_until 10 same_picture
}

@test "an application that draws the same again costs nothing" {
  paint one.png; wait_until 10 same_picture
  [ "$(sent_by paint_often one.png 15)" -lt 4000 ]
  # And this is what it costs when it does change: the noise alone is 270000 bytes.
  [ "$(sent_by paint two.png)" -gt 150000 ]
}

@test "a client that stands still gets newer pictures later, not all of them" {
  paint one.png; wait_until 10 same_picture
  local client before last=-1 now still=0 i; client=$(cat "$W/viewer.pid")
  before=$(memory "$STACK")
  kill -STOP "$client"
  # The sockets' buffers take some pictures, how many is the kernel's affair; then nothing more is sent.
  for ((i = 0; i < 300 && still < 4; ++i)); do
    paint two.png; paint one.png
    now=$(bytes_sent)
    if [ "$now" = "$last" ]; then still=$((still + 1)); else still=0; fi
    last=$now
  done
  paint two.png
  local grown=$(($(memory "$STACK") - before))
  kill -CONT "$client"
  [ "$still" = 4 ]
  wait_until 10 same_picture
  # The stack holds no more than a picture, and of all those drawn meanwhile only the last ones follow.
  # (Memory of a sanitizer's program says nothing.)
  [ -n "${TS_SANITIZE:-}" ] || [ "$grown" -lt 8000 ]
  [ $(($(bytes_sent) - last)) -lt 4000000 ]
}

@test "nothing is sent to a window that nobody sees, and all of it when it is seen again" {
  paint one.png; wait_until 10 same_picture
  xdotool windowunmap "$CLIENT_WINDOW"
  # The client says so a moment later; from then on no change costs anything.
  wait_until 10 silent
  local hidden; hidden=$(bytes_sent)
  for _ in 1 2 3 4; do paint two.png; paint one.png; done
  paint two.png
  [ "$(bytes_sent)" -lt $((hidden + 1000)) ]
  xdotool windowmap "$CLIENT_WINDOW"
  wait_until 10 same_picture
  [ "$(bytes_sent)" -gt $((hidden + 150000)) ]
}
silent() {
  local before; before=$(bytes_sent)
  paint two.png; paint one.png
  [ "$(bytes_sent)" = "$before" ]
}
