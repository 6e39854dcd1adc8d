# What the command-line tests share. Each test has a folder of its own, $W, that other accounts may enter, and nothing
# from the environment of whoever runs the tests. TS_BUILD names the build folder (default: build).

setup() {
  TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BUILD=$(realpath "${TS_BUILD:-$TOP/build}")
  W=$(mktemp -d /tmp/ts-cli.XXXXXX)
  chmod 755 "$W"
  unset TS_CONFIG TS_SESSION_ID SUDO_USER XDG_STATE_HOME
  export HOME=$W/home XDG_RUNTIME_DIR=$W/xdg LC_ALL=C.UTF-8
  mkdir "$HOME" "$XDG_RUNTIME_DIR"
  PATH=$BUILD/bin:$BUILD/libexec:$PATH
  STARTED=()
}

teardown() {
  local pid
  for pid in "${STARTED[@]}"; do
    kill -TERM "$pid" 2>/dev/null && wait "$pid"
  done
  rm -rf "$W"
}

# wait_until SECONDS COMMAND...: until it succeeds.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ $SECONDS -ge $end ]; then
      echo "timed out waiting for: $*" >&2
      return 1
    fi
    read -rt 0.05 <> <(:) || true
  done
}

# expect_failure CODE TEXT COMMAND...: that exit status, nothing on stdout, TEXT in what stderr says.
expect_failure() {
  local code=$1 text=$2
  shift 2
  run --separate-stderr "$@"
  echo "status=$status stdout=$output stderr=$stderr"
  [ "$status" = "$code" ]
  [ -z "$output" ]
  [[ $stderr == *"$text"* ]]
}

# As an account without any rights, which needs not exist.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }
