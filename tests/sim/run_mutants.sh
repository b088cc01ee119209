#!/bin/bash
# Breaks the core on purpose and demands that the simulator notices.
#
# Each file in tests/sim/mutants is a patch of a few lines against the core,
# named after the oracle's rule that must break: S5_vote_not_saved.patch. It is
# applied to a copy, the simulator is built there, and scripted cases and random
# seeds are run until that rule is broken. A mutant that survives SEEDS seeds is
# a failure, and so is a patch that no longer applies. A patch may also silence
# a stricter rule that would always speak first.
#
# noticed.txt says which case or seed noticed each mutant last: that is tried
# first, all others only when it is not enough any more. A mutant is not tried
# again while core, simulator, cases and patch are what they were.
#
#   tests/sim/run_mutants.sh [--whole] [--write] [MUTANT...]
#   --whole         search for each, as if nothing were known
#   --write         bring noticed.txt up to date
#   OBJECTS=build/gcc    a finished build of the simulator
#   SEEDS=4000           the patience
#   JOBS=2               mutants at a time; a core each if not said
set -u
cd "$(dirname "$0")/../.." || exit 2
mutants=tests/sim/mutants
noticed=$mutants/noticed.txt
objects=${OBJECTS:-build/gcc}
known=${objects%/*}/mutants
seeds=${SEEDS:-4000}
export OBJECTS=$objects

# What a result depends on, as one number.
key_of() {
    { find sentineld/core include tests/sim -name '*.[ch]' -o -name '*.txt' \
        -path '*/cases/*' | LC_ALL=C sort | xargs cat
      cat Makefile "$objects/flags" "$mutants/$1.patch"; } | sha256sum
}

# The copy has the finished objects too, so that only what a patch touches is
# compiled. It goes without -Werror: a mutant may leave a variable unused.
copy_tree() {
    local built=$scratch/build/${objects##*/}
    mkdir -p "$tree/tests" "$tree/sentineld" "$built/objects/sentineld" \
        "$built/objects/tests"
    cp -a Makefile include "$tree/"
    cp -a sentineld/core "$tree/sentineld/"
    cp -a tests/sim "$tree/tests/"
    cp -a "$objects/objects/sentineld/core" "$built/objects/sentineld/"
    cp -a "$objects/objects/tests/sim" "$built/objects/tests/"
    cp -a "$objects/flags" "$objects/libcore.a" "$objects/sim" "$built/"
}

build() {
    make -s -C "$tree" BUILD="$scratch/build" EXTRA=-Wno-error "$sim" \
        >"$scratch/build.log" 2>&1
}

breaks() {
    grep -q "rule $rule broken"
}

case_breaks() {
    [ -e "tests/sim/cases/$1" ] &&
        timeout 60 "$sim" "tests/sim/cases/$1" 2>&1 | breaks
}

# Which case breaks the rule? Other differences prove nothing.
broken_by_case() {
    local case
    for case in tests/sim/cases/*.txt; do
        if case_breaks "${case##*/}"; then
            echo "case ${case##*/}"
            return 0
        fi
    done
    return 1
}

# Rules that are judged only where a run says so.
rules_wanted() {
    [[ " detached charged readers syncs needless " != *" $rule "* ]] ||
        rules=(--rules "$rule")
}

# Which seed does, of those from the first to the last? A seed that breaks
# another rule is passed over.
broken_by_seed() {
    local seed=$1 last=$2 said at rules=()
    rules_wanted
    while [ "$seed" -le "$last" ]; do
        said=$(timeout 600 "$sim" "${rules[@]}" --from "$seed" \
            --runs $((last - seed + 1)) 2>&1) && return 1
        at=$(sed -nE 's/.*again: make sim SEED=([0-9]+).*/\1/p' <<<"$said" | head -1)
        [ -n "$at" ] || return 1
        if breaks <<<"$said"; then
            echo "seed $at"
            return 0
        fi
        seed=$((at + 1))
    done
    return 1
}

# Does one of the full outages?
broken_by_outage() {
    [ "$rule" = outage ] || return 1
    timeout 60 "$sim" --outages 2>&1 | breaks || return 1
    echo "an outage"
}

# By what noticed it last?
broken_as_known() {
    local name kind which
    read -r name kind which < <(grep "^$1 " "$noticed" 2>/dev/null)
    case ${kind:-} in
    case) case_breaks "$which" && echo "case $which" ;;
    seed) broken_by_seed "$which" "$which" ;;
    *) return 1 ;; # an outage is what is tried first anyhow
    esac
}

# A mutant is red when its rule breaks; prints how it ended.
try_mutant() {
    copy_tree
    patch -s -p1 -d "$tree" <"$mutants/$1.patch" >/dev/null 2>&1 ||
        { echo "does not apply any more"; return 1; }
    build || { echo "does not compile: $(grep -m1 error "$scratch/build.log")"; return 1; }
    [ -n "${WHOLE:-}" ] || ! broken_as_known "$1" || return 0
    broken_by_outage || broken_by_case || broken_by_seed 1 "$seeds" ||
        { echo "SURVIVES $seeds seeds"; return 1; }
}

# One mutant, in a process of its own: its line, and a result for the sum.
one() {
    local name=$1 key how status=0
    key=$(key_of "$name")
    rule=${name%%_*}
    if [ -z "${WHOLE:-}" ] && [ "$(head -n 1 "$known/$name" 2>/dev/null)" = "$key" ]; then
        how=$(tail -n 1 "$known/$name")
        printf '%-32s %s, as before\n' "$name" "$how"
    else
        scratch=$(mktemp -d) || exit 2
        trap 'rm -rf "$scratch"' EXIT
        tree=$scratch/tree
        sim=$scratch/build/${objects##*/}/sim
        how=$(try_mutant "$name") || status=1
        printf '%-32s %s\n' "$name" "$how"
    fi
    if [ "$status" -eq 0 ]; then
        printf '%s\n%s\n' "$key" "$how" >"$known/$name"
        echo "$name $how" >>"$RESULTS/noticed"
    else
        echo "$name $how" >>"$RESULTS/not"
    fi
}

# The lines of those that were tried, and of all others as they were.
write_noticed() {
    local name
    for name in "${all[@]}"; do
        grep -h "^$name " "$RESULTS/noticed" "$noticed" 2>/dev/null | head -n 1
    done >"$RESULTS/new"
    cp "$RESULTS/new" "$noticed"
}

if [ "${1:-}" = --one ]; then
    one "$2"
    exit
fi
write=
while [[ ${1:-} == --* ]]; do
    case $1 in
    --whole) export WHOLE=1 ;;
    --write) write=1 ;;
    esac
    shift
done
[ -x "$objects/sim" ] || { echo "no $objects/sim: run 'make mutants'" >&2; exit 2; }
mkdir -p "$known"
RESULTS=$(mktemp -d) || exit 2
export RESULTS
trap 'rm -rf "$RESULTS"' EXIT
touch "$RESULTS/noticed" "$RESULTS/not"
all=("$mutants"/*.patch)
all=("${all[@]##*/}")
all=("${all[@]%.patch}")
chosen=("$@")
[ $# -gt 0 ] || chosen=("${all[@]}")
printf '%s\n' "${chosen[@]}" | xargs -P "${JOBS:-$(nproc)}" -n 1 "$0" --one
[ -z "$write" ] || write_noticed
echo "mutants: $(wc -l <"$RESULTS/noticed") noticed, $(wc -l <"$RESULTS/not") not"
[ "$(wc -l <"$RESULTS/noticed")" -eq ${#chosen[@]} ]
