#!/usr/bin/env bats
# tsctl message: what people in front of sessions see of it, and what comes back.
load helpers
load pictures

setup_file() {
  new_work
  # No window manager: the keyboard is the window's under the pointer, which is where boxes like to be.
  make_shell 'xsetroot -solid "#204060"; exec xterm -geometry 130x50+0+0 -e sh -c "cat >>typed"'
  shell_file typed
  start_server --set "sessions.shell=$SHELL_COMMAND"
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 30 "$W/up.log"; ls "$W"; } >&2
  end_clients
  log_all_off
  rm -f "$W"/*.png "$W"/reply*
}

own() { local user=$1; shift; as "$user" "$E2E_BIN/tsctl" "$@" --runtime "$W/s/run"; }

# at_work SIZE: alice is there, with a terminal that writes down what is typed.
at_work() {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" "/size:$1" /bpp:32
  see "$1" 32
  wait_until 20 in_session xdotool search --onlyvisible --class XTerm >/dev/null
}

# The box on the session's screen: sets X, Y, WIDTH, HEIGHT.
box() {
  local window
  window=$(in_session xdotool search --onlyvisible --name '^Message$') || return 1
  eval "$(in_session xdotool getwindowgeometry --shell "$window")"
}
no_box() { ! box; }
boxes_process() { pgrep -u "$E2E_ALICE" -x tsmessage; }
no_boxes_process() { ! boxes_process >/dev/null; }
# click LEFT UP: in the client, so far from the box's lower right corner.
click() { box && xdotool mousemove --window "$CLIENT_WINDOW" $((X + WIDTH - $1)) $((Y + HEIGHT - $2)) click 1; }
# press NUMBER: the button so many from the right. Young boxes take no click.
press() { click $((70 + ($1 - 1) * 100)) 42; }
pressed() { press "$1"; no_box; }
shot() { ctl screenshot "$SESSION" "$W/shot.png"; }
# shows PICTURE: that is what the session shows now.
shows() { shot; [ "$(convert "$W/shot.png" rgb:- | md5sum)" = "$1" ]; }
# at_rest: it shows the same as a moment ago, which is in $before.
at_rest() { shot; before=$(convert "$W/shot.png" rgb:- | md5sum); read -rt 0.2 <> <(:) || true; shows "$before"; }
colour() { convert "$W/shot.png" -crop "1x1+$1+$2" -depth 8 txt:- | grep -oE '#[0-9A-F]{6}' | head -1; }
# waiting ARGUMENT...: in the background; what it says and its exit status are in files when it has ended.
waiting() {
  local code=0
  ctl message "$@" >"$W/reply" 2>"$W/reply.error" 3>&- || code=$?
  echo $code >"$W/reply.code"
}
answered() { wait_until 20 test -s "$W/reply.code"; }

@test "the box is up when the command is done, the client shows it, and OK takes it away" {
  at_work 1024x768
  local before
  # The terminal has the keyboard, as it will have it again: its cursor shows that.
  xdotool mousemove --window "$CLIENT_WINDOW" 200 200 mousemove_relative 3 3
  wait_until 10 at_rest
  ctl message "$SESSION" --title "Backup tonight" "The server is down from 22:00 to 23:00."
  shot
  box
  # The card, its frame, and the button.
  [ "$(colour $((X + 12)) $((Y + HEIGHT / 2)))" = "#F6F8FA" ]
  [ "$(colour "$X" $((Y + HEIGHT / 2)))" = "#22303D" ]
  [ "$(colour $((X + WIDTH - 30)) $((Y + HEIGHT - 42)))" = "#2B66B8" ]
  wait_until 10 same_picture
  [ "$(ps -o user:40= -p "$(boxes_process)" | tr -d ' ')" = "$E2E_ALICE" ]
  session_pids "$SESSION" | grep -qx "$(boxes_process)"
  wait_until 10 pressed 1
  wait_until 10 no_boxes_process
  wait_until 10 shows "$before"
}

@test "--wait brings the answer: the word, and whether it is a yes" {
  at_work 1024x768
  waiting "$SESSION" --wait --buttons yes-no-cancel "Reboot now?" &
  wait_until 10 box
  wait_until 10 pressed 3
  answered
  [ "$(cat "$W/reply")" = yes ]
  [ "$(cat "$W/reply.code")" = 0 ]
  rm "$W/reply.code"
  waiting "$SESSION" --wait --buttons yes-no --json "Reboot now?" &
  wait_until 10 box
  wait_until 10 pressed 1
  answered
  [ "$(jq -c . "$W/reply")" = "{\"messages\":[{\"session_id\":$SESSION,\"reply\":\"no\"}]}" ]
  [ "$(cat "$W/reply.code")" = 1 ]
  [ ! -s "$W/reply.error" ]
}

@test "a box closes by itself when its time is over" {
  at_work 1024x768
  run ctl message "$SESSION" --wait --timeout 1 "Anybody there?"
  [ "$status" = 7 ]
  [ "$output" = "tsctl: nobody has answered in session $SESSION within 1 seconds" ]
  wait_until 10 no_box
  ctl message "$SESSION" --timeout 2 "Tea is ready"
  box
  wait_until 10 no_box
  wait_until 10 no_boxes_process
}

@test "who types goes on typing: the keyboard is the box's only after a click into it" {
  at_work 1024x768
  : >"$SHELL_DIR/typed"
  xdotool mousemove --window "$CLIENT_WINDOW" 400 320
  xdotool type --delay 30 "one"
  ctl message "$SESSION" "Something has happened"
  box
  xdotool type --delay 30 " two"
  xdotool key Return
  wait_until 10 grep -qx "one two" "$SHELL_DIR/typed"
  box
  # A pointer inside, but no click.
  xdotool mousemove --window "$CLIENT_WINDOW" $((X + WIDTH / 2)) $((Y + 20))
  xdotool type --delay 30 "three"; xdotool key Return
  wait_until 10 grep -qx "three" "$SHELL_DIR/typed"
  box
  # What covers it does not stay there.
  in_session xdotool search --class XTerm windowraise
  wait_until 10 eval 'shot; [ "$(colour $((X + 12)) $((Y + HEIGHT / 2)))" = "#F6F8FA" ]'
  # With a click Enter is the box's, and the terminal's again when it has gone.
  wait_until 10 eval 'click $((WIDTH - 10)) 60; xdotool key Return; no_box'
  xdotool mousemove --window "$CLIENT_WINDOW" 400 320
  : >"$SHELL_DIR/typed"
  xdotool type --delay 30 "four"; xdotool key Return
  wait_until 10 grep -qx "four" "$SHELL_DIR/typed"
}

# clicked_and_typed TEXT: in the terminal, of which this becomes a line.
clicked_and_typed() {
  xdotool mousemove --window "$CLIENT_WINDOW" 100 100 click 1
  xdotool type --delay 30 "$1"; xdotool key Return
  wait_until 3 grep -qx "$1" "$SHELL_DIR/typed"
}

@test "with a window manager it is no different" {
  at_work 1024x768
  : >"$SHELL_DIR/typed"
  in_session icewm >/dev/null 2>&1 3>&- &
  local manager=$!
  # It has the terminal among its windows, and gives it the keyboard with a click once it is through with it.
  wait_until 20 eval 'in_session xprop -root _NET_CLIENT_LIST | grep -q 0x'
  wait_until 20 clicked_and_typed one
  ctl message "$SESSION" "Something has happened"
  box
  xdotool type --delay 30 "two"; xdotool key Return
  wait_until 10 grep -qx two "$SHELL_DIR/typed"
  # The window manager brings what is clicked to the front, and the box stays there all the same.
  xdotool mousemove --window "$CLIENT_WINDOW" 100 100 click 1
  wait_until 10 eval 'shot; [ "$(colour $((X + 12)) $((Y + HEIGHT / 2)))" = "#F6F8FA" ]'
  wait_until 10 eval 'click $((WIDTH - 10)) 60; xdotool key Return; no_box'
  xdotool type --delay 30 "three"; xdotool key Return
  wait_until 10 grep -qx three "$SHELL_DIR/typed"
  ctl logoff "$SESSION"
  wait "$manager" || true
}

@test "a session without a client keeps its messages; newer ones are in front, and there are eight at most" {
  at_work 1024x768
  leave c1
  local number
  for number in 1 2 3 4 5 6 7 8; do ctl message "$E2E_ALICE" "Message $number"; done
  run ctl message "$SESSION" "Message 9"
  [ "$status" = 1 ]
  [ "$output" = "tsctl: session $SESSION shows no message: it shows 8 messages already; wait until one is answered" ]
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32
  see 800x600 32
  box
  [ $((X + WIDTH)) -le 800 ] && [ $((Y + HEIGHT)) -le 600 ]
  for number in 1 2 3 4 5 6 7 8; do
    box
    wait_until 10 eval 'shot && md5sum <"$W/shot.png" >"$W/a.png"; press 1; shot; ! md5sum <"$W/shot.png" | cmp -s - "$W/a.png"'
  done
  wait_until 10 no_box
}

@test "text in any bytes and of any length is inside the box, and the box on the screen" {
  at_work 640x480
  local long
  long=$(printf 'word%.0s ' {1..400} | head -c 2000)
  ctl message "$SESSION" --title "$(printf 'T%.0s' {1..100})" "$long"
  box
  [ "$X" -ge 0 ] && [ "$Y" -ge 0 ] && [ $((X + WIDTH)) -le 640 ] && [ $((Y + HEIGHT)) -le 480 ]
  wait_until 10 pressed 1
  yes '' | head -1999 | cat - <(echo end) | head -c 2000 | ctl message "$SESSION" --wait --timeout 1 --buttons abort-retry-ignore - || [ $? = 7 ]
  printf 'bad \xff\xfe bytes, \033[31mescapes\033[0m, <b>markup</b> &amp; \xe2\x80\xaeediB \xe2\x81\xa9 %%n' |
    ctl message "$SESSION" -
  wait_until 10 same_picture
  cp "$W/client.rgb" "${KEEP_PICTURES:-$W}/hostile.rgb"
  wait_until 10 pressed 1
  run ctl message "$SESSION" "$long$long"
  [ "$status" = 2 ]
  [[ $output == *"TEXT is too long: 2000 characters are the most that is shown"* ]]
}

@test "who may: root to all, users to their own, nobody where nobody is logged on" {
  at_work 1024x768
  run own "$E2E_BOB" message "$SESSION" hello
  [ "$status" = 5 ]
  [ "$output" = "tsctl: session $SESSION is not yours" ]
  run own "$E2E_BOB" message --all hello
  [ "$status" = 6 ]
  [[ $output == *"nobody is logged on"* ]]
  run own "$E2E_BOB" message "$E2E_ALICE" hello
  [ "$status" = 6 ]
  no_box
  wait_until 20 has_session '.state == "Idle"'
  local idle
  idle=$(session_id '.state == "Idle"')
  run ctl message "$idle" hello
  [ "$status" = 1 ]
  [ "$output" = "tsctl: nobody is logged on to session $idle" ]
  run ctl message 60000 hello
  [ "$status" = 6 ]
  own "$E2E_ALICE" message "rdp-tcp#$SESSION" "to myself"
  box
  wait_until 10 pressed 1
  ctl message --all "to everybody"
  box
  wait_until 10 pressed 1
}

@test "a message that nobody can answer any more is told of: its program has ended, or its session" {
  at_work 1024x768
  waiting "$SESSION" --wait "Are you there?" &
  wait_until 10 box
  kill -KILL "$(boxes_process)"
  answered
  [ "$(cat "$W/reply.code")" = 1 ]
  [ "$(cat "$W/reply.error")" = "tsctl: session $SESSION shows no message: the program that shows messages there has ended" ]
  rm "$W/reply.code"
  # The next one comes all the same.
  waiting "$SESSION" --wait "And now?" &
  wait_until 10 box
  ctl logoff "$SESSION"
  answered
  [ "$(cat "$W/reply.code")" = 1 ]
  grep -q "session $SESSION" "$W/reply.error"
  wait_until 10 no_boxes_process
}

@test "a tsmessage that its user has stopped is given up, and goes when the next message comes" {
  at_work 1024x768
  ctl message "$SESSION" "First"
  local stopped; stopped=$(boxes_process)
  kill -STOP "$stopped"
  run ctl message "$SESSION" "Second"
  [ "$status" = 1 ]
  [[ $output == *"the program that shows messages there does not answer" ]]
  ctl message "$SESSION" "Third"
  wait_until 5 gone "$stopped"
  wait_until 10 pressed 1
}
