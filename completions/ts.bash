# bash completion of tsctl, tsquery, tsprobe, tsd and tssession. Installed under each of these names.

_ts_sessions() {
  tsquery session 2>/dev/null | sed -nE 's/^.* ([0-9]+)  (Active|Conn|Disc|Idle|Init|Down).*$/\1/p'
}

# The last word of a list with commas, behind what is there already.
_ts_list() {
  local words='Init Idle Conn Active Disc Down Listen' before=
  [[ $1 != --columns ]] || words='sessionname username id state type device domain client address size depth uid display pid
    program limits connected loggedon disconnected'
  [[ $1 != --event ]] || words='connect logon logon-failed disconnect reconnect takeover logoff session-ended limit refused
    role-started role-stopped role-restarted service-started service-stopped drain shutdown'
  [[ $2 != *,* ]] || before=${2%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "${2##*,}")
}

_ts() {
  local current=$2 previous=$3 program=${1##*/} word command= nested= words
  local common='--config --set --state --runtime --help -h --version'
  COMPREPLY=()
  case $previous in
    --config) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --state | --runtime) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --set | --session-size | --program | --delay | --message | --title | --timeout | --size | --domain | --client-name | --cookie | \
      --routing-token | --count | --parallel) return ;;
    --address) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current"); return ;;
    --session | --to) mapfile -t COMPREPLY < <(compgen -W "$(_ts_sessions)" -- "$current"); return ;;
    --buttons)
      mapfile -t COMPREPLY < <(compgen -W 'ok ok-cancel yes-no yes-no-cancel retry-cancel abort-retry-ignore' -- "$current")
      return ;;
    --signal)
      mapfile -t COMPREPLY < <(compgen -W "$(compgen -A signal SIG | sed 'p; s/^SIG//')" -- "$current"); return ;;
    --password-file | --screenshot) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --since | --until)
      local until='10m 1h 1d'
      [[ $program != tsprobe ]] || until='connect logon picture'
      mapfile -t COMPREPLY < <(compgen -W "$until" -- "$current"); return ;;
    --depth) mapfile -t COMPREPLY < <(compgen -W '8 15 16 24 32' -- "$current"); return ;;
    --id) mapfile -t COMPREPLY < <(compgen -W "$(_ts_sessions)" -- "$current"); return ;;
    --states | --columns | --event) _ts_list "$previous" "$current"; return ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$current"); return ;;
  esac
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $program:$command:$word in
      tsctl::up | tsctl::logoff | tsctl::disconnect | tsctl::reset | tsctl::kill | tsctl::passwd | tsctl::config | tsctl::rdpfile | tsctl::drain | tsctl::shutdown | tsctl::connect | tsctl::screenshot | tsctl::message | tsquery::session | tsquery::user | tsquery::process | tsquery::server | tsquery::metrics | tsquery::events) command=$word ;;
      tsctl:config:check | tsctl:config:show | tsctl:drain:on | tsctl:drain:off | tsctl:drain:until-restart | tsctl:drain:status) nested=$word ;;
    esac
  done
  case $program:$command in
    tsctl:) words="up logoff disconnect reset kill connect drain shutdown screenshot message passwd config rdpfile $common" ;;
    tsctl:up) words="--json $common" ;;
    tsctl:kill) words="--session --signal $common" ;;
    tsctl:logoff | tsctl:disconnect | tsctl:reset) words="$(_ts_sessions) $common" ;;
    tsctl:screenshot)
      compopt -o filenames
      words="$(_ts_sessions) $(compgen -f -- "$current") $common" ;;
    tsctl:message) words="--all --title --buttons --wait --timeout --json $(_ts_sessions) $(compgen -u) $common" ;;
    tsctl:passwd) words="--remove $(compgen -u) $common" ;;
    tsctl:drain)
      words="$common"
      [[ $nested != status ]] || words="--json $common"
      [[ -n $nested ]] || words="on off until-restart status $common" ;;
    tsctl:connect) words="--to $(_ts_sessions) $common" ;;
    tsctl:shutdown) words="--delay --message --cancel --json $common" ;;
    tsctl:config) words="$common"; [[ -n $nested ]] || words="check show $common" ;;
    tsctl:rdpfile)
      compopt -o filenames
      words="--address --user --session-size --program $(compgen -f -- "$current") $common" ;;
    tsquery:) words="session user process server metrics events $common" ;;
    tsquery:session) words="--user --id --states --columns --follow --json $(_ts_sessions) $(compgen -u) $common" ;;
    tsquery:user) words="--json $(_ts_sessions) $(compgen -u) $common" ;;
    tsquery:server) words="--json $common" ;;
    tsquery:process) words="--session --user --all --json $common" ;;
    tsquery:events) words="--since --until --user --session --event --follow --json $common" ;;
    tsprobe:)
      words='--user --password-file --password-stdin --domain --until --timeout --hold --size --depth --screenshot --verify
        --client-name --cookie --routing-token --count --parallel --json -h --help --version'
      words="$words $(compgen -A hostname)" ;;
    *) words=$common ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ts tsctl tsquery tsprobe tsd tssession
