#!/bin/bash
# The simulator's share of `make check`: all scripted cases, then random runs:
# as many from seed 1 on, which are the same for everybody, as from a seed that
# nobody tried before. A failing run prints its own seed; with that,
# `make sim SEED=n` shows it again.
#
#   SIM=build/gcc/sim sim_check.sh [RUNS]      200 if not said
set -u
runs=${1:-200}
fresh=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
passed=0
failed=0

attempt() {
    if ${WRAPPER:-} "$SIM" "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $SIM $*"
    fi
}

attempt tests/sim/cases/*.txt
echo "random runs: seeds 1 to $((runs / 2)), and $((runs / 2)) from $fresh on"
attempt --seed 1 --runs $((runs / 2))
attempt --seed "$fresh" --runs $((runs / 2))
echo "sim: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
