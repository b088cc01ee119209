#!/bin/bash
# Runs each parser's replay program over the inputs that once made trouble.
#
#   replay.sh build/gcc/fuzz/replay_resp ...
#
# replay_<target> takes files and hands each one to the fuzz target; it dies
# when the parser does.
set -u
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT
shopt -s nullglob

for program in "$@"; do
    target=${program##*/replay_}
    inputs=(tests/fuzz/corpus/"$target"/*)
    if timeout 120 "$program" "${inputs[@]}" >"$output" 2>&1; then
        passed=$((passed + 1))
        echo "  $target: ${#inputs[@]} inputs"
    else
        failed=$((failed + 1))
        echo "  $target: failed, status $?"
        cat "$output"
    fi
done
echo "replay: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
