#!/bin/bash
# A machine in which Debian's systemd boots: this one's root file system under an overlay in memory, with the build in
# it installed as `make install DESTDIR=` does, in a container with process, network and cgroup namespaces of its own.
# Nothing outside is changed, and nothing is left: mounts go with our mount namespace, processes with the container's
# first one. Becomes systemd-nspawn; two TERM end it at once.
#
#   unshare --mount --propagation private box.sh FOLDER BUILD CGROUP     all FOLDER's mounts are in it
set -eu
folder=$1 build=$2 cgroup=$3
root=$folder/root

mount -t tmpfs -o size=1g,mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
# systemd-nspawn leaves folders in /run.
mount -t tmpfs -o mode=755 tmpfs /run

# What this machine happens to start is not what is tested, nor who its users are.
rm -rf "$root"/etc/systemd/system/* "$root"/etc/rc[0-6S].d/* "$root"/var/log/journal "$root"/etc/{passwd,shadow,group,gshadow}.lock
: >"$root/etc/fstab"
for unit in console-getty.service getty.target systemd-tmpfiles-clean.timer systemd-update-utmp.service \
  systemd-update-utmp-runlevel.service; do
  ln -s /dev/null "$root/etc/systemd/system/$unit"
done
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
for user in tsd tssession tsstack; do chroot "$root" userdel "$user" 2>/dev/null || true; done
chroot "$root" groupdel tsadmin 2>/dev/null || true

DESTDIR=$root cmake --install "$build" --prefix /usr >/dev/null
systemd-sysusers --root="$root" ts.conf
systemctl --root="$root" enable tsspawn tssession tsd
# A sanitizer looks for leaks at a process's end, which takes ptrace.
[ -z "${TS_SANITIZE:-}" ] || for unit in tsd tssession; do
  mkdir "$root/etc/systemd/system/$unit.service.d"
  printf '[Service]\nSystemCallFilter=@debug\n' >"$root/etc/systemd/system/$unit.service.d/sanitizers.conf"
done
# The default of ten seconds is for people.
sed -i 's/^  #end_timeout: 10s/  end_timeout: 2s/' "$root/etc/ts/ts.yaml"
chroot "$root" useradd --create-home --home-dir /home/boxuser --shell /bin/bash --uid 1999 boxuser
echo "boxuser:$BOX_PASSWORD" | chroot "$root" chpasswd

# A cgroup of its own in each hierarchy that systemd uses, so that the one we came from is not the container's.
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ -w "$hierarchy/cgroup.procs" ] || continue
  mkdir "$hierarchy/$cgroup"
  echo $$ >"$hierarchy/$cgroup/cgroup.procs"
done
export UNIFIED_CGROUP_HIERARCHY=1
exec systemd-nspawn --quiet --directory="$root" --machine="$cgroup" --boot --private-network --register=no --keep-unit \
  --link-journal=no --resolv-conf=off --timezone=off --console=read-only systemd.log_color=0 systemd.show_status=0
