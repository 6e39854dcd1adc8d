# fish completion of tsctl, tsquery, tsprobe, tsd and tssession. Installed under each of these names; each copy defines its own.

function __ts_sessions
    tsquery session 2>/dev/null | string replace -rf '^.* (\d+)  (Active|Conn|Disc|Idle|Init|Down).*$' '$1'
end

set -l program (status basename | string replace -r '\.fish$' '')

complete -c $program -f
if test $program != tsprobe
    complete -c $program -l config -r -F -d 'configuration file'
    complete -c $program -l set -x -d 'set one key: KEY=VALUE'
    complete -c $program -l state -x -a '(__fish_complete_directories)' -d 'folder of what outlives a restart'
    complete -c $program -l runtime -x -a '(__fish_complete_directories)' -d 'folder of the sockets'
end
complete -c $program -s h -l help -d 'print a summary'
complete -c $program -l version -d 'print the version'

switch $program
    case tsctl
        set -l commands up logoff disconnect reset kill connect drain shutdown screenshot message passwd config rdpfile
        set -l none "not __fish_seen_subcommand_from $commands"
        complete -c tsctl -n $none -a up -d 'run the whole service in the foreground'
        complete -c tsctl -n $none -a logoff -d 'end a session and every process in it'
        complete -c tsctl -n $none -a disconnect -d "let a session's client go"
        complete -c tsctl -n $none -a reset -d 'end a session at once'
        complete -c tsctl -n $none -a kill -d 'send a signal to processes of a session'
        complete -c tsctl -n $none -a connect -d 'show a session to the client of another one'
        complete -c tsctl -n $none -a drain -d 'refuse new logons; let people back to their sessions'
        complete -c tsctl -n $none -a shutdown -d 'end all sessions after a while, then the service'
        complete -c tsctl -n $none -a screenshot -d 'write what a session shows as PNG'
        complete -c tsctl -n $none -a message -d 'show a message in a session'
        complete -c tsctl -n $none -a passwd -d 'set a password of the file back end'
        complete -c tsctl -n $none -a rdpfile -d 'write an .rdp file for clients'
        complete -c tsctl -n $none -a config -d 'check or show the configuration'
        complete -c tsctl -n '__fish_seen_subcommand_from up' -l json -d 'print one line when ready'
        complete -c tsctl -n '__fish_seen_subcommand_from logoff disconnect reset connect screenshot' -a '(__ts_sessions)'
        complete -c tsctl -n '__fish_seen_subcommand_from screenshot' -F
        complete -c tsctl -n '__fish_seen_subcommand_from kill' -l session -x -a '(__ts_sessions)' -d 'only in this session'
        complete -c tsctl -n '__fish_seen_subcommand_from kill' -l signal -x -a 'HUP INT QUIT KILL USR1 USR2 TERM CONT STOP' -d 'name or number'
        complete -c tsctl -n '__fish_seen_subcommand_from drain; and not __fish_seen_subcommand_from on off until-restart status' \
            -a 'on off until-restart status'
        complete -c tsctl -n '__fish_seen_subcommand_from drain; and __fish_seen_subcommand_from status' -l json -d 'print one JSON object'
        complete -c tsctl -n '__fish_seen_subcommand_from connect' -l to -x -a '(__ts_sessions)' -d 'whose client'
        complete -c tsctl -n '__fish_seen_subcommand_from shutdown' -l delay -x -d 'seconds until sessions end'
        complete -c tsctl -n '__fish_seen_subcommand_from shutdown' -l message -x -d 'show everybody this text'
        complete -c tsctl -n '__fish_seen_subcommand_from shutdown' -l cancel -d 'take it back'
        complete -c tsctl -n '__fish_seen_subcommand_from shutdown' -l json -d 'print one JSON object'
        set -l message '__fish_seen_subcommand_from message'
        complete -c tsctl -n $message -a '(__ts_sessions) (__fish_complete_users)'
        complete -c tsctl -n $message -l all -d 'to everybody'
        complete -c tsctl -n $message -l title -x -d 'above the text'
        complete -c tsctl -n $message -l buttons -x -d 'what can be answered' \
            -a 'ok ok-cancel yes-no yes-no-cancel retry-cancel abort-retry-ignore'
        complete -c tsctl -n $message -l wait -d 'print the answer'
        complete -c tsctl -n $message -l timeout -x -d 'seconds until it closes by itself'
        complete -c tsctl -n $message -l json -d 'print one JSON object'
        complete -c tsctl -n '__fish_seen_subcommand_from passwd' -l remove -d 'take the account out'
        complete -c tsctl -n '__fish_seen_subcommand_from passwd' -a '(__fish_complete_users)'
        complete -c tsctl -n '__fish_seen_subcommand_from config; and not __fish_seen_subcommand_from check show' \
            -a 'check show'
        complete -c tsctl -n '__fish_seen_subcommand_from rdpfile' -F
        complete -c tsctl -n '__fish_seen_subcommand_from rdpfile' -l address -x -a '(__fish_print_hostnames)' -d 'as clients reach it'
        complete -c tsctl -n '__fish_seen_subcommand_from rdpfile' -l user -x -a '(__fish_complete_users)' -d 'who logs on'
        complete -c tsctl -n '__fish_seen_subcommand_from rdpfile' -l session-size -x -d 'size of the desktop'
        complete -c tsctl -n '__fish_seen_subcommand_from rdpfile' -l program -x -d 'instead of the desktop'
    case tsprobe
        complete -c tsprobe -a '(__fish_print_hostnames)'
        complete -c tsprobe -l user -x -a '(__fish_complete_users)' -d 'who logs on'
        complete -c tsprobe -l password-file -r -F -d 'file with the password'
        complete -c tsprobe -l password-stdin -d 'password from standard input'
        complete -c tsprobe -l domain -x -d 'domain of the user'
        complete -c tsprobe -l until -x -a 'connect logon picture' -d 'how far to go'
        complete -c tsprobe -l timeout -x -d 'seconds for each connection'
        complete -c tsprobe -l hold -x -d 'stay connected so long'
        complete -c tsprobe -l size -x -d 'desktop to ask for'
        complete -c tsprobe -l depth -x -a '8 15 16 24 32' -d 'bits per pixel'
        complete -c tsprobe -l screenshot -r -F -d 'write the picture as PNG'
        complete -c tsprobe -l verify -d 'fail if the certificate is not trusted'
        complete -c tsprobe -l client-name -x -d 'computer name to give'
        complete -c tsprobe -l cookie -x -d 'user for load balancers'
        complete -c tsprobe -l routing-token -x -d 'token for load balancers'
        complete -c tsprobe -l count -x -d 'number of connections'
        complete -c tsprobe -l parallel -x -d 'connections at a time'
        complete -c tsprobe -l json -d 'print one JSON object'
    case tsquery
        set -l commands session user process server metrics events
        set -l none "not __fish_seen_subcommand_from $commands"
        complete -c tsquery -n $none -a session -d 'list the sessions'
        complete -c tsquery -n $none -a user -d 'list who is logged on'
        complete -c tsquery -n $none -a process -d 'list the processes of sessions'
        complete -c tsquery -n $none -a server -d 'show the listener and its connections'
        complete -c tsquery -n $none -a metrics -d 'print figures for Prometheus'
        complete -c tsquery -n $none -a events -d 'list what has happened'
        complete -c tsquery -n '__fish_seen_subcommand_from session user process server' -l json -d 'print JSON'
        complete -c tsquery -n '__fish_seen_subcommand_from session user' -a '(__ts_sessions)'
        set -l seen '__fish_seen_subcommand_from session'
        complete -c tsquery -n $seen -l user -x -a '(__fish_complete_users)' -d 'only this user'
        complete -c tsquery -n $seen -l id -x -a '(__ts_sessions)' -d 'only the one with this id'
        complete -c tsquery -n $seen -l states -x -a '(__fish_append , Init Idle Conn Active Disc Down Listen)' \
            -d 'only those in these states'
        complete -c tsquery -n $seen -l columns -x -a '(__fish_append , sessionname username id state type device domain client address size depth uid display pid program limits connected loggedon disconnected)' \
            -d 'columns of the table'
        complete -c tsquery -n $seen -l follow -d 'go on, one line for each change'
        set -l seen '__fish_seen_subcommand_from process'
        complete -c tsquery -n $seen -l session -x -a '(__ts_sessions)' -d 'those of this session'
        complete -c tsquery -n $seen -l user -x -a '(__fish_complete_users)' -d "those of this user's sessions"
        complete -c tsquery -n $seen -l all -d 'those of all sessions'
        set -l events '__fish_seen_subcommand_from events'
        complete -c tsquery -n $events -l since -x -a '10m 1h 1d' -d 'from then on'
        complete -c tsquery -n $events -l until -x -a '10m 1h 1d' -d 'until then'
        complete -c tsquery -n $events -l user -x -a '(__fish_complete_users)' -d 'of this user'
        complete -c tsquery -n $events -l session -x -a '(__ts_sessions)' -d 'of this session'
        complete -c tsquery -n $events -l event -x -d 'of these names' -a 'connect logon logon-failed disconnect reconnect \
            takeover logoff session-ended limit refused role-started role-stopped role-restarted service-started service-stopped drain shutdown'
        complete -c tsquery -n $events -l follow -d 'go on with what happens now'
        complete -c tsquery -n $events -l json -d 'print one JSON object a line'
end
