#!/bin/sh
# Runs as the user, on the user's own D-Bus daemon, with the environment ready: finds out what the session's shell is
# and becomes it. The session ends with it.
#
#   tsxsession FOLDER PROGRAM SHELL
#
# PROGRAM: what the client asked for (a command line, run in FOLDER); SHELL: the configured shell; either may be
# empty. Otherwise ~/.xsession, else /etc/X11/Xsession, else a window manager and a terminal (tsdesktop, beside us).
folder=$1 program=$2 shell=$3
# tsuserinit waits for this: what had to start before us has started. Its answer: we may show something now.
{ echo >&3; read -r _ <&3; exec 3>&-; } 2>/dev/null
here=$(dirname -- "$0")

cd -- "$HOME" 2>/dev/null || cd /
if [ -n "$folder" ]; then
  cd -- "$folder" 2>/dev/null || true
fi

# What programs say belongs to the user, not into the server's log.
errors=$HOME/.xsession-errors
# (Not with ":", whose failing would end a POSIX shell.)
if { true >"$errors"; } 2>/dev/null; then
  chmod 600 "$errors"
  exec >>"$errors" 2>&1
else
  exec >/dev/null 2>&1
fi

if [ -n "$program" ]; then
  exec "$SHELL" -c "$program"
fi
if [ -n "$shell" ]; then
  exec /bin/sh -c "$shell"
fi
if [ -x "$HOME/.xsession" ] && [ ! -d "$HOME/.xsession" ]; then
  exec "$HOME/.xsession"
fi
if [ -r "$HOME/.xsession" ] && [ ! -d "$HOME/.xsession" ]; then
  exec /bin/sh "$HOME/.xsession"
fi
if [ -r /etc/X11/Xsession ]; then
  # Window managers register as session managers too, but leave the user without a terminal.
  manager=$(readlink -f "$(command -v x-session-manager 2>/dev/null)" 2>/dev/null)
  case ${manager##*/} in
    '' | icewm* | openbox* | fluxbox* | blackbox* | twm | jwm | fvwm* | i3 | awesome)
      exec /bin/sh /etc/X11/Xsession "/bin/sh $here/tsdesktop" ;;
    *)
      exec /bin/sh /etc/X11/Xsession ;;
  esac
fi
exec /bin/sh "$here/tsdesktop"
