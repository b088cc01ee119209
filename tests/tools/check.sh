#!/bin/bash
# What `make check` (short) and `make check-all` (long) do: every stage in turn,
# also after one has failed, each with its time; then the sum over all of them
# as the last line, alone:
#
#   check.sh short|long
#
#   412 passed, 0 failed
#
# A stage that says "... N passed, N failed" counts with those numbers, any
# other as one test. MAKE is how to call make.
set -u
passed=0
failed=0
skipped=0
failed_stages=
log=$(mktemp)
trap 'rm -f "$log"' EXIT
begin=$SECONDS

# number_before WORD: from the last summary line of the stage's output.
number_before() {
    sed -nE "s/^(.*[^0-9])?([0-9]+) $1.*/\2/p" <<<"$summary"
}

# stage NAME MAKE-ARGUMENTS...
stage() {
    local name=$1 summary status stage_begin=$SECONDS
    shift
    echo "== $name"
    "$MAKE" --no-print-directory "$@" 2>&1 | tee "$log" | sed -u 's/^/   /'
    status=${PIPESTATUS[0]}
    summary=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        summary="$((status == 0)) passed, $((status != 0)) failed"
    elif [ "$status" -ne 0 ] && [ "$(number_before failed)" -eq 0 ]; then
        summary="$(number_before passed) passed, 1 failed"
    fi
    passed=$((passed + $(number_before passed)))
    failed=$((failed + $(number_before failed)))
    stage_skipped=$(number_before skipped)
    skipped=$((skipped + ${stage_skipped:-0}))
    if [ "$status" -ne 0 ]; then
        failed_stages="$failed_stages $name"
    fi
    echo "   ($((SECONDS - stage_begin)) s)"
    return "$status"
}

finish() {
    if [ -n "$failed_stages" ]; then
        echo "failed:$failed_stages"
    fi
    if [ "$skipped" -ne 0 ]; then
        echo "skipped: $skipped"
    fi
    echo "in $((SECONDS - begin)) s:"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

short() {
    stage build "-j$(nproc)" all tests purity-objects || finish
    stage layers layers
    stage purity purity
    stage generated generated-check
    if command -v clang-format >/dev/null; then
        stage format format-check
    fi
    stage install install-check
    stage unit unit
    stage replay replay
    stage sim sim-check
    stage mutants mutants
    stage e2e e2e
}

# What sees more and takes longer. The build of each variant comes first, so
# that it has all processors.
long() {
    local san
    stage build "-j$(nproc)" all tests || finish
    stage mutants-whole mutants-whole
    san=address,undefined
    stage "$san" "-j$(nproc)" "SAN=$san" all tests &&
        stage "$san unit replay sim" "SAN=$san" unit replay sim-check
    stage thread "-j$(nproc)" SAN=thread all tests &&
        stage "thread unit" SAN=thread unit
    stage "valgrind unit" valgrind-unit
}

case ${1:-short} in
short | long) "${1:-short}" ;;
*)
    echo "usage: check.sh short|long" >&2
    exit 2
    ;;
esac
finish
