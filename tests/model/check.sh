#!/usr/bin/env bash
# The agreement in spin: as it is built it must hold, and each mutated one must
# fail. Needs spin and gcc (make deps-dev). A minute; LONG=1
# adds a third epoch, which takes 3 GB.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
STORE=-DCOLLAPSE

# Each step names the function that it mirrors: is there one?
check_names() {
    local name
    for name in $(grep '^/\*' "$here/commit.pml" | grep -o '[a-z]*_[a-z_]*' |
        sort -u); do
        grep -Eq "\b$name\(" "$here"/../../sentineld/core/*/*.c && continue
        echo "model: no function $name in sentineld/core" >&2
        failed=$((failed + 1))
    done
}

# check NAME holds|fails FLAG...; STORE says how states are kept.
check() {
    local name=$1 wanted=$2 said errors states found=holds
    shift 2
    cd "$work" || exit 2
    spin -a "$@" "$here/commit.pml" >spin.log 2>&1 &&
        gcc -O2 -DSAFETY -DNOFAIR -DMEMLIM=8000 "$STORE" -o pan pan.c \
            2>gcc.log || { cat spin.log gcc.log >&2; exit 2; }
    said=$(timeout 900 ./pan -m10000 -w26 2>&1)
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' <<<"$said")
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' <<<"$said" |
        head -1)
    [ "$errors" = 0 ] || found=fails
    if [ -z "$errors" ] || grep -Eq "out of memory|max search depth too small|Search not completed" <<<"$said" &&
        [ "$found" = holds ]; then
        found="not searched to the end"
    fi
    printf '%-52s %s, %s states\n' "$name" "$found" "${states:-no}"
    if [ "$found" = "$wanted" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  it should: $wanted"
    fi
}

command -v spin >/dev/null || {
    echo "model: spin is not installed; make deps-dev" >&2
    exit 2
}
check_names
check "as built" holds
check "with a redis-sentinel, which is told last" holds -DRS=2
check "a promotion is told, and told again" fails -DCOVER=6
check "votes show nothing" fails -DCARRY=0
check "told before it is committed" fails -DTELLFIRST=1
check "orders of an earlier epoch arrive late" fails -DBOUND=0
check "told when the votes have run out" fails -DTELLLEASE=0
check "a vote that ran out is given again" fails -DREVIVE=1
check "a redis-sentinel counts for the commit" fails -DRS=1 -DP4=0
# What one alone keeps, newer than what is committed: three epochs.
check "what never was committed hides what was" fails -DE=3 -DSC=0 \
    -DBELOW=0
# A known gap: who learns late tells of a server without asking it first.
check "a member that learns late tells of masters only" fails -DMTELL=1
if [ -n "${LONG:-}" ]; then
    STORE=-DHC4 # all of them, but for some that have one hash
    check "three epochs, no server crashes" holds -DE=3 -DSC=0
fi
echo "model: $passed as they should be, $failed not"
[ "$failed" -eq 0 ]
