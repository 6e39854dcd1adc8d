# fish completion of tsctl, tsquery, tsd and tssession. Installed under each of these names; each copy defines its own.

function __ts_sessions
    tsquery session 2>/dev/null | string replace -rf '^.* (\d+)  (Active|Conn|Disc|Idle|Init|Down).*$' '$1'
end

set -l program (status basename | string replace -r '\.fish$' '')

complete -c $program -f
complete -c $program -l config -r -F -d 'configuration file'
complete -c $program -l set -x -d 'set one key: KEY=VALUE'
complete -c $program -l state -x -a '(__fish_complete_directories)' -d 'folder of what outlives a restart'
complete -c $program -l runtime -x -a '(__fish_complete_directories)' -d 'folder of the sockets'
complete -c $program -s h -l help -d 'print a summary'
complete -c $program -l version -d 'print the version'

switch $program
    case tsctl
        set -l commands up logoff disconnect passwd config
        set -l none "not __fish_seen_subcommand_from $commands"
        complete -c tsctl -n $none -a up -d 'run the whole service in the foreground'
        complete -c tsctl -n $none -a logoff -d 'end a session and every process in it'
        complete -c tsctl -n $none -a disconnect -d "let a session's client go"
        complete -c tsctl -n $none -a passwd -d 'set a password of the file back end'
        complete -c tsctl -n $none -a config -d 'check or show the configuration'
        complete -c tsctl -n '__fish_seen_subcommand_from up' -l json -d 'print one line when ready'
        complete -c tsctl -n '__fish_seen_subcommand_from logoff disconnect' -a '(__ts_sessions)'
        complete -c tsctl -n '__fish_seen_subcommand_from passwd' -l remove -d 'take the account out'
        complete -c tsctl -n '__fish_seen_subcommand_from passwd' -a '(__fish_complete_users)'
        complete -c tsctl -n '__fish_seen_subcommand_from config; and not __fish_seen_subcommand_from check show' \
            -a 'check show'
    case tsquery
        complete -c tsquery -n 'not __fish_seen_subcommand_from session' -a session -d 'list the sessions'
        complete -c tsquery -n '__fish_seen_subcommand_from session' -l json -d 'print one JSON object'
        complete -c tsquery -n '__fish_seen_subcommand_from session' -a '(__ts_sessions)'
end
