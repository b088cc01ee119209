#!/bin/bash
# Runs cmocka programs one after the other: a line for each, the output of
# those that failed, and a sum at the end.
#
#   run_tests.sh SUITE PROGRAM...
#
# WRAPPER is put in front of each program (valgrind). A program that dies
# before its own summary counts as one failed test.
set -u
suite=$1
shift
limit_s=${TEST_LIMIT_S:-300}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
all_passed=0
all_failed=0

# Sum of cmocka's "[  PASSED  ] 3 test(s)." lines.
count() {
    awk -v word="$1" '$0 ~ "^\\[ +" word " +\\] [0-9]+ test" {
        sub(/^[^]]*\] /, ""); sum += $1 } END { print sum + 0 }' "$output"
}

for program in "$@"; do
    name=$(basename "$program")
    begin=$(date +%s%N)
    # shellcheck disable=SC2086
    timeout -k 5 "$limit_s" ${WRAPPER:-} "$program" >"$output" 2>&1
    status=$?
    took_ms=$((($(date +%s%N) - begin) / 1000000))
    passed=$(count PASSED)
    failed=$(count FAILED)
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    all_passed=$((all_passed + passed))
    all_failed=$((all_failed + failed))
    printf '  %-28s %4d passed %3d failed %6d ms\n' "$name" "$passed" \
        "$failed" "$took_ms"
    if [ "$status" -ne 0 ]; then
        echo "--- $name, exit status $status:"
        grep -v '^\[ RUN      \]\|^\[       OK \]' "$output"
        echo "---"
    fi
done
echo "$suite: $all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ]
