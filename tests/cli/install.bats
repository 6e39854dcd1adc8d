#!/usr/bin/env bats
# make install: everything where Debian expects it, and it runs from there.
bats_require_minimum_version 1.5.0
load helpers

install_to() { DESTDIR=$W/dest cmake --install "$BUILD" --prefix "$1" >"$W/install.log" || { cat "$W/install.log"; false; }; }

@test "programs, helpers, pages, completions, PAM, units, system users and a sample are installed" {
  install_to /usr/local
  cd "$W/dest"
  local path
  for path in usr/local/bin/{tsctl,tsquery,tsprobe} usr/local/sbin/{tsd,tssession} \
    usr/local/libexec/ts/{tsspawn,tshost,tsuserinit,tsdisplay,tslogon,tsstack}; do
    [ -x "$path" ] || { echo "$path is missing"; false; }
  done
  for path in usr/local/share/man/man1/{tsctl,tsquery,tsprobe}.1 usr/local/share/man/man5/ts.yaml.5 usr/local/share/man/man7/{ts-events,ts-sessions,ts-security}.7 usr/local/share/man/man8/tsd.8 \
    usr/local/share/bash-completion/completions/{tsctl,tsquery,tsprobe} usr/local/share/zsh/site-functions/_ts \
    usr/local/share/fish/vendor_completions.d/{tsctl,tsquery,tsprobe}.fish usr/local/lib/sysusers.d/ts.conf usr/local/share/locale/{de,es,fr,ja}/LC_MESSAGES/tslogon.mo \
    usr/local/lib/systemd/system/{tsd,tssession,tsspawn}.service etc/pam.d/ts etc/fail2ban/filter.d/ts.conf etc/ts/ts.yaml; do
    [ -s "$path" ] || { echo "$path is missing"; false; }
  done
  # Only the programs' places differ from the sources.
  cd usr/local/lib/systemd/system
  [ "$(grep -h '^ExecStart=' tsd.service tssession.service tsspawn.service)" = "ExecStart=/usr/local/sbin/tsd
ExecStart=/usr/local/sbin/tssession
ExecStart=/usr/local/libexec/ts/tsspawn" ]
  for path in *; do diff <(grep -v '^ExecStart=' "$path") <(grep -v '^ExecStart=' "$TOP"/cmd/*/"$path"); done
}

@test "what is installed runs from there and finds its helpers" {
  install_to /usr
  cd /
  run "$W/dest/usr/bin/tsctl" --version
  [ "$status" = 0 ]
  "$W/dest/usr/bin/tsctl" config check --config "$W/dest/etc/ts/ts.yaml"
  "$W/dest/usr/sbin/tsd" --version
  "$W/dest/usr/libexec/ts/tshost" --version
}

@test "the units start the programs of their prefix" {
  install_to /opt/ts
  cd "$W/dest/opt/ts"
  local unit program
  for unit in lib/systemd/system/*.service; do
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
    echo "$unit: $program"
    [[ $program == /opt/ts/* ]]
    [ -x "$W/dest$program" ]
  done
}
