#!/usr/bin/env bats
# The desktop has the size that the client asks for, within what the server allows, and the client follows the desktop.

setup_file() {
  load helpers; load pictures
  make_shell 'xsetroot -solid "#204060"; exec sleep infinity'
  convert -seed 1 -size 640x480 plasma:tomato-steelblue \( -size 300x300 xc:gray +noise Random \) -geometry +200+100 \
    -composite "$SHELL_DIR/one.png"
  chmod 644 "$SHELL_DIR/one.png"
  start_server --set "sessions.shell=\"$SHELL_COMMAND\"" --set sessions.max_size=3000x2000
  # A screen that is larger than all of that.
  kill "$SCREEN_PID"; wait "$SCREEN_PID" || true
  Xvfb -displayfd 5 -screen 0 3840x2160x24 -noreset -nolisten tcp >"$W/xvfb.log" 2>&1 3>&- 5<>"$W/displayfd" &
  export SCREEN_PID=$!
  local number; read -rt 20 number <>"$W/displayfd"
  export DISPLAY=:$number
}
teardown_file() { load helpers; stop_server; }
setup() { load helpers; load pictures; }

window_size() { xdotool getwindowgeometry --shell "$CLIENT_WINDOW" 2>/dev/null | awk -F= '/^WIDTH|^HEIGHT/ {v[$1]=$2} END {print v["WIDTH"] "x" v["HEIGHT"]}'; }
window_is() { find_client_window && [ "$(window_size)" = "$1" ]; }
# pixels_are WIDTHxHEIGHT: so many were compared.
pixels_are() { [ "$(stat -c %s "$W/client.rgb")" = $((${1%x*} * ${1#*x} * 3)) ]; }

@test "each return has its own size and shows the same desktop; a width is even" {
  local asked got first=
  for asked in 1024x768 801x601 640x480 1363x767 200x200; do
    got=$((${asked%x*} / 2 * 2))x${asked#*x}
    freerdp a "$E2E_ALICE" "$E2E_PASSWORD" "/size:$asked" /bpp:32
    see "$got" 32
    paint one.png
    wait_until 10 window_is "$got"
    wait_until 10 same_picture
    pixels_are "$got"
    : "${first:=$SESSION}"; [ "$SESSION" = "$first" ]
    leave a
  done
  rdesk r "$E2E_ALICE" "$E2E_PASSWORD" -g 801x601 -a 32
  wait_until 20 has_session ".id == $first and .state == \"Active\""
  wait_until 10 find_client_window
  wait_until 10 same_picture
  leave r
}

@test "a client that asks for more than the largest size gets the largest" {
  freerdp a "$E2E_ALICE" "$E2E_PASSWORD" /size:3840x2160 /bpp:32
  see 3840x2160 32
  paint one.png
  wait_until 10 window_is 3000x2000
  wait_until 20 same_picture
  leave a
}

@test "rdesktop follows to the largest size, too" {
  rdesk r "$E2E_ALICE" "$E2E_PASSWORD" -g 3840x2160 -a 32
  see 3840x2160 32
  paint one.png
  wait_until 10 window_is 3000x2000
  wait_until 20 same_picture
  leave r
}

@test "a program that changes the desktop's size takes the client along" {
  local size asked
  freerdp a "$E2E_ALICE" "$E2E_PASSWORD" /size:1024x768 /bpp:32
  see 1024x768 32
  # No client has an odd width or less than 64 pixels: then the nearest size that it can have is both's.
  for size in 800x600 641x479=640x479 1280x720 50x40=64x64 640x480; do
    asked=${size%=*}
    change_size "${asked%x*}" "${asked#*x}"
    size=${size#*=}
    wait_until 10 window_is "$size"
    paint one.png
    wait_until 10 same_picture
  done
  leave a
}

# change_size WIDTH HEIGHT: what a settings program of a desktop does.
change_size() {
  local output; output=$(in_session xrandr | awk '$2 == "connected" {print $1}')
  in_session xrandr --newmode "own$1x$2" 0 "$1" 0 0 "$1" "$2" 0 0 "$2"
  in_session xrandr --addmode "$output" "own$1x$2"
  in_session xrandr --output "$output" --mode "own$1x$2"
}
