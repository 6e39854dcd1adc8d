#!/usr/bin/env bats
# What all programs have in common: help, version, exit codes, pages, completions.
bats_require_minimum_version 1.5.0
load helpers

PROGRAMS="tsctl tsquery tsprobe tsd tssession tsspawn tshost tsuserinit tsdisplay tslogon tsmessage tsstack"
COMMANDS="tsctl:up tsctl:logoff tsctl:disconnect tsctl:passwd tsctl:config tsctl:reset tsctl:kill tsctl:rdpfile tsctl:drain tsctl:shutdown tsctl:connect tsctl:screenshot tsctl:message tsquery:session tsquery:user tsquery:process tsquery:server tsquery:metrics tsquery:events"

# The long options that a help text lists: what begins a line, as far as the gap before an explanation.
options_of() { sed -nE 's/^  ((-[a-z], )?--.*)/\1/p' | sed 's/  .*//' | grep -oE -- '--[a-z-]+' | sort -u; }

@test "every program prints help and version on stdout and exits 0" {
  local program
  for program in $PROGRAMS; do
    run --separate-stderr "$program" --help
    [ "$status" = 0 ] && [ -z "$stderr" ]
    [[ $output == "Usage: $program "* ]]
    run --separate-stderr "$program" --version
    [ "$status" = 0 ] && [ -z "$stderr" ]
    [[ $output =~ ^$program\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  done
}

@test "help fits a terminal of 80x24" {
  local program lines
  for program in $PROGRAMS; do
    run "$program" --help
    echo "$program: ${#lines[@]} lines"
    [ "$("$program" --help | wc -l)" -le 24 ]
    [ "$("$program" --help | wc -L)" -le 79 ]
  done
}

@test "a usage error exits 2 and says where help is" {
  local program
  for program in $PROGRAMS; do
    expect_failure 2 "$program: unknown option '--bogus'" "$program" --bogus
    expect_failure 2 "Try '$program --help'." "$program" --bogus
  done
  expect_failure 2 "a command is missing: up, logoff, disconnect, reset, kill, connect, drain, shutdown, screenshot, message, passwd, config, rdpfile" tsctl
  expect_failure 2 "unknown command 'logof', did you mean 'logoff'?" tsctl logof 3
}

@test "a bad configuration exits 3 with every program that reads one" {
  local program
  for program in tsd tssession tsspawn tsuserinit tslogon; do
    expect_failure 3 "unknown key 'idel', did you mean 'idle'?" "$program" --set sessions.idel=1
  done
  expect_failure 3 "unknown key 'idel'" tshost --session 7 --set sessions.idel=1
  expect_failure 3 "unknown key 'idel'" tsquery session --set sessions.idel=1
}

@test "what tsquery session is to show is checked before anybody is asked" {
  expect_failure 2 "--states 'Activ' is none of Init, Idle, Conn, Active, Disc, Down, Listen, did you mean 'Active'?" \
    tsquery session --states Disc,Activ
  expect_failure 2 "--columns 'uidd' is none of sessionname,username,id," tsquery session --columns id,uidd
  expect_failure 2 "--id 'x' is not a number" tsquery session --id x
  expect_failure 2 "--session, --user and --all exclude each other" tsquery process --all --session 3
  expect_failure 2 "--columns is for the table" tsquery session --json --columns id
  expect_failure 2 "sessions in a state are chosen with --states Active" tsquery session --state Active
}

@test "every column is in the help, the page and the completions" {
  local column
  for column in $(tsquery session --columns none 2>&1 | sed -n 's/.* is none of \([a-z,]*\).*/\1/p' | tr , ' '); do
    tsquery session --help | grep -qE "[ ,]$column(,|\$)"
    grep -qF ".Ql $column" "$TOP/man/tsquery.1"
    complete_bash tsquery session --columns "$column" | grep -qx "$column"
    grep -qE "_values.* $column( |')" "$TOP/completions/_ts"
    grep -qE "__fish_append.* $column( |\))" "$TOP/completions/ts.fish"
  done
  [ "$column" = disconnected ]
  [ "$(complete_bash tsquery session --columns id,us)" = id,username ]
}

@test "tsprobe's options are held against each other" {
  expect_failure 2 "HOST[:PORT] is missing" tsprobe
  expect_failure 2 "unknown option '--config'" tsprobe --config /dev/null h
  expect_failure 2 "--until 'desktop' is none of connect, logon, picture" tsprobe --until desktop h
  expect_failure 2 "--until logon needs --user" tsprobe --until logon h
  expect_failure 2 "a password needs a --user" tsprobe --password-file /dev/null h
  expect_failure 2 "--size '800' is not WIDTHxHEIGHT" tsprobe --size 800 h
  expect_failure 2 "--depth 12 is none of" tsprobe --depth 12 h
  expect_failure 2 "--timeout 0 is not between" tsprobe --timeout 0 h
  expect_failure 2 "'99999' is not a port" tsprobe h:99999
  expect_failure 2 "--screenshot is of one connection" tsprobe --count 2 --screenshot f.png h
  expect_failure 2 "Try 'tsprobe --help'." tsprobe --count x h
  expect_failure 2 "the password is empty" tsprobe --user u --password-file /dev/null h
  expect_failure 1 "cannot read the password file '$W/none'" tsprobe --user u --password-file "$W/none" h
}

@test "tsctl reset and kill take no nonsense" {
  expect_failure 2 "ID is missing" tsctl reset
  expect_failure 2 "PROCESS is missing" tsctl kill
  expect_failure 2 "--signal 'NIX' is no signal" tsctl kill --signal NIX 1
  expect_failure 2 "--signal '65' is no signal" tsctl kill --signal 65 1
  expect_failure 2 "0 is not the number of a process" tsctl kill 0
  expect_failure 2 "99999999999 is not the number of a process" tsctl kill 99999999999
  expect_failure 2 "PROCESS is empty" tsctl kill ''
  # Without a service nothing is looked for.
  expect_failure 4 "tsctl: no terminal service answers" tsctl kill --signal sigkill xterm --session 3 --runtime "$W/r"
  expect_failure 4 "tsctl: no terminal service answers" tsctl kill --signal 9 17 --runtime "$W/r"
  expect_failure 4 "tsctl: no terminal service answers" tsctl reset 3 --runtime "$W/r"
}

@test "tsctl drain takes on, off, until-restart and status" {
  expect_failure 2 "a command is missing: on, off, until-restart, status" tsctl drain
  expect_failure 2 "unknown command 'offf', did you mean 'off'?" tsctl drain offf
  expect_failure 2 "unexpected argument 'now'" tsctl drain on now
  local word
  for word in on off until-restart status; do
    expect_failure 4 "tsctl: no terminal service answers" tsctl drain "$word" --runtime "$W/r"
  done
  expect_failure 4 "tsctl: no terminal service answers" tsctl drain status --json --runtime "$W/r"
}

@test "tsctl shutdown takes a delay that makes sense" {
  expect_failure 2 "--delay -1 is not between 0 and" tsctl shutdown --delay=-1
  expect_failure 2 "--delay 2592001 is not between 0 and" tsctl shutdown --delay 2592001
  expect_failure 2 "a whole number is needed" tsctl shutdown --delay soon
  expect_failure 2 "--message is empty" tsctl shutdown --message ' '
  expect_failure 2 "--message is too long: 2000 characters are the most that is shown" tsctl shutdown --message "$(printf '%02001d' 0)"
  expect_failure 4 "tsctl: no terminal service answers" tsctl shutdown --json --runtime "$W/r"
  expect_failure 4 "tsctl: no terminal service answers" tsctl shutdown --cancel --runtime "$W/r"
}

@test "tsctl connect needs what is shown, and a client" {
  expect_failure 2 "ID is missing" tsctl connect --to 3
  expect_failure 2 "option '--to' needs a value" tsctl connect 3 --to
  expect_failure 4 "tsctl: no terminal service answers" tsctl connect 3 --to 4 --runtime "$W/r"
}

@test "tsctl screenshot needs a session and a file that is no terminal" {
  expect_failure 2 "FILE is missing" tsctl screenshot 3
  expect_failure 2 "FILE is empty: name a file, or '-' for standard output" tsctl screenshot 3 ''
  expect_failure 4 "tsctl: no terminal service answers" tsctl screenshot 3 "$W/x.png" --runtime "$W/r"
  [ ! -e "$W/x.png" ]
  run script -qec "tsctl screenshot 3 -" /dev/null
  [ "$status" = 2 ]
  [[ $output == *"standard output is a terminal"* ]]
}

@test "tsctl message takes text, and questions that somebody waits for" {
  expect_failure 2 "WHOM is missing" tsctl message
  expect_failure 2 "TEXT is missing or empty; '-' reads it from standard input" tsctl message 3
  expect_failure 2 "TEXT is missing or empty" tsctl message 3 ' '
  expect_failure 2 "TEXT is missing or empty" tsctl message 3 - </dev/null
  expect_failure 2 "--all stands in place of a session: what is '3'?" tsctl message --all 3 text
  expect_failure 2 "TEXT is too long: 2000 characters" tsctl message 3 "$(printf 'x%.0s' {1..2001})"
  expect_failure 2 "TEXT is too long" tsctl message 3 - < <(yes)
  expect_failure 2 "--title is too long: 100 characters" tsctl message 3 --title "$(printf 'x%.0s' {1..101})" text
  expect_failure 2 "--timeout -1 is not between 0 and 86400" tsctl message 3 --timeout=-1 text
  expect_failure 2 "--buttons 'yes' is none of ok, ok-cancel, yes-no," tsctl message 3 --wait --buttons yes text
  expect_failure 2 "--buttons is a question: --wait brings its answer" tsctl message 3 --buttons yes-no text
  # 2000 characters of two bytes each are not too long.
  expect_failure 4 "no terminal service answers" tsctl message 3 "$(printf 'é%.0s' {1..2000})" --runtime "$W/r"
  expect_failure 4 "no terminal service answers" tsctl message --all text --runtime "$W/r"
}

@test "without a service: exit 4 and what to do, with --json nothing on stdout" {
  expect_failure 4 "tsquery: no terminal service answers at '$W/r/tssession.sock'; start one with 'tsctl up'" \
    tsquery session --json --runtime "$W/r"
  expect_failure 4 "tsquery: no terminal service answers" tsquery session --follow --runtime "$W/r"
  expect_failure 4 "tsquery: no terminal service answers" tsquery user --json --runtime "$W/r"
  expect_failure 4 "tsquery: no terminal service answers" tsquery process --all --json --runtime "$W/r"
  expect_failure 4 "tsquery: no terminal service answers" tsquery server --json --runtime "$W/r"
  expect_failure 4 "tsctl: no terminal service answers" tsctl logoff 3 --runtime "$W/r"
  expect_failure 4 "tsctl: no terminal service answers" tsctl --runtime "$W/r" disconnect rdp-tcp#1
}

@test "every program has a page that lists the options of its help" {
  local program page entry option
  for program in $PROGRAMS; do
    page=$(compgen -G "$TOP/man/$program.[18]")
    for option in $("$program" --help | options_of); do
      grep -qE "^\.It .*Fl Fl ${option#--}( |\$)" "$page" || { echo "$page lacks $option"; false; }
    done
  done
  for entry in $COMMANDS; do
    for option in $("${entry%:*}" "${entry#*:}" --help | options_of); do
      grep -qE "^\.It .*Fl Fl ${option#--}( |\$)" "$TOP/man/${entry%:*}.1" || { echo "${entry%:*}.1 lacks $option"; false; }
    done
  done
}

@test "the pages list no option that a program does not take" {
  local program page option
  for program in $PROGRAMS; do
    page=$(compgen -G "$TOP/man/$program.[18]")
    for option in $(sed -n '/^\.Sh OPTIONS/,/^\.Sh/s/^\.It .*Fl Fl \([a-z-]*\).*/\1/p' "$page"); do
      # shellcheck disable=SC2086
      { "$program" --help; for c in up kill connect "drain status" shutdown message passwd rdpfile session events; do "$program" $c --help 2>/dev/null || true; done; } |
        options_of | grep -qx -- "--$option" || { echo "$page has --$option"; false; }
    done
  done
}

@test "the pages are clean" {
  local page
  for page in "$TOP"/man/*.[1578]; do
    run groff -mdoc -ww -z "$page"
    [ "$status" = 0 ] && [ -z "$output" ]
  done
  run mandoc -Tlint -W warning "$TOP"/man/*.[1578]
  echo "$output"
  [ "$status" = 0 ]
}

@test "the keys that pages speak of are there" {
  local key known
  known=$(tsctl config show | awk '/^[a-z]/ {section = $1; sub(":.*", "", section)} /^  / {sub(":", "", $1); print section "." $1}')
  grep -qx sessions.idle <<<"$known"
  for key in $(grep -hE '^\.Ic|Pq Ic|, Ic|Ic ' "$TOP"/man/*.7 | grep -oE '\b(listener|sessions|limits|accounts|logon|events)\.[a-z_]+' | sort -u); do
    grep -qx "$key" <<<"$known" || { echo "no key $key"; false; }
  done
}

# complete_bash WORD...: what bash offers for the last word.
complete_bash() {
  # shellcheck disable=SC2016
  bash --norc -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    compopt() { :; }; _ts "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf "%s\n" "${COMPREPLY[@]}"' \
    - "$TOP/completions/ts.bash" "$@"
}

complete_fish() {
  fish --no-config -c "source $W/fish/$1.fish; complete -C '$*'" | cut -f1
}

@test "bash completes every command and option" {
  local entry program
  for program in tsctl tsquery tsprobe tsd tssession; do
    diff <("$program" --help | options_of) <(complete_bash "$program" -- | grep -E '^--' | sort -u)
  done
  for entry in $COMMANDS; do
    complete_bash "${entry%:*}" "" | grep -qx "${entry#*:}"
    diff <("${entry%:*}" "${entry#*:}" --help | options_of) \
      <(complete_bash "${entry%:*}" "${entry#*:}" -- | grep -E '^--' | sort -u)
  done
  [ "$(complete_bash tsctl --set a=1 config '' | grep -E '^(check|show)$' | xargs)" = "check show" ]
}

@test "bash completes values: signals by both names, users, lists, and nothing where anything may stand" {
  [ "$(complete_bash tsctl kill --signal KI)" = KILL ]
  [ "$(complete_bash tsctl kill --signal SIGKI)" = SIGKILL ]
  [ "$(complete_bash tsquery session roo)" = root ]
  [ "$(complete_bash tsquery user roo)" = root ]
  [ "$(complete_bash tsquery events --event logon,takeo)" = logon,takeover ]
  local option
  for option in "tsctl message --timeout" "tsprobe --count" "tsprobe --size" "tsprobe --domain"; do
    # shellcheck disable=SC2086
    [ -z "$(complete_bash $option '')" ]
  done
}

@test "fish completes every command and option" {
  mkdir "$W/fish"
  local entry program
  for program in tsctl tsquery tsprobe tsd tssession; do
    cp "$TOP/completions/ts.fish" "$W/fish/$program.fish"
    diff <("$program" --help | options_of) <(complete_fish "$program" -- | grep -E '^--' | sort -u)
  done
  for entry in $COMMANDS; do
    complete_fish "${entry%:*}" "" | grep -qx "${entry#*:}"
    diff <("${entry%:*}" "${entry#*:}" --help | options_of) \
      <(complete_fish "${entry%:*}" "${entry#*:}" -- | grep -E '^--' | sort -u)
  done
}

@test "zsh's completion parses and names every command and option" {
  zsh -n "$TOP/completions/_ts"
  local entry program option
  for program in tsctl tsquery tsprobe tsd tssession; do
    grep -qE "^#compdef.* $program( |\$)" "$TOP/completions/_ts"
    for option in $("$program" --help | options_of); do grep -qF -- "$option" "$TOP/completions/_ts"; done
  done
  for entry in $COMMANDS; do
    grep -qF "${entry%:*}:${entry#*:}" "$TOP/completions/_ts" || grep -qE "${entry%:*}:[a-z]+ \| ${entry%:*}:${entry#*:}" "$TOP/completions/_ts"
    for option in $("${entry%:*}" "${entry#*:}" --help | options_of); do grep -qF -- "$option" "$TOP/completions/_ts"; done
  done
}

@test "session ids are completed from what tsquery prints" {
  mkdir "$W/bin"
  cat >"$W/bin/tsquery" <<'END'
#!/bin/sh
cat <<TABLE
 SESSIONNAME       USERNAME                  ID  STATE   TYPE        DEVICE
 console                                      0  Conn    console
>rdp-tcp#12        ann                        3  Active  rdpwd
                   a very long user name, 7      14  Disc
 rdp-tcp                                  65536  Listen  rdpwd
TABLE
END
  chmod +x "$W/bin/tsquery"
  PATH=$W/bin:$PATH
  [ "$(complete_bash tsctl logoff '' | grep -E '^[0-9]' | xargs)" = "0 3 14" ]
  mkdir "$W/fish"
  cp "$TOP/completions/ts.fish" "$W/fish/tsctl.fish"
  [ "$(complete_fish tsctl logoff '' | grep -E '^[0-9]' | sort -n | xargs)" = "0 3 14" ]
}
