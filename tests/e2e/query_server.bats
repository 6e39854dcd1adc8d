#!/usr/bin/env bats
# tsquery server and metrics: connections as the kernel and the stacks know them, and figures that are counted.
bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  start_server --set 'sessions.shell="xterm -geometry 20x5"' --set sessions.end_timeout=1s --set listener.max_connections=3
}
teardown_file() { stop_server; }
teardown() {
  [ "$BATS_TEST_COMPLETED" = 1 ] || { tail -n 20 "$W/up.log"; cat "$W/metrics" "$W/server.json"; } >&2
  end_clients
  log_all_off
  wait_until 20 no_connections
}

ask() { "$E2E_BIN/tsquery" "$@" --runtime "$W/s/run"; }
logs_on() {
  local name=$1 user=$2; shift 2
  freerdp "$name" "$user" "$E2E_PASSWORD" /size:640x480 "$@"
  SESSION=$(session_in ".user == \"$user\" and .state == \"Active\"")
}
no_connections() { [ "$(ask server --json | jq '.connections | length')" = 0 ]; }
# connection_is FILTER: one connection, which is so.
connection_is() { ask server --json >"$W/server.json" && jq -e "(.connections | length) == 1 and (.connections[0] | $1)" "$W/server.json" >/dev/null; }
# metric NAME: its value.
metric() { ask metrics >"$W/metrics" && awk -v name="$1" '$1 == name {print $2}' "$W/metrics"; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
role() { pgrep -P "$UP_PID" -x "$1"; }

@test "a connection with its session, security, bytes and round-trip time" {
  ask server --json | jq -e --arg address "$ADDRESS" '. == {listeners: [$address], drain: "off", shutdown: null, connections: []}'
  logs_on alice "$E2E_ALICE"
  wait_until 10 connection_is ".session_id == $SESSION and .sent_bytes > 5000"
  local port; port=$(jq -r '.connections[0].peer_address' "$W/server.json")
  jq -e --arg me "$E2E_ALICE" '.connections[0] | .user == $me and (.id | test("^[0-9a-f]{32}$"))
    and .security == "TLSv1.3" and (.cipher | startswith("TLS_")) and .received_bytes > 1000
    and .round_trip_us > 0 and .round_trip_us < 1000000' "$W/server.json"
  # It is the client's own address, and the server had it accepted before it had it logged on.
  [ "$(session_where ".id == $SESSION" | jq -r .client.address)" = "$port" ]
  jq -e --arg logon "$(session_where ".id == $SESSION" | jq -r .logon_time)" '.connections[0].since <= $logon' "$W/server.json"
  # The client's side of the same connection has received what was sent, by the kernel's own count.
  local sent received
  sent=$(jq '.connections[0].sent_bytes' "$W/server.json")
  received=$(ss -Htni "src $port" | grep -oE 'bytes_received:[0-9]+' | cut -d: -f2)
  [ "$received" -ge "$sent" ]
  # More is sent when more is to be seen.
  on_session "$SESSION" xsetroot -solid red
  wait_until 10 connection_is ".sent_bytes > $sent"
  ask server >"$W/server.txt"
  [ "$(head -n 1 "$W/server.txt")" = "Listening on $ADDRESS" ]
  grep -qE "^ $port +$SESSION +$E2E_ALICE +TLSv1.3 +TLS_[A-Z0-9_]+ +[0-9.]+[KM] +[0-9.]+[KM] +[0-9.]+ms  20[0-9TZ:-]+  [0-9a-f]{32}\$" "$W/server.txt"
  cut_client alice
  wait_until 20 no_connections
}

@test "a client with TLS 1.2 shows as one, and one that says nothing has no session and no security" {
  rdesk alice "$E2E_ALICE" "$E2E_PASSWORD" -g 640x480 -V 1.2
  session_in ".user == \"$E2E_ALICE\" and .state == \"Active\""
  wait_until 10 connection_is '.security == "TLSv1.2" and (.cipher | startswith("ECDHE-"))'
  cut_client alice
  wait_until 20 no_connections
  exec 8<>"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
  wait_until 10 connection_is '.session_id == null and .security == null and .cipher == null and .received_bytes == 0 and .user == ""'
  exec 8>&-
}

@test "connections are for administrators, figures for everybody" {
  run --separate-stderr as "$E2E_ALICE" "$E2E_BIN/tsquery" server --json --runtime "$W/s/run"
  [ "$status" = 5 ]
  [ -z "$output" ]
  [ "$stderr" = "tsquery: connections are for root and members of the group tsadmin to see" ]
  as "$E2E_ALICE" "$E2E_BIN/tsquery" metrics --runtime "$W/s/run" | grep -qx 'ts_up{role="tssession"} 1'
}

@test "a connection outlives its listener's restart, with what its session knows of it" {
  logs_on alice "$E2E_ALICE"
  wait_until 10 connection_is ".session_id == $SESSION and .security == \"TLSv1.3\""
  local before; before=$(jq -c '.connections[0] | [.id, .peer_address, .session_id, .user]' "$W/server.json")
  kill -KILL "$(role tsd)"
  wait_until 20 connection_is '.security == null and .sent_bytes == null and .round_trip_us == null'
  [ "$(jq -c '.connections[0] | [.id, .peer_address, .session_id, .user]' "$W/server.json")" = "$before" ]
  wait_until 20 metric_is 'ts_up{role="tsd"}' 1
  # That of the session manager costs nothing: the listener is asked by the next one.
  kill -KILL "$(role tssession)"
  wait_until 20 eval 'ask server --json 2>/dev/null | jq -e "(.listeners | length) == 1 and (.connections | length) == 1"'
  cut_client alice
}

@test "metrics: every line is one of the format, and each figure follows what happens" {
  wait_until 20 metric_is 'ts_sessions{state="Idle"}' 2
  ask metrics >"$W/metrics"
  # Each sample has its HELP and TYPE before it, once; names, labels and values are what they may be.
  not grep -vE '^(# HELP ts_[a-z_]+ [^"]+|# TYPE ts_[a-z_]+ (gauge|counter)|ts_[a-z_]+(\{[a-z]+="[^"\\]*"\})? [0-9]+)$' "$W/metrics"
  [ "$(grep -c '^# HELP' "$W/metrics")" = "$(grep -c '^# TYPE' "$W/metrics")" ]
  [ "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$W/metrics" | sort)" = "$(grep -v '^#' "$W/metrics" | sed 's/[{ ].*//' | sort -u)" ]
  [ -z "$(grep -v '^#' "$W/metrics" | cut -d' ' -f1 | sort | uniq -d)" ]
  local accepted refused good bad sent
  accepted=$(metric ts_connections_accepted_total)
  good=$(metric 'ts_logons_total{result="success"}')
  bad=$(metric 'ts_logons_total{result="bad_credentials"}')
  sent=$(metric ts_sent_bytes_total)
  freerdp wrong "$E2E_BOB" "not-$E2E_PASSWORD" /size:640x480
  wait_until 20 metric_is 'ts_logons_total{result="bad_credentials"}' $((bad + 1))
  # Its client is at the logon screen.
  cut_client wrong
  wait_until 20 no_connections
  logs_on alice "$E2E_ALICE"
  wait_until 10 metric_is 'ts_logons_total{result="success"}' $((good + 1))
  wait_until 10 metric_is 'ts_sessions{state="Active"}' 1
  metric_is ts_connections 1
  metric_is ts_connections_accepted_total $((accepted + 2))
  cut_client alice
  wait_until 10 metric_is 'ts_sessions{state="Disc"}' 1
  wait_until 10 metric_is ts_connections 0
  # What an ended connection had sent is not forgotten.
  [ "$(metric ts_sent_bytes_total)" -ge $((sent + 5000)) ]
  # Back in the session: a logon like the first.
  logs_on again "$E2E_ALICE"
  wait_until 10 metric_is 'ts_logons_total{result="success"}' $((good + 2))
  # As many as listener.max_connections, then one too many.
  refused=$(metric 'ts_connections_refused_total{role="tsd"}')
  exec 6<>"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}" 7<>"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
  wait_until 10 metric_is ts_connections 3
  exec 8<>"/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
  wait_until 10 metric_is 'ts_connections_refused_total{role="tsd"}' $((refused + 1))
  exec 6>&- 7>&- 8>&-
  metric_is "ts_listening{address=\"$ADDRESS\"}" 1
  [ "$(metric 'ts_uptime_seconds{role="tssession"}')" -lt 600 ]
}

@test "without a session manager: exit 4, and monitoring is told that it is down" {
  run --separate-stderr "$E2E_BIN/tsquery" metrics --runtime "$W/s/none"
  [ "$status" = 4 ]
  [ "$(grep -v '^#' <<<"$output")" = 'ts_up{role="tssession"} 0' ]
  [[ $stderr == "tsquery: no terminal service answers at "* ]]
}
