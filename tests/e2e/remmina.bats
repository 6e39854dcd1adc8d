#!/usr/bin/env bats
# Remmina, the client of many Linux desktops, as a person uses it: a profile, its window, the keys typed into it.
load helpers
load worker
load form

setup_file() {
  new_work
  worker_shell
  start_server --set "$WORKER_OPTION"
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 15 "$W"/c?.log; tail -n 25 "$W/up.log"; } >&2
  end_clients
  log_all_off
}

# remmina_with NAME USER PASSWORD: connects with a profile of that user; the desktop gets the window's size.
remmina_with() {
  local name=$1 user=$2 password=$3 home=$W/home/$1
  # No bus: it would find the Remmina that somebody has open.
  local alone=(DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent NO_AT_BRIDGE=1)
  mkdir -p "$home"
  cat >"$home/ts.remmina" <<END
[remmina]
name=ts
protocol=RDP
server=$ADDRESS
username=$user
resolution_mode=2
colordepth=32
ignore-tls-errors=1
cert_ignore=1
viewmode=1
END
  # Its own command puts the password into the profile as it wants it there.
  HOME=$home timeout 20 env "${alone[@]}" remmina --update-profile "$home/ts.remmina" --set-option "password=$password" >"$W/$name.profile.log" 2>&1 3>&-
  client_started "$name" env "${alone[@]}" remmina --no-tray-icon --enable-extra-hardening -c "$home/ts.remmina"
}

@test "Remmina logs on with a profile, is cut off and comes back to the same desktop" {
  remmina_with c1 "$E2E_ALICE" "$E2E_PASSWORD"
  at_work c1 "$E2E_ALICE"
  local id=$SESSION
  local computer; computer=$(uname -n)
  [ "$(session_where ".id == $id" | jq -r .client.name)" = "${computer:0:15}" ]
  cut_client c1
  wait_until 10 has_session ".id == $id and .state == \"Disc\""
  remmina_with c2 "$E2E_ALICE" "$E2E_PASSWORD"
  at_work c2 "$E2E_ALICE"
  [ "$SESSION" = "$id" ]
}

@test "with a wrong password it stays at the form, where the right one is typed" {
  remmina_with c1 "$E2E_ALICE" "not-$E2E_PASSWORD"
  form c1
  refusal c1
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
}
