#!/usr/bin/env bats
# What tsctl rdpfile writes is what xfreerdp connects with, and names the certificate that it then meets.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  new_work
  start_server --set 'sessions.shell="xterm -name marker"'
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 20 "$W/up.log" "$W"/c*.log >&2
  end_clients
  log_all_off
}

@test "xfreerdp opens the file: address, user and size are the file's" {
  ctl rdpfile --user "$E2E_ALICE" --session-size 1000x700 "$W/a.rdp" 2>"$W/fingerprint"
  # The kernel chose the port.
  grep -qx "full address:s:$ADDRESS"$'\r' "$W/a.rdp"
  client_started c1 xfreerdp "$W/a.rdp" "/p:$E2E_PASSWORD" /cert:ignore /log-level:INFO
  local id
  id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  session_where ".id == $id" | jq -e '.client.width == 1000 and .client.height == 700'
  wait_until 10 session_is "$id" 1000x700
  # The fingerprint is the one that a client meets.
  grep -qx "The certificate's SHA-256 fingerprint is $(openssl x509 -in "$W/s/state/pki/tsd/cert.pem" -noout -fingerprint -sha256 |
    sed 's/.*=//' | tr A-F a-f)" "$W/fingerprint"
  [ "$("$E2E_BIN/tsprobe" --json "$ADDRESS" | jq -r .certificate.sha256)" = "$(grep -oE '[0-9a-f:]{95}' "$W/fingerprint" | tr -d :)" ]
}

@test "a program instead of the desktop; users get a file, too" {
  run -2 as "$E2E_ALICE" "$E2E_BIN/tsctl" rdpfile --set 'listener.address=["127.0.0.1:0"]' --runtime "$W/none"
  as "$E2E_ALICE" "$E2E_BIN/tsctl" rdpfile --user "$E2E_ALICE" --session-size 640x480 \
    --program "xterm -name alone" --runtime "$W/s/run" >"$W/b.rdp" 2>"$W/b.err"
  [ ! -s "$W/b.err" ]
  grep -qx "full address:s:$ADDRESS"$'\r' "$W/b.rdp"
  client_started c2 xfreerdp "$W/b.rdp" "/p:$E2E_PASSWORD" /cert:ignore /log-level:INFO
  local id
  id=$(session_in ".user == \"$E2E_ALICE\" and .state == \"Active\"")
  session_where ".id == $id" | jq -e '.program == "xterm -name alone"'
  wait_until 20 on_session "$id" xdotool search --classname '^alone$'
}
