#!/bin/sh
# The desktop of a machine without a desktop environment: a light window manager and a terminal. Ends with the
# window manager.
for name in icewm-session openbox fluxbox jwm twm icewm x-window-manager; do
  manager=$(command -v "$name") && break
done
for name in x-terminal-emulator xterm; do
  terminal=$(command -v "$name") && break
done

if [ -z "$manager" ]; then
  # One terminal on the whole screen is better than nothing.
  if [ -n "$terminal" ]; then
    exec "$terminal"
  fi
  echo "tsdesktop: no window manager and no terminal: install icewm and xterm" >&2
  exit 1
fi

"$manager" &
manager_pid=$!
trap 'kill "$manager_pid" 2>/dev/null' HUP INT TERM

# The terminal's window is to be managed from its first moment: wait, for 5 s at most, until a window manager says
# that it owns the screen.
if command -v xprop >/dev/null; then
  tries=0
  until xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id' || [ "$tries" -ge 50 ]; do
    kill -0 "$manager_pid" 2>/dev/null || exit 1
    tries=$((tries + 1))
    sleep 0.1
  done
fi
if [ -n "$terminal" ]; then
  "$terminal" &
fi
# A trapped signal ends wait early: then the manager is on its way out, and is waited for again.
while kill -0 "$manager_pid" 2>/dev/null; do
  wait "$manager_pid"
done
