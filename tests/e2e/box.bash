# A booted systemd for tests (box.sh says what it is): start_box in setup_file, stop_box in teardown_file.

# box_missing: why no container can boot here, in a sentence; nothing if one can.
box_missing() {
  local program
  [ "$(id -u)" = 0 ] || { echo "booting a container needs root"; return; }
  for program in systemd-nspawn nsenter unshare setpriv; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; return; }
  done
  [ -x /lib/systemd/systemd ] && [ -x /usr/bin/dbus-daemon ] || { echo "systemd or dbus is not installed"; return; }
  grep -qw overlay /proc/filesystems || { echo "the kernel has no overlay file system"; return; }
  unshare --mount --pid --net --ipc --uts --cgroup --fork true 2>/dev/null || { echo "namespaces cannot be made here"; return; }
  local where
  where=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
  [ -n "$where" ] || { echo "no cgroup2 is mounted"; return; }
  { mkdir "$where/$BOX" && rmdir "$where/$BOX"; } 2>/dev/null || { echo "the cgroup2 at $where cannot be written to"; return; }
}

# start_box: sets BOX_INIT, the container's first process; or BOX_SKIP, why there is none. The account in it is
# boxuser, with the password $E2E_PASSWORD.
start_box() {
  export BOX=ts-box-$$ BOX_SKIP BOX_PID BOX_INIT BOX_PASSWORD=$E2E_PASSWORD
  BOX_SKIP=$(box_missing)
  [ -z "$BOX_SKIP" ] || return 0
  mkdir "$W/box"
  # It ends when we do, however that happens.
  setpriv --pdeathsig KILL unshare --mount --propagation private \
    "$BATS_TEST_DIRNAME/box.sh" "$W/box" "$TS_BUILD" "$BOX" </dev/null >"$W/console.log" 2>&1 3>&- &
  BOX_PID=$!
  if ! wait_until 60 booted; then
    cat "$W/console.log" >&2
    inside systemctl --no-pager list-jobs >&2
    return 1
  fi
}
booted() {
  gone "$BOX_PID" && { echo "the container has ended:"; cat "$W/console.log"; exit 1; } >&2
  BOX_INIT=$(pgrep -P "$BOX_PID" | head -n 1)
  [ -n "$BOX_INIT" ] && inside systemctl is-system-running --wait >"$W/running" 2>/dev/null || grep -qx degraded "$W/running"
}

# Two TERM end it without an orderly shutdown: what an orderly one does has its own test.
stop_box() {
  local hierarchy
  [ -n "${BOX_PID:-}" ] || return 0
  until gone "$BOX_PID"; do
    kill -TERM "$BOX_PID" 2>/dev/null
    read -rt 0.1 <> <(:) || true
  done
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    [ ! -d "$hierarchy/$BOX" ] || wait_until 10 remove_groups "$hierarchy/$BOX"
  done
}
remove_groups() { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$1" ]; }

# inside COMMAND...: in the container; what hangs there does not outlive its test.
inside() { timeout 60 nsenter --target "$BOX_INIT" --all -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@" 3>&-; }
