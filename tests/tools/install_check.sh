#!/bin/bash
# `make install` and `make uninstall` into a scratch folder: what is there, what
# it says, and that only the configuration stays. MAKE is how to call make.
set -u
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

complain() {
    echo "install: $*"
    failed=$((failed + 1))
}

run() {
    "${MAKE:-make}" -s --no-print-directory "$1" "DESTDIR=$scratch" \
        PREFIX=/usr SYSCONFDIR=/etc >"$scratch/log" 2>&1 ||
        { cat "$scratch/log"; complain "make $1 failed"; }
    rm -f "$scratch/log"
}

files() {
    (cd "$scratch" && find . -type f -o -type l | LC_ALL=C sort)
}

expected="./etc/sentineld.conf
./usr/bin/sentineld
./usr/lib/systemd/system/sentineld.service
./usr/lib/sysusers.d/sentineld.conf
./usr/share/bash-completion/completions/sentineld
./usr/share/doc/sentineld/sentineld.logrotate
./usr/share/man/man5/sentineld.conf.5
./usr/share/man/man8/sentineld.8
./usr/share/zsh/site-functions/_sentineld"

run install
[ "$(files)" = "$expected" ] || complain "not the files that belong there:
$(diff <(echo "$expected") <(files))"
grep -q '^ExecStart=/usr/bin/sentineld -c /etc/sentineld.conf$' \
    "$scratch/usr/lib/systemd/system/sentineld.service" ||
    complain "the unit has other paths"
said=$("$scratch/usr/bin/sentineld" --version)
[[ $said == "sentineld "*" ($(tests/tools/commit.sh))" ]] ||
    complain "--version says: $said"
for option in $("$scratch/usr/bin/sentineld" --help |
    grep -oE -- '--(check|import|export-sentinel-conf|version|help)' | sort -u); do
    grep -q -e "$option" conf/completion/sentineld.bash &&
        grep -q -e "$option" conf/completion/_sentineld ||
        complain "no completion of $option"
done
echo "# mine" >>"$scratch/etc/sentineld.conf"
run install
grep -q '^# mine$' "$scratch/etc/sentineld.conf" ||
    complain "the second install has replaced the configuration"
run uninstall
[ "$(files)" = "./etc/sentineld.conf" ] || complain "uninstall leaves:
$(files)"
echo "install check: $failed complaints"
[ "$failed" -eq 0 ]
