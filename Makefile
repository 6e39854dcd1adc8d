# Terminal Services for Linux: the front door. What builds from what is in CMakeLists.txt.
#
#   make run      install what is missing, build, run the whole service until Ctrl-C
#   make test     install what is missing, build, run every test; ends with "N passed, N failed"
#   make bench    this server beside Debian's xrdp: a table, and build/bench.json (BENCH_OPTIONS="--repeat 9")
#   make sanitize every test again with sanitizers in every program; takes about an hour
#   make soak     many rounds of what make test does ten of (SOAK_ROUNDS=500 KILL_ROUNDS=200 CROWD=200)
#   make upgrade  sessions of the version before under this one's programs (PREVIOUS=TAG, else the newest tag)
#   make install  DESTDIR= PREFIX=/usr/local
#   make deps build fuzz lint clean

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
SOAK_ROUNDS ?= 500
KILL_ROUNDS ?= 200
CROWD ?= 200
BENCH_OPTIONS ?=
SHELL := /bin/bash

# Debian packages by what needs them.
BUILD_PACKAGES := g++ cmake ninja-build lld pkg-config libuv1-dev libssl-dev libcli11-dev libyaml-cpp-dev \
  nlohmann-json3-dev libexpected-dev libfmt-dev libspdlog-dev libxcb1-dev libxcb-damage0-dev libxcb-xfixes0-dev \
  libxcb-randr0-dev libxcb-xtest0-dev libxcb-xkb-dev libxkbcommon-dev libxkbcommon-x11-dev libpixman-1-dev libpng-dev \
  libpam0g-dev libcrypt-dev libseccomp-dev libcap-ng-dev libcairo2-dev libpango1.0-dev gettext
# The logon screen's fonts: Open Sans (2.8 MB) for how it looks, VL Gothic (8 MB) as a small one with Japanese.
RUN_PACKAGES := xvfb x11-xkb-utils x11-utils xkb-data libx11-data dbus-daemon icewm xterm fonts-open-sans fonts-vlgothic
TEST_PACKAGES := libgtest-dev libgmock-dev bats parallel freerdp2-x11 freerdp2-dev rdesktop tshark xdotool imagemagick \
  jq groff mandoc socat procps iproute2 x11-apps x11-xserver-utils xauth openssl perl python3 libicu72 \
  zsh fish systemd systemd-container libpam-systemd dbus libpam-oath fail2ban remmina remmina-plugin-rdp
CLANG_PACKAGES := clang-14 libclang-rt-14-dev llvm-14 lld-14 libgtest-dev libgmock-dev freerdp2-dev
BENCH_PACKAGES := rdesktop xvfb iproute2 procps util-linux openssl python3 systemd
# Installed without their services being enabled or started.
BENCH_RIVAL_PACKAGES := xrdp xorgxrdp
LINT_PACKAGES := clang-format clang-tidy mandoc groff shellcheck

.PHONY: all deps deps-run deps-test deps-clang deps-bench deps-lint build run test soak upgrade bench install sanitize fuzz lint clean
all: build

# $(call install_packages,PACKAGES): only what is missing, so that nobody needs root when all is there; the package lists
# are fetched only when apt does not know a package without them.
define install_packages
@missing=; for package in $(1); do \
  dpkg-query -W -f='$${db:Status-Status}\n' "$$package" 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
done; \
[ -z "$$missing" ] && exit 0; \
sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; command -v sudo >/dev/null || \
  { echo "These packages are missing and sudo is not there; install them as root:$$missing" >&2; exit 1; }; fi; \
apt() { $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq "$$@"; }; \
echo "Installing:$$missing" >&2; \
apt install -y --no-install-recommends $$missing 2>/dev/null || \
  { apt update && apt install -y --no-install-recommends $$missing; }
endef

deps: deps-run
	$(call install_packages,$(TEST_PACKAGES))
deps-run:
	$(call install_packages,$(BUILD_PACKAGES) $(RUN_PACKAGES))
deps-test: deps
deps-clang: deps-run
	$(call install_packages,$(CLANG_PACKAGES))
deps-lint: deps-run
	$(call install_packages,$(LINT_PACKAGES))

build:
	@cmake -B $(BUILD) -G Ninja -S . -DCMAKE_INSTALL_PREFIX=$(PREFIX) >/dev/null
	@cmake --build $(BUILD)

# On a terminal the service gets a process group of its own: Ctrl-C is then for it alone, and make sees it end with 0.
run: deps-run build
	@if [ -t 0 ]; then set -m; setpriv --pdeathsig TERM $(BUILD)/bin/tsctl up; else exec $(BUILD)/bin/tsctl up; fi

test: deps-test build
	@tests/run.sh $(BUILD)

# Some seconds a round, so without the limit that a test has otherwise.
soak: deps-test build
	@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env -u BATS_TEST_TIMEOUT TS_BUILD=$(realpath $(BUILD)) TS_SOAK_ROUNDS=$(SOAK_ROUNDS) TS_KILL_ROUNDS=$(KILL_ROUNDS) TS_CROWD=$(CROWD) \
	    bats tests/e2e/soak.bats tests/e2e/kill_loop.bats tests/e2e/crowd.bats

# The programs of the version before, for sessions that they begin and this version's programs go on with.
PREVIOUS ?= $(shell git describe --tags --abbrev=0 2>/dev/null)
upgrade: deps-test build
	@[ -n "$(PREVIOUS)" ] || { echo "there is no tag to upgrade from: make upgrade PREVIOUS=COMMIT" >&2; exit 2; }
	@rm -rf $(BUILD)/previous && mkdir -p $(BUILD)/previous/source
	@git archive $(PREVIOUS) | tar -x -C $(BUILD)/previous/source
	@cmake -B $(BUILD)/previous/build -G Ninja -S $(BUILD)/previous/source >/dev/null
	@cmake --build $(BUILD)/previous/build
	@DESTDIR=$(realpath $(BUILD))/previous/inst cmake --install $(BUILD)/previous/build --prefix /usr >/dev/null
	@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env TS_BUILD=$(realpath $(BUILD)) TS_PREVIOUS=$(realpath $(BUILD))/previous/inst bats tests/e2e/upgrade.bats

bench: deps-bench build
	@cmake --build $(BUILD) --target bench_tools >/dev/null
	@bench/run.sh $(BUILD) $(BENCH_OPTIONS)

install: build
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null

# The whole of `make test` with clang's address, leak and undefined-behaviour sanitizers and libstdc++'s assertions in every
# program; tests/sanitizers.cc has their options.
sanitize: deps-test deps-clang
	@cmake -B build-sanitize -G Ninja -S . -DTS_SANITIZE=ON -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 >/dev/null
	@cmake --build build-sanitize
	@tests/run.sh build-sanitize

fuzz: deps-clang
	@cmake -B build-fuzz -G Ninja -S . -DTS_FUZZ=ON -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 >/dev/null
	@cmake --build build-fuzz
	@tests/fuzz/run.sh build-fuzz $(FUZZ_SECONDS)

lint: deps-lint
	@git ls-files '*.h' '*.cc' | xargs clang-format --dry-run --Werror
	@git ls-files '*.sh' '.ci/run' | xargs shellcheck -S warning
	@mandoc -Tlint -W warning man/*.[1578]

clean:
	@rm -rf $(BUILD) build-sanitize build-fuzz
