#!/usr/bin/env bats
# Who gets in, what the session that they get into is like, and what those who do not get in are told.
load helpers

setup_file() {
  new_work
  # The shell says what it was given; xterm is there to be looked at.
  cat >"$W/shell" <<END
#!/bin/sh
env >"$W/out/env.\$TS_SESSION_ID.new" && mv "$W/out/env.\$TS_SESSION_ID.new" "$W/out/env.\$TS_SESSION_ID"
exec xterm
END
  chmod 755 "$W/shell"
  start_server --set "sessions.shell=$W/shell"
}

teardown_file() { stop_server; }

teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 25 "$W/up.log" >&2; tail -n 8 "$W"/c*.log >&2; }
  end_clients
  log_all_off
}

pool_is_full() { [ "$(session_where '.state == "Idle"' | wc -l)" = 2 ]; }

# refused CLIENT USER REASON TOLD: the log has one line on why, and the client was told with this word.
refused() {
  wait_until 20 log_has "Failed logon client=127.0.0.1:[0-9]+ user=\"$2\" session=[0-9]+ reason=\"[^\"]*$3"
  local session
  session=$(sed -n "s/.*Failed logon .* user=\"$2\" session=\([0-9]*\) .*/\1/p" "$W/up.log" | tail -n 1)
  # The client is told and stays at the logon screen; when it leaves, so does the session.
  wait_until 5 grep -q "$4" "$W/$1.log"
  cut_client "$1"
  not log_has "Logged on peer=[^ ]+ session=$session "
  no_session ".user != \"\""
  wait_until 15 pool_is_full
}

@test "two idle sessions wait behind the console, and the listener is last" {
  run query
  [ "$status" = 0 ]
  [ "$(jq -c '[.sessions[].state]' <<<"$output")" = '["Conn","Idle","Idle","Listen"]' ] ||
    [ "$(jq -c '[.sessions[1:][].state]' <<<"$output")" = '["Idle","Idle","Listen"]' ]
  jq -e '.sessions[0] | .id == 0 and .name == "console" and .user == ""' <<<"$output"
  jq -e '.sessions[1:3][] | .user == "" and .domain == "" and .client == null and .logon_time == null' <<<"$output"
  jq -e --arg address "$ADDRESS" '.sessions[3] | .id == 65536 and .name == "rdp-tcp" and .addresses == [$address]' <<<"$output"
  [ "$(jq -c '[.sessions[].id] == ([.sessions[].id] | sort)' <<<"$output")" = true ]
}

@test "xfreerdp logs on through PAM, and tsquery shows exactly that" {
  freerdp c1 "$E2E_BOB" "$E2E_PASSWORD" /size:1024x768 /client-hostname:desk-7
  local id record
  id=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  record=$(session_where ".id == $id")
  jq -e --arg user "$E2E_BOB" --argjson uid "$(id -u "$E2E_BOB")" '
    .name == "rdp-tcp#\(.id)" and .user == $user and .uid == $uid and .domain == "" and .state == "Active" and
    .client.name == "desk-7" and (.client.address | test("^127\\.0\\.0\\.1:[0-9]+$")) and
    .client.width == 1024 and .client.height == 768 and .client.depth == 32 and
    (.logon_time | fromdateiso8601 | (now - .) < 60 and (now - .) >= -1) and
    .connect_time != null and .disconnect_time == null' <<<"$record"
  # The address is the client's own, so that an administrator finds who it is.
  log_has "Logged on peer=$(jq -r .client.address <<<"$record") session=$id user=$E2E_BOB security=\"TLSv1\.[23]"
  log_has "User logged on user=$E2E_BOB session=$id"
  # The table has the same under the columns of qwinsta.
  run "$E2E_BIN/tsquery" session --runtime "$W/s/run"
  [ "$status" = 0 ]
  [[ ${lines[0]} =~ ^\ SESSIONNAME\ +USERNAME\ +ID\ +STATE\ +TYPE\ +DEVICE$ ]]
  [[ ${lines[1]} =~ ^\ console\ +0\ +[A-Z][a-z]+ ]]
  grep -qE "^ rdp-tcp#$id +$E2E_BOB +$id  Active  rdpwd$" <<<"$output"
  [[ ${lines[-1]} =~ ^\ rdp-tcp\ +65536\ \ Listen ]]
  # Whoever comes next finds two sessions waiting again.
  wait_until 15 pool_is_full
  [ ! -s "$W/c1.exit" ]
}

@test "the password that tsctl up printed works, more than once, and no process, environment or log holds it" {
  [ "$UP_USER" = "$E2E_ALICE" ]
  [[ $UP_PASSWORD =~ ^[A-Za-z0-9]{16}$ ]]
  local round id held
  for round in 1 2; do
    freerdp "c$round" "$UP_USER" "$UP_PASSWORD" /size:640x480
    id=$(session_in ".user == \"$UP_USER\" and .state == \"Active\" and .client.width == 640")
    wait_until 10 test -e "$W/out/env.$id"
    # Only the client was given it on its command line.
    held=$(grep -lF -- "$UP_PASSWORD" $(tree_below "$UP_PID" | sed 's,.*,/proc/&/cmdline /proc/&/environ,') 2>/dev/null) || true
    [ -z "$held" ]
    ctl logoff "$id"
    [ "$(exit_of "c$round")" = 2 ]
  done
  not grep -rqF -- "$UP_PASSWORD" "$W/up.log" "$W/s" "$W/out"
  not grep -qF -- "$E2E_PASSWORD" "$W/up.log"
}

@test "the shell gets the environment that a desktop expects" {
  freerdp c1 "$E2E_BOB" "$E2E_PASSWORD" /size:800x600
  local id home file name
  id=$(session_in ".user == \"$E2E_BOB\" and .state == \"Active\"")
  file=$W/out/env.$id home=$E2E_ROOT/home-$E2E_BOB
  wait_until 10 test -e "$file"
  [ "$(stat -c %U "$file")" = "$E2E_BOB" ]
  local display; display=$(session_where ".id == $id" | jq -r .display)
  for name in "HOME=$home" "USER=$E2E_BOB" "LOGNAME=$E2E_BOB" SHELL=/bin/bash "DISPLAY=:$display" \
    XDG_SESSION_TYPE=x11 "TS_SESSION_ID=$id"; do
    grep -qxF -- "$name" "$file" || { echo "missing: $name" >&2; cat "$file" >&2; return 1; }
  done
  grep -qE '^PATH=.*/usr/bin' "$file"
  grep -qE '^LANG=.+' "$file"
  # The files behind the names are the user's and nobody else's.
  local xauthority runtime bus
  xauthority=$(sed -n 's/^XAUTHORITY=//p' "$file") runtime=$(sed -n 's/^XDG_RUNTIME_DIR=//p' "$file")
  bus=$(sed -n 's/^DBUS_SESSION_BUS_ADDRESS=//p' "$file")
  [ "$(stat -c '%U %a' "$xauthority")" = "$E2E_BOB 600" ]
  [ "$(stat -c '%U %a' "$runtime")" = "$E2E_BOB 700" ]
  as "$E2E_BOB" dbus-send --bus="$bus" --dest=org.freedesktop.DBus --print-reply / org.freedesktop.DBus.GetId
  # Nothing of whoever started the server, and nothing of the server's own.
  not grep -qE '^(SUDO_|BATS_|E2E_|LISTEN_|NOTIFY_SOCKET)' "$file"
  [ "$(session_size "$id")" = 800x600 ]
  [ "$(readlink "/proc/$(shell_of "$id")/cwd")" = "$home" ]
}

@test "a wrong password and an unknown user are refused, and the client told so" {
  freerdp c1 "$E2E_ALICE" "not-$E2E_PASSWORD" /size:640x480
  refused c1 "$E2E_ALICE" "the user name or the password is not right" LOGON_FAILED_BAD_PASSWORD
  freerdp c2 "nobody$$" "$E2E_PASSWORD" /size:640x480
  refused c2 "nobody$$" "the user name or the password is not right" LOGON_FAILED_BAD_PASSWORD
}

@test "rdesktop logs on, too" {
  rdesk c1 "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a 16 -n desk-8
  local id; id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  session_where ".id == $id" |
    jq -e '.client | .name == "desk-8" and .width == 800 and .height == 600 and .depth == 16'
  log_has "Logged on peer=[^ ]+ session=$id user=$E2E_ALICE security=\"TLSv1"
  wait_until 10 session_is "$id" 800x600
  ctl logoff "$id"
  [ "$(exit_of c1)" = 2 ]
}
