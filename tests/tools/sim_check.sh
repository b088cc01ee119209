#!/bin/bash
# The simulator's share of `make check`: all scripted cases, then random runs:
# as many from seed 1 on, which are the same for everybody, as from a seed that
# nobody tried before. A failing run prints its own seed; with that,
# `make sim SEED=n` shows it again.
#
#   SIM=build/gcc/sim sim_check.sh [RUNS]      200 if not said
#
# A seed that found a bug joins the list below with the fix. Another core draws
# otherwise, so it may find nothing later; it costs milliseconds.
#
# A case counts as one test, and so does each lot of runs: two of random ones,
# those that found something, two of full outages.
set -u
runs=${1:-200}
found="1179 20467 301214 303583 304118 304687 603095 \
    822045 18147028 40026 1194719 1402211 18140977 90456 92995 \
    1610780 1620942"
fresh=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

run_cases() {
    local right all
    if "$SIM" tests/sim/cases/*.txt >"$output" 2>&1; then
        grep '^sim:' "$output"
    else
        cat "$output"
    fi
    read -r right all < <(sed -nE \
        's/^sim: ([0-9]+) of ([0-9]+) cases.*/\1 \2/p' "$output")
    # No such line: it died, in a case that it names.
    passed=$((passed + ${right:-0}))
    failed=$((failed + ${all:-1} - ${right:-0}))
}

run_seeds() {
    if "$SIM" --runs $((runs / 2)) --from "$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

run_found() {
    local seed
    for seed in $found; do
        "$SIM" --runs 1 --from "$seed" >"$output" 2>&1 && continue
        cat "$output"
        failed=$((failed + 1))
        return
    done
    echo "sim: the seeds that found something: $found"
    passed=$((passed + 1))
}

# Full outages, all of them: what else is drawn, from the same two seeds.
run_outages() {
    if "$SIM" --outages --seed "$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

run_cases
run_seeds 1
run_seeds "$fresh"
run_found
run_outages 1
run_outages "$fresh"
echo "sim: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
