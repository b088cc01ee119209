#!/bin/bash
# Breaks the core on purpose and demands that the simulator notices.
#
# Each file in tests/sim/mutants is a patch of a few lines against the core,
# named after the oracle's rule that must break: S5_vote_not_saved.patch. It is
# applied to a scratch copy, the simulator is built there, and the scripted
# cases and random seeds are run until that rule is broken. A mutant that
# survives SEEDS seeds is a failure, and so is a patch that no longer applies.
# A patch may also silence a stricter rule that would always speak first.
#
#   tests/sim/run_mutants.sh [MUTANT...]      names without path and suffix
#   SEEDS=4000                                the patience
set -u
cd "$(dirname "$0")/../.." || exit 2
seeds=${SEEDS:-4000}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
sim=$scratch/build/gcc/sim
mkdir -p "$tree/tests" "$tree/sentineld"
cp -r Makefile include "$tree/"
cp -r sentineld/core "$tree/sentineld/"
cp -r tests/sim "$tree/tests/"
cp -r "$tree" "$scratch/whole"

build() {
    make -s -C "$tree" CC=gcc BUILD="$scratch/build" "$sim" \
        >"$scratch/build.log" 2>&1
}

# Puts the sources back as they were; only what was patched gets a new date.
restore() {
    local file
    while read -r file; do
        cmp -s "$scratch/whole/$file" "$tree/$file" ||
            cp "$scratch/whole/$file" "$tree/$file"
    done < <(cd "$scratch/whole" && find . -name '*.[ch]')
    find "$tree" -name '*.orig' -delete -o -name '*.rej' -delete
}

# Which case breaks the rule? Other differences prove nothing.
broken_by_case() {
    local case
    for case in tests/sim/cases/*.txt; do
        if timeout 60 "$sim" "$case" 2>&1 | grep -q "rule $1 broken"; then
            echo "case ${case##*/}"
            return 0
        fi
    done
    return 1
}

# Which seed does? A seed that breaks another rule is passed over.
broken_by_seed() {
    local seed=1 said at rules=()
    [[ " detached charged readers syncs needless " != *" $1 "* ]] ||
        rules=(--rules "$1")
    while [ "$seed" -le "$seeds" ]; do
        said=$(timeout 600 "$sim" "${rules[@]}" --from "$seed" --runs $((seeds - seed + 1)) 2>&1) &&
            return 1
        at=$(sed -nE 's/.*again: make sim SEED=([0-9]+).*/\1/p' <<<"$said" | head -1)
        [ -n "$at" ] || return 1
        if grep -q "rule $1 broken" <<<"$said"; then
            echo "seed $at"
            return 0
        fi
        seed=$((at + 1))
    done
    return 1
}

# Does one of the full outages?
broken_by_outage() {
    [ "$1" = outage ] || return 1
    timeout 60 "$sim" --outages 2>&1 | grep -q "rule $1 broken" || return 1
    echo "an outage"
}

# A mutant is red when its rule breaks; prints how it ended.
try_mutant() {
    local patch=$1 rule=$2
    patch -s -p1 -d "$tree" <"$patch" >/dev/null 2>&1 ||
        { echo "does not apply any more"; return 1; }
    build || { echo "does not compile: $(grep -m1 error "$scratch/build.log")"; return 1; }
    broken_by_outage "$rule" && return 0
    broken_by_case "$rule" && return 0
    broken_by_seed "$rule" && return 0
    echo "SURVIVES $seeds seeds"
    return 1
}

build || { cat "$scratch/build.log" >&2; exit 2; }
killed=0
failed=0
for patch in tests/sim/mutants/*.patch; do
    name=$(basename "$patch" .patch)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    if how=$(try_mutant "$patch" "${name%%_*}"); then
        killed=$((killed + 1))
    else
        failed=$((failed + 1))
    fi
    printf '%-32s %s\n' "$name" "$how"
    restore
done
echo "mutants: $killed noticed, $failed not"
[ "$failed" -eq 0 ]
