#!/usr/bin/env bats
# Keyboards of other countries at a real client: dead keys, AltGr, and keys that only some have. The client's screen
# has the same keyboard; keys are pressed by their place (X key codes).

setup_file() {
  load helpers; load pictures
  # A window as large as the desktop that tells of each key: its keysym, and the text that comes of it.
  make_shell 'exec stdbuf -oL xev -event keyboard -geometry 800x600+0+0 >>keys'
  shell_file keys
  start_server --set "sessions.shell=\"env LC_ALL=C.UTF-8 $SHELL_COMMAND\""
}
teardown_file() { load helpers; stop_server; }
setup() { load helpers; load pictures; }
teardown() { xdotool keyup 50 keyup 108; leave k || true; setxkbmap us; }

# keyboard LAYOUT VARIANT OPTION...: a client whose screen has this keyboard, told to the server by the options.
keyboard() {
  setxkbmap "$1" "$2"; shift 2
  freerdp k "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 /bpp:32 "$@"
  see 800x600 32
  xdotool mousemove --window "$CLIENT_WINDOW" 300 300 windowfocus "$CLIENT_WINDOW"
  : >"$SHELL_DIR/keys"
  wait_until 10 awake
  # What was pressed until then may be on its way still: before this it arrives, too.
  xdotool key 23
  wait_until 10 symbols_end_with_tab
}
# A key is pressed until something arrives: a client that has only just come up may still swallow one.
awake() { xdotool key 65; wait_until 1 symbols_begin; }
symbols_begin() { [[ $(symbols) == space* ]]; }
symbols_end_with_tab() { [[ $(symbols) == *"Tab " ]]; }

# What arrived since: the keysyms that were pressed, and the text that came of them, but for keys that an input method
# kept (filtered) to compose a character.
presses() { awk -v RS= '/^KeyPress/ && !/XFilterEvent returns: True/' "$SHELL_DIR/keys"; }
symbols() {
  presses | sed -n 's/.*(keysym 0x[0-9a-f]*, \([^)]*\)).*/\1/p' | grep -vx 'ISO_Level3_Shift\|Shift_L' | tr '\n' ' '
}
text() { presses | sed -n 's/.*XmbLookupString gives [1-9][0-9]* bytes: ([^)]*) "\(.*\)"$/\1/p' | tr -d '\n'; }
symbols_are() { [ "$(symbols)" = "$* " ]; }
text_is() { [ "$(text)" = "$1" ]; }

# gives SYMBOLS KEY...: pressing these keys (xdotool's words) is, in the session, these keysyms; writes TEXT KEY....
gives() {
  local expected=$1; shift
  : >"$SHELL_DIR/keys"
  xdotool "$@"
  # shellcheck disable=SC2086
  wait_until 5 symbols_are $expected || { echo "pressed: $(symbols)" >&2; return 1; }
}
writes() {
  local expected=$1; shift
  : >"$SHELL_DIR/keys"
  xdotool "$@"
  wait_until 5 text_is "$expected" || { echo "written: $(text)" >&2; return 1; }
}

@test "us international: dead keys compose" {
  keyboard us intl /kbd:0x00020409
  writes 'é' key 48 key 26
  writes 'ü' keydown 50 key 48 keyup 50 key 30
  writes '¡' keydown 108 key 10 keyup 108
}

@test "spanish: a dead key and AltGr" {
  keyboard es winkeys /kbd:0x0000040a
  writes 'á' key 48 key 38
  writes 'ñ@€' key 47 keydown 108 key 11 key 26 keyup 108
}

@test "czech qwerty and turkish f" {
  keyboard cz qwerty /kbd:0x00010405
  writes 'ěyz' key 11 key 29 key 52
  leave k
  keyboard tr f /kbd:0x0001041f
  writes 'fgğ' key 24 key 25 key 26
}

@test "russian, whose letters are no Latin ones" {
  keyboard ru '' /kbd:0x00000419
  writes 'йфЯ' key 24 key 38 keydown 50 key 52 keyup 50
}

@test "a japanese keyboard of 106 keys, as xfreerdp announces it by itself" {
  keyboard jp '' /kbd:0x00000411
  writes '@"' key 34 keydown 50 key 11 keyup 50
  gives 'backslash underscore' key 132 keydown 50 key 97 keyup 50
  gives 'Henkan_Mode Muhenkan Hiragana_Katakana Zenkaku_Hankaku' key 100 key 102 key 101 key 49
}

@test "korean keyboards: keys of their own, and the right Alt and Ctrl of one without" {
  keyboard kr '' /kbd:0x00000412 /kbd-type:8 /kbd-subtype:6
  gives 'a Hangul Hangul_Hanja' key 38 key 130 key 131
  gives 'Alt_R Control_R' key 108 key 105
  leave k
  keyboard us '' /kbd:0x00000412 /kbd-type:8 /kbd-subtype:3
  gives 'a Hangul Hangul_Hanja' key 38 key 108 key 105
}

@test "a layout that nobody knows is the language's own, and the log says so" {
  keyboard de '' /kbd:0xa0010407
  writes 'zö' key 29 key 47
  log_has 'No such keyboard layout is known.*layout=0xa0010407 using=de'
}

@test "a client with another layout finds nothing that the last one left" {
  keyboard ru '' /kbd:0x00000419
  in_session setxkbmap -layout ru,us -option grp:menu_toggle
  writes 'q' key 135 key 24
  xdotool keydown 50 keydown 108
  leave k
  xdotool keyup 50 keyup 108
  keyboard ua winkeys /kbd:0x00000422
  writes 'йі' key 24 key 39
}
