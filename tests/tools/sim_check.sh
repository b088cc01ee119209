#!/bin/bash
# The simulator's share of `make check`: all scripted cases, then random runs
# from fixed seeds, the same for everybody: a failure here is never chance.
# Seeds that nobody tried before are for `make sim-long`. A failing run prints
# its own seed; with that, `make sim SEED=n` shows it again.
#
#   SIM=build/gcc/sim sim_check.sh [RUNS]      400 if not said
#
# What a seed once found is kept as a case, which means the same for ever.
#
# A case counts as one test, and so does each lot of runs: two of random ones,
# two of full outages.
set -u
runs=${1:-400}
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

# Full outages, all of them; what else is drawn is by the seed.
run_outages() {
    if "$SIM" --outages --seed "$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

run_cases
run_seeds 1
run_seeds 1000000
run_outages 1
run_outages 1000000
echo "sim: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
