#!/bin/bash
# Installs what is missing to build and test (on Debian and Ubuntu), and
# nothing else. Anywhere else it prints what to install.
#
#   deps.sh build    compilers, libraries, Redis for the tests; tools that
#                    some cases try, which are skipped where they are not
#   deps.sh dev      clang, and the tools that format and examine the sources; spin
#
# Debian's redis packages start their services when they are installed. The
# tests bring their own servers on ports of their own, so a fresh install is
# kept from starting any; what already runs on this machine is left alone.
set -euo pipefail

build_packages="gcc libc6-dev make patch pkg-config libev-dev libhiredis-dev
    libconfig-dev libssl-dev libsqlite3-dev libc-ares-dev uthash-dev
    libcmocka-dev redis-server redis-sentinel redis-tools python3 python3-redis
    valgrind iproute2"
tool_packages="haproxy prometheus-redis-exporter"
dev_packages="clang clang-format clang-tidy cppcheck libclang-rt-14-dev spin"
policy=/usr/sbin/policy-rc.d

say() {
    echo "deps: $*"
}

missing_of() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null |
            grep -q '^installed$' || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Exit status 101 tells Debian's package scripts to start nothing.
forbid_services() {
    if [ -e "$policy" ]; then
        return
    fi
    say "no service is started by this: $policy forbids it meanwhile"
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

# They would otherwise come up with the next boot.
disable_fresh_services() {
    local package
    command -v systemctl >/dev/null || return 0
    for package in "$@"; do
        case $package in
        redis-server | redis-sentinel | haproxy | prometheus-redis-exporter)
            say "systemctl disable $package (it was not here before)"
            as_root systemctl --quiet disable "$package" || true
            ;;
        esac
    done
}

install_with_apt() {
    say "missing: $*"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        say "neither root nor sudo: please run, as root:"
        echo "    apt-get install --no-install-recommends $*"
        exit 1
    fi
    forbid_services
    say "apt-get update"
    as_root apt-get -qq update || return 1
    say "apt-get install --no-install-recommends $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" || return 1
    disable_fresh_services "$@"
}

# Nothing depends on these, so not being able to have one is no failure.
install_tools() {
    local package
    # shellcheck disable=SC2086
    for package in $(missing_of $tool_packages); do
        (install_with_apt "$package") ||
            say "without $package, the cases that try it are skipped"
    done
}

case ${1:-build} in
build) packages=$build_packages ;;
dev) packages=$dev_packages ;;
*)
    echo "usage: deps.sh build|dev" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "not Debian or Ubuntu; please install what these packages hold:"
    # shellcheck disable=SC2086
    printf '    %s\n' $packages
    say "then go on with: make -o deps check (or demo)"
    exit 1
fi
# shellcheck disable=SC2086
missing=$(missing_of $packages)
if [ -z "$missing" ]; then
    say "nothing is missing"
else
    # shellcheck disable=SC2086
    install_with_apt $missing
fi
[ "${1:-build}" != build ] || install_tools
say "done"
