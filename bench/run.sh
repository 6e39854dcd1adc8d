#!/bin/bash
# make bench: measures this build and Debian's xrdp, one beside the other, in a box that leaves nothing behind.
#
#   bench/run.sh BUILD [OPTION...]     options: bench/bench.py --help
#
# The box is a set of namespaces: processes, network with a loopback of its own, System V IPC, and mounts with copies
# of /etc, /tmp, /run and /var/log in memory. Accounts made in it, ports, X servers and logs are gone with it, also
# when it is killed. Nothing of the machine's own xrdp is started, stopped or configured.
set -eu
here=$(dirname "$(realpath "$0")")

# inside BUILD OPTION...: what runs in the box, as its first process.
inside() {
  local build=$1 box=/mnt folder
  shift
  # What is covered by the box cannot be copied into it.
  case $build in /mnt/*) box=/srv ;; esac
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 tmpfs "$box"
  DESTDIR=$box/ours cmake --install "$build" --prefix /usr >/dev/null
  cp -r "$here" "$box/bench"
  cp "$build"/bench/bench_* "$box/bench"
  mkdir "$box/home" "$box/work" "$box/sessions"
  chmod 1777 "$box/sessions"
  cp -a /etc "$box/etc"
  mount --bind "$box/etc" /etc
  for folder in /tmp /run /var/log; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
  chmod 1777 /tmp
  ip link set lo up
  cd "$box/work"
  # Not exec: this shell buries whatever is left to the first process.
  BENCH_BOX=$box python3 -B "$box/bench/bench.py" "$@"
}

if [ "${1:-}" = --inside ]; then
  shift
  inside "$@"
  exit
fi
case ${1:-} in
  "" | -*)
    echo "usage: bench/run.sh BUILD [OPTION...]; options are bench.py's, see --help after BUILD" >&2
    exit 2
    ;;
esac
build=$(realpath "$1")
shift
if [ "$(id -u)" != 0 ]; then
  exec sudo env PATH="$PATH" "$0" "$build" "$@"
fi
# Results go where they belong through descriptor 3: inside, the folder may be covered.
exec 3>"$build/bench.json"
chown "${SUDO_UID:-0}:${SUDO_GID:-0}" "$build/bench.json"
# Without the variables of whoever runs this.
exec env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 \
  unshare --mount --net --pid --ipc --fork --kill-child --mount-proc "$here/run.sh" --inside "$build" "$@"
