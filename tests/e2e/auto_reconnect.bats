#!/usr/bin/env bats
# Clients that lose their connection are back in their session by themselves, without a password; and nobody else is.
bats_require_minimum_version 1.5.0
load helpers
load worker
load form

setup_file() {
  new_work
  worker_shell
  start_server --set "$WORKER_OPTION" --set sessions.end_timeout=1
  # What the roles read when they are started again.
  SNAPSHOT=$(tr '\0' '\n' <"/proc/$(role tssession)/cmdline" | sed -n '/^--config$/{n;p}')
  cp "$SNAPSHOT" "$W/ts.yaml"
  lay_cable
  # One to be locked: the others are used by files that run beside this one.
  LOCKABLE=tsl$$
  export SNAPSHOT LOCKABLE
  useradd --create-home --home-dir "$E2E_ROOT/home-$LOCKABLE" --shell /bin/bash "$LOCKABLE" 3>&-
  echo "$LOCKABLE:$E2E_PASSWORD" | chpasswd
}
teardown_file() {
  local status=0
  kill "$CABLE_PID"
  stop_server || status=$?
  userdel "$LOCKABLE"
  return "$status"
}
setup() {
  join_cable
  SINCE=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
}
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 40 "$W/up.log"; events | tail -n 20; } >&2
  end_clients
  cmp -s "$W/ts.yaml" "$SNAPSHOT" || { cat "$W/ts.yaml" >"$SNAPSHOT"; new_tssession; }
  log_all_off
  wait_until 20 pool_is_full
}
pool_is_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }

# lay_cable: CABLE is the server's address at the end of a cable that can be pulled (cable.py).
lay_cable() {
  python3 "$BATS_TEST_DIRNAME/cable.py" "$ADDRESS" "$W/cable" "$W/cable.port" 2>"$W/cable.log" 3>&- &
  export CABLE_PID=$!
  wait_until 10 test -s "$W/cable.port"
  CABLE=127.0.0.1:$(cat "$W/cable.port")
  export CABLE
}
tell_cable() { [ "$(socat -t 10 - "UNIX-CONNECT:$W/cable" <<<"$1")" = "done" ]; }
cut_cable() { tell_cable cut; }
half_cut_cable() { tell_cable half; }
join_cable() { tell_cable join; }

events() { "$E2E_BIN/tsquery" events --json --runtime "$W/s/run" --state "$W/s/state" --since "$SINCE" "$@"; }
has_event() { [ -n "$(events | jq -c "select($1)")" ]; }
# names: of this test's events, in a row.
names() { events "$@" | jq -r .event | xargs; }
# back_by_itself [EVENT]: the session's last client needed nobody's password.
back_by_itself() {
  wait_until 30 has_event ".event == \"${1:-reconnect}\" and .session == $SESSION and .reason == \"automatic reconnection\""
  wait_until 10 has_session ".id == $SESSION and .state == \"Active\""
}
is_lost() { has_session ".id == $SESSION and .state == \"Disc\""; }
# refused NAME REASON: this client's cookie was no good, it is at the logon screen, and its session is as it was.
refused() {
  wait_until 20 has_event ".event == \"logon-failed\" and .client == \"$1\" and (.reason | test(\"^automatic reconnection: .*$2\"))"
  log_has "Refused an automatic reconnection client=127\.0\.0\.1:[0-9]+ session=[0-9]+: .*$2"
  form "$1"
  not has_event ".event == \"reconnect\" and .client == \"$1\""
}

# typed_in NAME USER [OPTION...]: xfreerdp that has no password; it is typed. Sets SESSION.
typed_in() {
  local name=$1 user=$2; shift 2
  freerdp "$name" "$user" "" /size:640x480 +auto-reconnect /auto-reconnect-max-retries:0 +print-reconnect-cookie \
    "/client-hostname:$name" "$@"
  form "$name"
  type_in "$name" "$E2E_PASSWORD" :Return
  at_work "$name" "$user"
}
# cookies NAME: what this client has been given, one a line; cookie NAME: the last of them, once there is one.
cookies() { sed -n 's/.*Reconnect-cookie: *//p' "$W/$1.log"; }
has_cookie() { [ "$(cookies "$1" | wc -l)" -ge "${2:-1}" ]; }
cookie() { wait_until 10 has_cookie "$1" >&2 && cookies "$1" | tail -n 1; }
# present NAME COOKIE [PASSWORD]: a client at another desk that has this cookie.
present() {
  freerdp "$1" "$E2E_ALICE" "${3:-}" /size:640x480 +auto-reconnect +print-reconnect-cookie \
    "/client-hostname:$1" "/reconnect-cookie:$2"
}
# of_session COOKIE ID: the same bits for another session.
of_session() { { base64 -d <<<"$1" | head -c 8; printf "\\x$(printf %02x $(($2 % 256)))\\x$(printf %02x $(($2 / 256)))\\0\\0"; base64 -d <<<"$1" | tail -c 16; } | base64 -w0; }

new_tssession() {
  local before; before=$(role tssession)
  kill -KILL "$before"
  wait_until 20 eval "[ -n \"\$(role tssession)\" ] && [ \"\$(role tssession)\" != $before ]"
  wait_until 20 pool_is_known
}
pool_is_known() { session_where '.state == "Idle"' >/dev/null 2>&1 && [ "$(session_where 'true' | wc -l)" -ge 4 ]; }
stack_of() { sed -n "s/.* tsstack\[\([0-9]*\)\]: Logged on .* session=$1 .*/\1/p" "$W/up.log" | tail -n 1; }
# configured KEY VALUE: of the section of sessions, from the next start of any program on; tssession is started anew.
configured() {
  sed "s|^  $1: .*|  $1: $2|" "$W/ts.yaml" >"$SNAPSHOT"
  not cmp -s "$W/ts.yaml" "$SNAPSHOT"
  new_tssession
}

@test "xfreerdp: the cable is pulled and joined; the same program goes on, and nobody was asked for a password" {
  local address=$ADDRESS
  ADDRESS=$CABLE typed_in c1 "$E2E_ALICE"
  cookie c1
  cut_cable
  wait_until 20 is_lost
  join_cable
  back_by_itself
  works c1
  # Again, with the cookie that it got for coming back.
  cut_cable
  wait_until 20 is_lost
  join_cable
  wait_until 30 eval '[ "$(names --session "$SESSION")" = "connect logon disconnect reconnect disconnect reconnect" ]'
  works c1
  [ "$(cookies c1 | sort -u | wc -l)" = 3 ]
  # No other session was needed, and nobody was authenticated again.
  [ "$(names | wc -w)" = 6 ]
  [ "$(grep -c "^$SESSION ready" "$LINES_READ")" = 1 ]
  [ "$(grep -c "Logging on in session $SESSION\$" "$W/up.log")" = 1 ]
  log_has "A client has reconnected automatically client=127\.0\.0\.1:[0-9]+ session=$SESSION"
}

@test "rdesktop comes back, too; and is told when its cookie is of no use any more" {
  ADDRESS=$CABLE rdesk c1 "$E2E_ALICE" "$E2E_PASSWORD" -a 32 -g 640x480
  at_work c1 "$E2E_ALICE"
  cut_cable
  wait_until 20 is_lost
  join_cable
  back_by_itself
  works c1
  cut_cable
  wait_until 20 is_lost
  ctl logoff "$SESSION"
  wait_until 10 no_session ".id == $SESSION"
  join_cable
  wait_until 30 has_event ".event == \"logon-failed\" and .session == $SESSION and (.reason | test(\"^automatic reconnection: nobody\"))"
  # It has not kept its password.
  form c1
  wait_until 10 grep -q 'automatic reconnect using cookie, failed' "$W/c1.log"
}

@test "a connection that the server has not missed is taken over" {
  ADDRESS=$CABLE typed_in c1 "$E2E_ALICE"
  local stack; stack=$(stack_of "$SESSION")
  half_cut_cable
  has_session ".id == $SESSION and .state == \"Active\""
  join_cable
  back_by_itself takeover
  works c1
  wait_until 20 gone "$stack"
  [ "$(names --session "$SESSION")" = "connect logon takeover" ]
}

@test "the session manager is killed meanwhile, then the stack: the cookie is good all the same" {
  ADDRESS=$CABLE typed_in c1 "$E2E_ALICE"
  cut_cable
  wait_until 20 is_lost
  new_tssession
  wait_until 20 is_lost
  join_cable
  back_by_itself
  works c1
  kill -KILL "$(stack_of "$SESSION")"
  wait_until 30 eval '[ "$(events --session "$SESSION" | jq -c "select(.reason == \"automatic reconnection\")" | wc -l)" = 2 ]'
  works c1
  # And while its client is there: the host has the cookie, nobody else.
  new_tssession
  cut_cable
  wait_until 20 is_lost
  join_cable
  wait_until 30 has_session ".id == $SESSION and .state == \"Active\""
  works c1
  [ "$(grep -c "^$SESSION ready" "$LINES_READ")" = 1 ]
}

@test "whoever has the cookie is let in; one that was replaced and used is void" {
  typed_in c1 "$E2E_ALICE"
  local first second
  first=$(cookie c1)
  cut_client c1
  wait_until 20 is_lost
  present c2 "$first"
  back_by_itself
  works c2
  second=$(cookie c2)
  [ "$first" != "$second" ]
  cut_client c2
  wait_until 20 is_lost
  present c3 "$second"
  wait_until 20 has_event '.event == "reconnect" and .client == "c3"'
  works c3
  cut_client c3
  wait_until 20 is_lost
  present c4 "$first"
  refused c4 "not the session's"
  is_lost
}

@test "the cookie of somebody else's session, and guesses, open nothing; they are slowed down as passwords are" {
  typed_in c1 "$E2E_BOB"
  local foreign bobs=$SESSION
  foreign=$(cookie c1)
  typed_in c2 "$E2E_ALICE"
  cookie c2
  present c3 "$(of_session "$foreign" "$SESSION")"
  refused c3 "not the session's"
  has_event ".event == \"logon-failed\" and .session == $SESSION and .user == \"$E2E_ALICE\""
  # Nobody was taken away.
  works c2
  has_session ".id == $bobs and .state == \"Active\" and .client.name == \"c1\""
  end_clients
  present c4 "$(of_session "$foreign" 999)"
  refused c4 "nobody is logged on to session 999"
  local i
  for i in {5..16}; do present "c$i" "$(of_session "$foreign" "$SESSION")"; done
  wait_until 20 log_has "Slowing down guesses client=127\.0\.0\.1:[0-9]+ user=\"$E2E_ALICE\" session=$SESSION"
  wait_until 30 eval '[ "$(events --event logon-failed | wc -l)" = 14 ]'
  not has_event '.event == "reconnect" or .event == "takeover"'
}

@test "another computer has taken the session over, or the client was made to go: its cookie is void" {
  typed_in c1 "$E2E_ALICE"
  local first second
  first=$(cookie c1)
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 +auto-reconnect +print-reconnect-cookie
  [ "$(exit_of c1)" = 5 ]
  wait_until 20 has_session ".id == $SESSION and .state == \"Active\" and .client.width == 800"
  present c3 "$first"
  refused c3 "not the session's"
  works c2
  second=$(cookie c2)
  ctl disconnect "$SESSION"
  exit_of c2
  cut_client c3
  present c4 "$second"
  refused c4 "no cookie that is good"
  is_lost
}

@test "after logoff the cookie is void; a password that came with it counts as ever" {
  typed_in c1 "$E2E_ALICE"
  local first old=$SESSION
  first=$(cookie c1)
  ctl logoff "$SESSION"
  exit_of c1
  present c2 "$first"
  refused c2 "nobody is logged on"
  cut_client c2
  present c3 "$first" "$E2E_PASSWORD"
  at_work c3 "$E2E_ALICE"
  [ "$SESSION" != "$old" ]
  has_event '.event == "logon-failed" and .client == "c3"'
  has_event '.event == "logon" and .client == "c3" and .reason == null'
}

@test "accounts that may not log on any more do not come back by themselves" {
  typed_in c1 "$LOCKABLE"
  local first
  first=$(cookie c1)
  cut_client c1
  wait_until 20 is_lost
  usermod -L "$LOCKABLE"
  present c2 "$first"
  refused c2 "this account is locked"
  usermod -U "$LOCKABLE"
  cut_client c2
  configured allow "[\"$E2E_BOB\"]"
  present c3 "$first"
  refused c3 "not in sessions.allow"
  cut_client c3
  is_lost
  # What was not used is good still.
  cat "$W/ts.yaml" >"$SNAPSHOT"
  present c4 "$first"
  back_by_itself
}

@test "it can be switched off" {
  typed_in c1 "$E2E_ALICE"
  local first
  first=$(cookie c1)
  cut_client c1
  wait_until 20 is_lost
  configured auto_reconnect false
  present c2 "$first"
  refused c2 "sessions.auto_reconnect"
  cut_client c2
  # Sessions that begin now give no cookies. (The idle ones have begun.)
  ctl logoff "$SESSION"
  local id; for id in $(session_where '.state == "Idle"' | jq -r .id); do ctl reset "$id"; wait_until 20 no_session ".id == $id"; done
  wait_until 20 pool_is_full
  typed_in c3 "$E2E_ALICE"
  not has_cookie c3
}
