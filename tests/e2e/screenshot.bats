#!/usr/bin/env bats
# tsctl screenshot: what is in the file is what the client shows, or would show.
load helpers
load pictures

setup_file() {
  new_work
  make_shell 'exec sleep 1000'
  convert -seed 7 -size 1024x768 plasma:seagreen-navy \( -size 100x50 xc:red \) -geometry +7+9 -composite "$SHELL_DIR/one.png"
  convert -size 1024x768 gradient:white-black "$SHELL_DIR/two.png"
  chmod 644 "$SHELL_DIR"/*.png
  start_server --set "sessions.shell=$SHELL_COMMAND"
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 30 "$W/up.log" >&2
  end_clients
  log_all_off
  rm -f "$W"/*.png
}

own() { local user=$1; shift; as "$user" "$E2E_BIN/tsctl" "$@" --runtime "$W/s/run"; }
rgb_of() { convert "$1" -depth 8 rgb:-; }
# shot ID: the pixels of tsctl's picture are those of the file.
shot_is() { ctl screenshot "$1" "$W/shot.png" && cmp -s <(rgb_of "$W/shot.png") "$2"; }
size_of() { identify -format '%wx%h %m' "$1"; }

@test "the picture is what the client shows, pixel by pixel, at whatever size" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:1024x768 /bpp:32
  see 1024x768 32
  paint one.png
  wait_until 10 same_picture
  ctl screenshot "$SESSION" "$W/shot.png"
  [ "$(size_of "$W/shot.png")" = "1024x768 PNG" ]
  [ "$(stat -c %a "$W/shot.png")" = 600 ]
  client_pixels | cmp - <(rgb_of "$W/shot.png")
  # To standard output the same, and by name.
  ctl screenshot "rdp-tcp#$SESSION" - >"$W/out.png"
  client_pixels | cmp - <(rgb_of "$W/out.png")
  leave c1
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32
  see 800x600 32
  ctl screenshot "$SESSION" "$W/shot.png"
  [ "$(size_of "$W/shot.png")" = "800x600 PNG" ]
  [ "$(find "$W" -maxdepth 1 -name '*.png.*' | wc -l)" = 0 ]
}

@test "a session without a client has a picture, too, and it is of that moment" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:1024x768 /bpp:32
  see 1024x768 32
  paint one.png
  wait_until 10 same_picture
  leave c1
  session_pixels >"$W/one.rgb"
  own "$E2E_ALICE" screenshot "$SESSION" - >"$W/shot.png"
  cmp "$W/one.rgb" <(rgb_of "$W/shot.png")
  paint two.png
  session_pixels >"$W/two.rgb"
  not cmp -s "$W/one.rgb" "$W/two.rgb"
  ctl screenshot "$SESSION" "$W/shot.png"
  cmp "$W/two.rgb" <(rgb_of "$W/shot.png")
}

@test "who waits for a logon is shown to administrators: the logon screen" {
  wait_until 20 has_session '.state == "Idle"'
  local idle
  idle=$(session_id '.state == "Idle"')
  wait_until 20 host_child "$idle" tslogon
  # The card is there, on the dark background: more than one colour.
  wait_until 20 eval 'ctl screenshot "$idle" "$W/idle.png" && [ "$(identify -format %k "$W/idle.png")" -gt 10 ]'
  run own "$E2E_ALICE" screenshot "$idle" -
  [ "$status" = 5 ]
  [[ $output == *"session $idle is not yours"* ]]
  ctl screenshot console "$W/console.png"
}

@test "others' sessions, ones that are not there, and folders that are not there are refused" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:1024x768 /bpp:32
  see 1024x768 32
  run own "$E2E_BOB" screenshot "$SESSION" "$W/out/bob.png"
  [ "$status" = 5 ]
  [ "$output" = "tsctl: session $SESSION is not yours" ]
  [ ! -e "$W/out/bob.png" ]
  run ctl screenshot 60000 "$W/none.png"
  [ "$status" = 6 ]
  [ "$output" = "tsctl: no session 60000; see 'tsquery session'" ]
  run ctl screenshot 65536 "$W/none.png"
  [ "$status" = 6 ]
  run ctl screenshot "$SESSION" /no/such/folder/x.png
  [ "$status" = 1 ]
  [ "$output" = "tsctl: cannot write '/no/such/folder/x.png': No such file or directory" ]
  run own "$E2E_ALICE" screenshot "$SESSION" "$W/x.png"
  [ "$status" = 5 ]
  [ "$output" = "tsctl: cannot write '$W/x.png': Permission denied" ]
  run ctl screenshot "$SESSION" /dev/full
  [ "$status" = 1 ]
  [[ $output == *"cannot write '/dev/full': No space left on device"* ]]
  # A file that was there is not lost to a failure, and a link is replaced, not followed.
  echo kept >"$W/out/kept"
  as "$E2E_ALICE" ln -s "$W/out/kept" "$W/out/link.png"
  own "$E2E_ALICE" screenshot "$SESSION" "$W/out/link.png"
  [ "$(cat "$W/out/kept")" = kept ]
  [ "$(size_of "$W/out/link.png")" = "1024x768 PNG" ]
}

@test "a session whose display does not answer is told of, and the others are shown meanwhile" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:1024x768 /bpp:32
  see 1024x768 32
  local stuck
  stuck=$(host_child "$SESSION" tsdisplay)
  kill -STOP "$stuck"
  ctl screenshot "$SESSION" "$W/shot.png" >"$W/late" 2>&1 3>&- &
  local waiting=$!
  ctl screenshot console "$W/console.png"
  local late=0
  wait "$waiting" || late=$?
  kill -CONT "$stuck"
  [ "$late" = 1 ]
  grep -q "the display of session $SESSION does not answer; 'tsctl reset $SESSION' ends that session" "$W/late"
  [ ! -e "$W/shot.png" ]
  wait_until 10 ctl screenshot "$SESSION" "$W/shot.png"
}
