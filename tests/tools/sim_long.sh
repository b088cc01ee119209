#!/bin/bash
# Random runs from seeds that nobody tried before, on all cores, for some time.
# A run that breaks a rule is shrunk: its seed is printed, and a case as small
# as may be, which is kept in the folder of what was built.
#
#   SIM=build/gcc/sim sim_long.sh SECONDS [--strict]
set -u
seconds=${1:?how many seconds?}
shift
folder=$(dirname "$SIM")/found
cores=$(nproc)
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
end=$(($(date +%s) + seconds))

# One core's share; after a broken run it goes on behind that.
run_core() {
    local from left at
    from=$(($(od -An -N4 -tu4 /dev/urandom) * 100000))
    while left=$((end - $(date +%s))); [ "$left" -gt 0 ]; do
        "$SIM" "${@:2}" --time "$left" --from "$from" \
            >"$scratch/out.$1" 2>"$scratch/err.$1"
        cat "$scratch/out.$1" >>"$scratch/all.$1"
        at=$(sed -nE 's/^in seed ([0-9]+);.*/\1/p' "$scratch/err.$1" | head -1)
        [ -n "$at" ] || break
        head -1 "$scratch/err.$1"
        "$SIM" "${@:2}" --seed "$at" --shrink "$folder/$at.txt" &&
            sed 's/^/    /' "$folder/$at.txt"
        echo "$at" >>"$scratch/broken"
        from=$((at + 1))
    done
}

for core in $(seq "$cores"); do
    run_core "$core" "$@" &
done
wait
cat "$scratch"/all.* | awk '
    / runs, / { runs += $2; for (i = 1; i < NF; i++) {
        if ($(i + 1) == "hours") hours += $i
        if ($(i + 1) == "promotions") promotions += $i } }
    END { printf "sim-long: %d runs, %.1f hours of pool life, %d promotions\n",
          runs, hours, promotions }'
broken=$(cat "$scratch/broken" 2>/dev/null | wc -l)
echo "sim-long: $broken runs broke a rule"
[ "$broken" -eq 0 ] || echo "sim-long: their cases are in $folder"
[ "$broken" -eq 0 ]
