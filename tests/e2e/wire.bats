#!/usr/bin/env bats
# What goes over the wire as an independent reader has it: tshark, with the server's TLS keys from listener.key_log,
# decodes the connection sequence and finds nothing malformed that the server sent.
load helpers
load worker

setup_file() {
  worker_shell
  # The server makes this file for itself alone; one that is there already keeps its owner and mode.
  KEYS=$E2E_ROOT/keys.$$
  export KEYS
  touch "$KEYS"
  chmod 666 "$KEYS"
  start_server --set "$WORKER_OPTION" --set "listener.key_log=$KEYS"
  PORT=${ADDRESS#*:}
  export PORT
  log_has 'TLS keys are written to a file: whoever reads it can read the sessions'
}
teardown_file() { stop_server; }
setup() { capture; }
teardown() {
  [ -z "$CAPTURE_PID" ] || { kill -INT "$CAPTURE_PID"; wait "$CAPTURE_PID"; } || true
  end_clients
  ! has_session ".user == \"$UP_USER\"" || { ctl logoff "$(session_id ".user == \"$UP_USER\"")"; }
  wait_until 20 no_session ".user == \"$UP_USER\""
}

# capture: what passes through the server's port, into $W/wire.pcapng.
capture() {
  rm -f "$W/wire.pcapng"
  dumpcap -q -i lo -s 0 -f "tcp port $PORT" -w "$W/wire.pcapng" 2>"$W/dumpcap.log" 3>&- &
  CAPTURE_PID=$!
  wait_until 10 grep -q '^File: ' "$W/dumpcap.log"
}
captured() {
  kill -INT "$CAPTURE_PID"
  wait "$CAPTURE_PID"
  CAPTURE_PID=
  grep -E 'received/dropped.*/0 ' "$W/dumpcap.log"
}

# A capture has segments in the order in which two processors came to it.
decode() {
  tshark -r "$W/wire.pcapng" -o tcp.reassemble_out_of_order:TRUE -o "tls.keylog_file:$KEYS" -d "tcp.port==$PORT,tls" -d "tls.port==$PORT,tpkt" "$@" 2>/dev/null
}
# from_server FILTER: how many frames from the server match; seen FILTER: at least one, whichever way it goes.
from_server() { decode -Y "tcp.srcport == $PORT && ($1)" | wc -l; }
seen() { decode -Y "$1" | grep -q .; }
has_frames() { [ "$(from_server "$1")" -ge "${2:-1}" ]; }

count_in_info() { decode -Y "tcp.srcport == $PORT && (rdp || t125)" | grep -o "$1" | wc -l; }

# whole_sequence: everything up to Font Map was understood, in this order, and once.
whole_sequence() {
  decode -Y "rdp || t125" >"$W/decoded"
  cat "$W/decoded"
  local fields
  fields=$(decode -Y "tcp.srcport == $PORT && rdp.numberCapabilities" -T fields -e rdp.pduType.versionLow -e rdp.shareId \
    -e rdp.sourceDescriptor -e rdp.numberCapabilities | head -n 1)
  echo "Demand Active: $fields"
  [[ $fields =~ ^1$'\t'0x[0-9a-f]{8}$'\t'RDP$'\t'([0-9]+)$ ]]
  [ "${BASH_REMATCH[1]}" -ge 8 ]
  local order
  order=$(decode -Y "tcp.srcport == $PORT && rdp" | grep -oE 'ServerData|Error Alert|Demand Active|Synchronize|Cooperate|Granted|FontMap' |
    head -n 7 | xargs)
  echo "$order"
  [ "$order" = "ServerData Error Alert Demand Active Synchronize Cooperate Granted FontMap" ]
}
# nothing_malformed: what tshark says of the server's frames (its own reading of clients' Client Info is at fault).
nothing_malformed() {
  local bad
  bad=$(decode -Y "tcp.srcport == $PORT && (_ws.malformed || _ws.expert.severity == error || _ws.expert.group == \"Malformed\" || tls.alert_message.level == 2)")
  echo "malformed: $bad"
  [ -z "$bad" ]
  # Each PDU was found: none in two records, none behind another one.
  [ "$(decode -Y "tcp.srcport == $PORT" | grep -cE 'TPKT .*Continuation|TLS segment of a reassembled')" = 0 ]
  # Every record was decrypted: the reader really had something to judge.
  [ "$(from_server 'tls.app_data && !tpkt && !rdp && !tls.handshake')" = 0 ] || { decode -Y "tcp.srcport == $PORT && tls.app_data && !tpkt && !rdp"; false; }
}

@test "xfreerdp: Demand Active and all after it decode, pictures come as fast-path updates, nothing is malformed" {
  connect one /bpp:32
  wait_until 10 has_frames 'rdp.fastpath.server.size' 5
  captured
  whole_sequence
  has_frames 'rdp.fastpath.server.size' 5
  nothing_malformed
}

@test "xfreerdp without fast path: slow-path updates, nothing is malformed" {
  connect one -fast-path /bpp:16
  wait_until 10 has_frames 'rdp.pduType2 == 2' 3
  captured
  whole_sequence
  has_frames 'rdp.pduType2 == 2' 3
  [ "$(from_server 'rdp.fastpath.server.size')" = 0 ]
  nothing_malformed
}

@test "the end: error info and then the ultimatum, decoded" {
  connect one
  ctl logoff "$SESSION"
  wait_until 10 has_frames 'rdp.pduType2 == 0x2f'
  [ "$(exit_of one)" = 2 ]
  wait_until 10 eval '[ "$(count_in_info disconnectProviderUltimatum)" = 1 ]'
  captured
  local order
  order=$(decode -Y "tcp.srcport == $PORT && (rdp || t125)" -V | grep -oE 'pduType2: Set Error Info|reason: rn-[a-z-]*' | xargs)
  echo "$order"
  [ "$order" = "pduType2: Set Error Info reason: rn-user-requested" ]
  nothing_malformed
}

@test "a wrong password: told in PDUs that decode" {
  freerdp wrong "$UP_USER" nonsense
  # Save Session Info with the logon error; then the logon screen waits for another try.
  wait_until 10 has_frames 'rdp.pduType2 == 0x26'
  cut_client wrong
  captured
  whole_sequence
  [ "$(from_server 'rdp.pduType2 == 0x26')" = 1 ]
  nothing_malformed
}

@test "rdesktop at every depth: nothing is malformed" {
  local depth
  for depth in 8 15 16 24 32; do
    rdesk "rd$depth" "$UP_USER" "$UP_PASSWORD" -a "$depth" -g 640x480
    wait_until 20 has_session ".user == \"$UP_USER\" and .state == \"Active\" and .client.depth == $depth"
    SESSION=$(session_id ".user == \"$UP_USER\"")
    wait_until 20 grep -qx "$SESSION ready" "$LINES_READ"
    works "rd$depth"
  done
  captured
  # One for each connection, and one more after each Deactivate All (a desktop that was resized for its client).
  decode -Y "tcp.srcport == $PORT && (rdp || t125)" >"$W/decoded"
  [ "$(from_server 'rdp.bMsgType == 0xff')" = 5 ] || { cat "$W/decoded"; grep -E 'Logged on|Connection e|handed' "$W/up.log"; false; }
  [ "$(count_in_info 'Demand Active')" = "$((5 + $(count_in_info 'Deactivate All')))" ]
  nothing_malformed
  # What the clients sent was read, too: each was ended by the next, none by a complaint of ours.
  not log_has 'Connection ended peer=.*awaiting|Connection ended peer=.*\(active\)'
}
