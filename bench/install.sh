#!/bin/sh
# Installs Debian packages without starting or enabling their services: bench/install.sh PACKAGE...
# What is installed already stays as it is, its services too.
set -eu
missing=
for package in "$@"; do
  dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || exec sudo "$0" "$@"
echo "Installing, without starting:$missing" >&2

# Debian's way to say that nothing is started now; whoever has said something there finds it again.
policy=/usr/sbin/policy-rc.d
restore() {
  rm -f "$policy"
  [ ! -e "$policy.bench" ] || mv "$policy.bench" "$policy"
}
[ ! -e "$policy" ] || mv "$policy" "$policy.bench"
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get -qq install -y --no-install-recommends $missing >/dev/null 2>&1 ||
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing >/dev/null; }
for package in $missing; do
  # Of each package its own units, and what stands for them in /etc/rc?.d.
  for unit in $(dpkg -L "$package" | sed -n 's,^\(/usr\)\?/lib/systemd/system/\([^/@]*\.service\)$,\2,p'); do
    systemctl disable "$unit" >/dev/null 2>&1 || echo "could not disable $unit; see systemctl status $unit" >&2
  done
done
