#!/usr/bin/env bats
# tsctl rdpfile without a server: where the address comes from, and what it refuses.
bats_require_minimum_version 1.5.0
load helpers

rdpfile() { tsctl rdpfile --state "$W/s" --runtime "$W/r" "$@"; }
address() { sed -n 's/^full address:s:\(.*\)\r$/\1/p'; }

@test "the address is the one given, else the configuration's as others dial it" {
  [ "$(rdpfile --address gate.example:3390 | address)" = gate.example:3390 ]
  [ "$(rdpfile --address gate.example | address)" = gate.example ]
  [ "$(rdpfile --set 'listener.address=["192.0.2.7:3391"]' | address)" = 192.0.2.7:3391 ]
  [ "$(rdpfile --set 'listener.address=["[2001:db8::7]:3389"]' | address)" = '[2001:db8::7]:3389' ]
  [ "$(rdpfile --set 'listener.address=["0.0.0.0:3389"]' | address)" = "$(uname -n):3389" ]
  expect_failure 2 "name the port with --address HOST:PORT" rdpfile --set 'listener.address=["127.0.0.1:0"]'
}

@test "what cannot be in the file is refused, and nothing is written" {
  expect_failure 2 "--session-size '80x60' is not WIDTHxHEIGHT" rdpfile --session-size 80x60 "$W/f.rdp"
  expect_failure 2 "'99999' is not a port" rdpfile --address h:99999 "$W/f.rdp"
  expect_failure 2 "--user 'ann" rdpfile --address h --user $'ann\nx:s:y' "$W/f.rdp"
  [ ! -e "$W/f.rdp" ]
  expect_failure 1 "making '$W/none/f.rdp'" rdpfile --address h "$W/none/f.rdp"
}

@test "who may read the certificate is told its fingerprint" {
  mkdir -p "$W/s/pki/tsd"
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=h -keyout "$W/key.pem" -out "$W/s/pki/tsd/cert.pem" 2>/dev/null
  local expected
  expected=$(openssl x509 -in "$W/s/pki/tsd/cert.pem" -noout -fingerprint -sha256 | sed 's/.*=//' | tr A-F a-f)
  run --separate-stderr rdpfile --address h "$W/f.rdp"
  [ "$status" = 0 ] && [ -z "$output" ]
  [ "$stderr" = "The certificate's SHA-256 fingerprint is $expected" ]
  [ "$(address <"$W/f.rdp")" = h ]
  rm "$W/s/pki/tsd/cert.pem"
  run --separate-stderr rdpfile --address h -
  [ "$status" = 0 ] && [ -z "$stderr" ]
}
