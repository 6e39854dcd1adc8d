# bash completion of tsctl, tsquery, tsd and tssession. Installed under each of these names.

_ts_sessions() {
  tsquery session 2>/dev/null | sed -nE 's/^.* ([0-9]+)  (Active|Conn|Disc|Idle|Init|Down).*$/\1/p'
}

_ts() {
  local current=$2 previous=$3 program=${1##*/} word command= nested= words
  local common='--config --set --state --runtime --help -h --version'
  COMPREPLY=()
  case $previous in
    --config) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --state | --runtime) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --set) return ;;
  esac
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $program:$command:$word in
      tsctl::up | tsctl::logoff | tsctl::disconnect | tsctl::passwd | tsctl::config | tsquery::session) command=$word ;;
      tsctl:config:check | tsctl:config:show) nested=$word ;;
    esac
  done
  case $program:$command in
    tsctl:) words="up logoff disconnect passwd config $common" ;;
    tsctl:up) words="--json $common" ;;
    tsctl:logoff | tsctl:disconnect) words="$(_ts_sessions) $common" ;;
    tsctl:passwd) words="--remove $(compgen -u) $common" ;;
    tsctl:config) words="$common"; [[ -n $nested ]] || words="check show $common" ;;
    tsquery:) words="session $common" ;;
    tsquery:session) words="--json $(_ts_sessions) $common" ;;
    *) words=$common ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ts tsctl tsquery tsd tssession
