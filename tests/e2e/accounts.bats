#!/usr/bin/env bats
# PAM in full: second factors, messages, hours, limits, environment, home folders, and what is broken. The server has
# /etc/pam.d and /etc/security of its own, in a mount namespace; the tests change them while it runs.
bats_require_minimum_version 1.5.0
load helpers
load worker
load form

# What a chroot whose root folder is no mount cannot do.
setup_file() {
  unshare --mount --propagation private true 2>/dev/null || return 0
  new_work
  worker_shell
  cp -a /etc/pam.d /etc/security "$W"
  export SERVICE="$E2E_ROOT/inst/etc/pam.d/ts"
  [ -s "$SERVICE" ]
  cp "$SERVICE" "$W/pam.d/ts"
  cat >"$W/within" <<END
#!/bin/sh -e
if [ -z "\$INSIDE" ]; then INSIDE=1 exec unshare --mount --propagation private "\$0" "\$@"; fi
mount --bind $W/pam.d /etc/pam.d
mount --bind $W/security /etc/security
unset INSIDE
exec "\$@"
END
  chmod 755 "$W/within"
  export E2E_WITHIN=$W/within
  start_server --set "$WORKER_OPTION"
}
teardown_file() { [ -z "${E2E_WITHIN:-}" ] || stop_server; }
setup() { [ -n "${E2E_WITHIN:-}" ] || skip "no mount namespace can be made private here"; }
teardown() {
  [ -n "${E2E_WITHIN:-}" ] || return 0
  [ "$BATS_TEST_COMPLETED" = 1 ] || tail -n 25 "$W/up.log" >&2
  end_clients
  log_all_off
  cp "$SERVICE" "$W/pam.d/ts"
  [ -z "${OUTSIDER:-}" ] || userdel -r "$OUTSIDER" 2>/dev/null || true
}

# with_rules LINE...: these lines are at the end of the server's PAM service.
with_rules() { { cat "$SERVICE"; printf '%s\n' "$@"; } >"$W/pam.new" && mv "$W/pam.new" "$W/pam.d/ts"; }
# in_server COMMAND...: with the files that the server sees.
in_server() { nsenter --target "$UP_PID" --mount -- "$@"; }
# told NAME: a message is on the screen.
told() { wait_until 20 has_colour "$1" "$INFO" 3000; }
# asked NAME TIMES: modules have spoken so often, and the last question can be answered.
asked() { wait_until 20 has_spoken "$2" && form "$1"; }
has_spoken() { [ "$(grep -c 'A PAM module speaks' "$W/up.log")" = "$1" ]; }
# shell_limit SESSION NAME: its soft and hard limit.
shell_limit() { sed -n "s/^$2  *\([^ ]*\)  *\([^ ]*\) .*/\1 \2/p" "/proc/$(shell_of "$1")/limits"; }

@test "a second factor is asked at the logon screen, also after credentials that the client sent" {
  # [RFC4226] appendix D: the secret and its first values.
  install -m 600 /dev/null "$W/oath"
  echo "HOTP $E2E_ALICE - 3132333435363738393031323334353637383930" >"$W/oath"
  with_rules "auth required pam_oath.so usersfile=$W/oath window=5 digits=6"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  asked c1 1
  type_in c1 755224 :Return
  at_work c1 "$E2E_ALICE"
  ctl logoff "$SESSION"
  [ "$(exit_of c1)" = 2 ]

  rdesk c2 "" "" -a 32 -g 640x480
  form c2
  type_in c2 "$E2E_ALICE" :Tab "$E2E_PASSWORD" :Return
  asked c2 2
  # Used already.
  type_in c2 755224 :Return
  refusal c2
  type_in c2 "$E2E_PASSWORD" :Return
  asked c2 3
  type_in c2 287082 :Return
  at_work c2 "$E2E_ALICE"
  not log_has 287082
}

@test "what modules say is read before the desktop comes" {
  printf 'Maintenance at noon\n\033[31mfor \342\200\256everybody\n' >"$W/notice"
  with_rules "account optional pam_echo.so file=$W/notice"
  rdesk c1 "" "" -a 32 -g 640x480
  form c1
  type_in c1 "$E2E_ALICE" :Tab "$E2E_PASSWORD" :Return
  told c1
  no_session ".user == \"$E2E_ALICE\""
  type_in c1 :Return
  at_work c1 "$E2E_ALICE"
  not log_has $'\033'
}

@test "outside the hours of pam_time nobody gets in, and is told so" {
  with_rules "account required pam_time.so"
  echo "ts;*;$E2E_ALICE;!Al0000-2400" >>"$W/security/time.conf"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  refusal c1
  wait_until 5 log_has "Failed logon client=[^ ]+ user=\"$E2E_ALICE\" session=[0-9]+ reason=\"this account may not log on here"
  no_session ".user == \"$E2E_ALICE\""
  cp /etc/security/time.conf "$W/security/"
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
}

@test "limits and environment are those of pam_limits and pam_env" {
  echo "$E2E_ALICE hard nofile 777" >>"$W/security/limits.conf"
  echo "$E2E_ALICE soft nofile 555" >>"$W/security/limits.conf"
  echo 'TS_PROOF DEFAULT=from-pam-of-@{PAM_USER}' >>"$W/security/pam_env.conf"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  at_work c1 "$E2E_ALICE"
  [ "$(shell_limit "$SESSION" 'Max open files')" = "555 777" ]
  [ "$(variable "$(shell_of "$SESSION")" TS_PROOF)" = "from-pam-of-$E2E_ALICE" ]
}

@test "pam_mkhomedir makes the home folder of who has none" {
  export OUTSIDER=tsx$$
  useradd --no-create-home --home-dir "$E2E_ROOT/home-$OUTSIDER" --shell /bin/bash "$OUTSIDER" 3>&-
  echo "$OUTSIDER:$E2E_PASSWORD" | chpasswd
  with_rules "session required pam_mkhomedir.so umask=0077"
  freerdp c1 "$OUTSIDER" "$E2E_PASSWORD" /size:640x480
  at_work c1 "$OUTSIDER"
  [ "$(stat -c '%U %a' "$E2E_ROOT/home-$OUTSIDER")" = "$OUTSIDER 700" ]
  [ -e "$E2E_ROOT/home-$OUTSIDER/.bashrc" ]
  ctl logoff "$SESSION"
}

@test "a module that is not there is told in the form and in the log; what is put right works at once" {
  with_rules "auth required pam_nowhere.so"
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  refusal c1
  wait_until 5 log_has "Failed logon client=[^ ]+ user=\"$E2E_ALICE\" session=[0-9]+ reason=\"[^\"]*[Mm]odule"
  no_session ".user == \"$E2E_ALICE\""
  cp "$SERVICE" "$W/pam.d/ts"
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
}

@test "a D-Bus daemon that does not start is told in the form and in the log, and who failed has no way to the form" {
  # It runs as the user, as a program of theirs could by then.
  printf '#!/bin/sh\n{ cat "$XAUTHORITY" || echo none; } >"%s/out/cookie"\nexit 1\n' "$W" >"$W/bus"
  chmod 755 "$W/bus"
  in_server mount --bind "$W/bus" /usr/bin/dbus-daemon
  freerdp c1 "$E2E_ALICE" "$E2E_PASSWORD" /size:640x480
  refusal c1
  wait_until 5 log_has "The shell of session [0-9]+ could not be started: the session's D-Bus daemon could not be started"
  no_session ".user == \"$E2E_ALICE\""
  [ "$(cat "$W/out/cookie")" = none ]
  in_server umount /usr/bin/dbus-daemon
  form c1
  type_in c1 "$E2E_PASSWORD" :Return
  at_work c1 "$E2E_ALICE"
}
