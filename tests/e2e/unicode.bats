#!/usr/bin/env bats
# Text that a client types as Unicode, whatever keyboard anybody has, is what the session's programs read.

setup_file() {
  load helpers; load pictures
  make_shell 'exec xterm -u8 -geometry 200x100+0+0 -e sh -c "stty raw -echo; exec cat >>typed"'
  shell_file typed
  start_server --set "sessions.shell=\"env LC_ALL=C.UTF-8 $SHELL_COMMAND\""
  mkfifo "$W/texts"
  client_started typist "$TS_BUILD/tests/type_text" "${ADDRESS%:*}" "${ADDRESS##*:}" "$E2E_ALICE" "$E2E_PASSWORD" "$W/texts"
  wait_until 20 connected 800x600 32
  SESSION=$(session_id ".user == \"$E2E_ALICE\"")
  export SESSION
  # The terminal is there when it reads.
  wait_until 20 typed_is_space
}
teardown_file() { load helpers; stop_server; }
setup() { load helpers; load pictures; }

typed_is() { [ "$(cat "$SHELL_DIR/typed")" = "$1" ]; }
# Opened for both, so that nobody waits for a reader that has gone.
send() { printf '%s\n' "$1" 1<>"$W/texts"; }
typed_is_space() { : >"$SHELL_DIR/typed"; send ' '; wait_until 1 typed_is ' '; }
# types TEXT: sent as it is, that is what arrives.
types() {
  : >"$SHELL_DIR/typed"
  send "$1"
  wait_until 10 typed_is "$1" || { echo "typed: $(cat "$SHELL_DIR/typed")" >&2; return 1; }
}

@test "letters that every keyboard has" { types 'The quick brown fox: 0123456789 {[]}\@'; }
@test "letters of other scripts" { types 'ñ € Ärger Łódź Ωμέγα привет שלום こんにちは 漢字'; }
@test "beyond the first plane: both halves of a pair make one character" { types 'a😀b𝄞c'; }
@test "the same letter again and again, and more letters than a keyboard has keys to spare" {
  types 'ññññññññ'
  types "$(perl -CO -e 'print map { chr(0x4e00 + $_) } 0 .. 299')"
}
@test "all that time it was one connection" {
  connected 800x600 32
  [ "$(grep -c 'tsstack.*Logged on' "$W/up.log")" = 1 ]
}
