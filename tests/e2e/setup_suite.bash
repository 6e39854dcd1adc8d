# Once for all end-to-end files: an installation that every account can run from, and the accounts themselves.
# TS_BUILD names the build folder (default: ../../build).

setup_suite() {
  [ "$(id -u)" = 0 ] || { echo "the end-to-end tests need root: they make accounts" >&2; return 1; }
  local here user
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  TS_BUILD=$(realpath "${TS_BUILD:-$here/../../build}")
  # Not below BATS_RUN_TMPDIR: a Unix socket's path is short, and other accounts have to get in.
  E2E_ROOT=$(mktemp -d /tmp/ts-e2e.XXXXXX)
  chmod 755 "$E2E_ROOT"
  DESTDIR=$E2E_ROOT/inst cmake --install "$TS_BUILD" --prefix /usr >/dev/null
  E2E_BIN=$E2E_ROOT/inst/usr/bin
  # Accounts of this run only, so that nothing depends on what the machine has.
  E2E_ALICE=tsa$$ E2E_BOB=tsb$$
  E2E_PASSWORD="Kt7-$(od -An -N8 -tx1 /dev/urandom | tr -d ' ')"
  for user in "$E2E_ALICE" "$E2E_BOB"; do
    useradd --create-home --home-dir "$E2E_ROOT/home-$user" --shell /bin/bash "$user" 3>&-
    echo "$user:$E2E_PASSWORD" | chpasswd
  done
  # With sanitizers everything takes longer and more memory.
  if grep -qsx 'TS_SANITIZE:BOOL=ON' "$TS_BUILD/CMakeCache.txt"; then export TS_SANITIZE=1 E2E_PATIENCE=3; fi
  export TS_BUILD E2E_ROOT E2E_BIN E2E_ALICE E2E_BOB E2E_PASSWORD
}

teardown_suite() {
  local user
  for user in "$E2E_ALICE" "$E2E_BOB"; do userdel "$user" 2>/dev/null; done
  rm -rf "$E2E_ROOT"
}
