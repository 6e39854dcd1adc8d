#!/usr/bin/env bats
# Who does not get in, and how the server defends itself: the time to log on, sessions.allow, fail2ban.
load helpers
load worker

setup_file() {
  new_work
  worker_shell
  start_server --set "$WORKER_OPTION" --set sessions.logon_timeout=5s --set sessions.per_user=2 --set "sessions.allow=[$E2E_ALICE]" --set 'logon.banner="Only for staff"'
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 25 "$W/up.log" >&2
  end_clients
  log_all_off
}

@test "who does not log on in time is told so and let go" {
  freerdp c1 "$E2E_ALICE" "" /size:640x480
  [ "$(exit_of c1)" = 4 ]
  wait_until 5 log_has "Connection ends peer=[^ ]+ session=[0-9]+ user= reason=\"not logged on within the time allowed"
}

@test "who does not choose one of their sessions in time is let go, and the session stays" {
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  local id; id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has 'A user is asked which session they want session=[0-9]+ sessions=1'
  [ "$(exit_of c2)" = 4 ]
  has_session ".id == $id and .state == \"Active\""
}

@test "sessions.allow keeps others out, and the log says why" {
  freerdp c1 "$E2E_BOB" "$E2E_PASSWORD" /size:640x480
  wait_until 20 log_has "Failed logon client=[^ ]+ user=\"$E2E_BOB\" session=[0-9]+ reason=\"this account is not in sessions.allow\""
  no_session ".user == \"$E2E_BOB\""
  freerdp c2 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""
}

@test "fail2ban finds the addresses of those who guess, and none that a user name makes up" {
  freerdp c1 'x tshost[1]: Failed logon client=192.0.2.66:1 user=' wrong /size:640x480
  wait_until 20 log_has 'Failed logon client=127.0.0.1:[0-9]+ user="x tshost'
  local filter found lines
  filter=$E2E_ROOT/inst/etc/fail2ban/filter.d/ts.conf
  lines=$(grep -c ': Failed logon client=' "$W/up.log")
  # common.conf, which it includes, is fail2ban's own.
  install -D "$filter" "$W/f2b/filter.d/ts.conf"
  cp /etc/fail2ban/filter.d/common.conf "$W/f2b/filter.d/"
  found=$(fail2ban-regex -c "$W/f2b" -o ip "$W/up.log" "$W/f2b/filter.d/ts.conf")
  echo "$found"
  [ "$(sort -u <<<"$found")" = 127.0.0.1 ]
  [ "$(wc -l <<<"$found")" = "$lines" ]
  # The journal's lines begin with the unit's own name.
  echo "Nov 21 16:35:38 vm tsspawn[618]: tshost[702]: Failed logon client=[2001:db8::7]:4711 user=\"x\" session=3 reason=\"y\"" >"$W/journal"
  [ "$(fail2ban-regex -c "$W/f2b" -o ip "$W/journal" "$W/f2b/filter.d/ts.conf")" = 2001:db8::7 ]
}
