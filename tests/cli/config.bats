#!/usr/bin/env bats
# tsctl config: every error with its place; a good file is silent.
bats_require_minimum_version 1.5.0
load helpers

@test "a file with errors: all of them, with line and the nearest key, exit 3" {
  printf 'sessions:\n  idel: 2\n  max: many\nbanana: {}\n' >"$W/ts.yaml"
  run --separate-stderr tsctl config check --config "$W/ts.yaml"
  [ "$status" = 3 ]
  [ -z "$output" ]
  [ "$stderr" = "$W/ts.yaml:2: unknown key 'idel', did you mean 'idle'?
$W/ts.yaml:3: sessions.max: 'many' is not a whole number from 1 to 10000
$W/ts.yaml:4: unknown key 'banana'; ts.yaml(5) lists the keys" ]
}

@test "a good file: nothing is printed, exit 0" {
  printf 'sessions: {idle: 3}\n' >"$W/ts.yaml"
  run tsctl --config "$W/ts.yaml" config check
  [ "$status" = 0 ]
  [ -z "$output" ]
}

@test "a file that is not there or not readable: exit 3, by name" {
  expect_failure 3 "$W/none.yaml: cannot be read: No such file" tsctl config check --config "$W/none.yaml"
  expect_failure 3 "cannot be read: Is a directory" tsctl config check --config "$W"
  TS_CONFIG=$W/none.yaml expect_failure 3 "$W/none.yaml: cannot be read" tsctl config show
}

@test "a file that the caller may not read: exit 3" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  install -m 600 /dev/null "$W/ts.yaml"
  expect_failure 3 "cannot be read: Permission denied" as_nobody "$BUILD/bin/tsctl" config check --config "$W/ts.yaml"
}

@test "TS_CONFIG names the file, --config goes before it" {
  printf 'sessions: {idle: 3}\n' >"$W/three.yaml"
  printf 'sessions: {idle: 4}\n' >"$W/four.yaml"
  export TS_CONFIG=$W/three.yaml
  tsctl config show | grep -qx '  idle: 3'
  tsctl config show --config "$W/four.yaml" | grep -qx '  idle: 4'
}

@test "--set goes before the file, before or after the command; lists replace" {
  printf 'sessions: {idle: 3}\nlistener: {address: ["127.0.0.1:1", "127.0.0.1:2"]}\n' >"$W/ts.yaml"
  run tsctl --set sessions.idle=7 config show --config "$W/ts.yaml" --set 'listener.address=["127.0.0.1:9"]'
  [ "$status" = 0 ]
  grep -qx '  idle: 7' <<<"$output"
  grep -qFx '  address: ["127.0.0.1:9"]' <<<"$output"
}

@test "--set with an error says which one" {
  expect_failure 3 "--set sessions.idel=1: unknown key 'idel', did you mean 'idle'?" tsctl config check --set sessions.idel=1
}

@test "a key whose function does not exist is unknown" {
  expect_failure 3 "unknown key 'licensing'" tsctl config check --set 'licensing={mode: "off"}'
  expect_failure 3 "listener.security: 'nla' is not 'tls'" tsctl config check --set 'listener.security=[nla, tls]'
}

@test "what show prints is a configuration" {
  tsctl config show --set sessions.idle=5 --set sessions.shell='"a: #b"' >"$W/shown.yaml"
  tsctl config show --config "$W/shown.yaml" | diff "$W/shown.yaml" -
}

@test "the sample configuration is good, and with every comment sign taken away it says the defaults" {
  [ "$(id -u)" = 0 ] || skip "the sample has root's defaults"
  tsctl config check --config "$TOP/cmd/tsctl/ts.yaml"
  sed -E 's/^( *)#([a-z])/\1\2/' "$TOP/cmd/tsctl/ts.yaml" >"$W/all.yaml"
  diff <(tsctl config show --config "$W/all.yaml") <(tsctl config show)
  [ "$(grep -c '^ *[a-z_]*: ..*' "$W/all.yaml")" = "$(tsctl config show | grep -c ': ..*')" ]
}
