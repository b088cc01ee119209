#!/bin/bash
# What do the objects call? The compiler's answer, not the eye's.
#
#   purity_check.sh FOLDER       FOLDER/{core,proto,io}/*.o, plain builds, and
#                                the same one folder deeper: rooms
#   purity_check.sh --self-test  plants violations and demands red
#
# Core and proto may call what allowed_symbols says and each other, downwards
# only; they may not hold variables either (nothing in .data or .bss), because
# a variable is a state that no test can see. No object at all may call what is
# in forbidden_symbols. The objects must be built without fortification,
# inlining or builtins, so that a call in the source is a symbol of that name.
set -euo pipefail
tools=$(cd "$(dirname "$0")" && pwd)
problems=0

complain() {
    echo "purity: $*"
    problems=$((problems + 1))
}

lines_of() {
    sed 's/#.*//; /^[[:space:]]*$/d' "$1"
}

undefined_in() {
    nm -u "$1" | awk '{ print $NF }'
}

defined_in() {
    [ $# -eq 0 ] || nm --defined-only "$@" | awk 'NF == 3 { print $3 }'
}

# is_allowed LAYER FILE SYMBOL
is_allowed() {
    local who pattern
    while read -r who pattern; do
        # shellcheck disable=SC2053
        [[ $3 == $pattern ]] || continue
        case $who in
        core | "$1") return 0 ;;
        "$1"/*/) [[ $2 == "${who#*/}"* ]] && return 0 ;;
        "$1"/*) [[ $2 == "${who#*/}" || $2 == "${who#*/}"_* ]] && return 0 ;;
        esac
    done < <(lines_of "$tools/allowed_symbols")
    return 1
}

# check_calls LAYER OBJECT OWN_SYMBOLS
check_calls() {
    local name symbol
    name=${2##*/"$1"/}
    name=${name%.o}
    while read -r symbol; do
        if grep -qx "$symbol" <<<"$3"; then
            case $1/$symbol in
            proto/core_record | proto/core_settle)
                complain "proto/$name calls $symbol: proto decides nothing"
                ;;
            esac
        elif ! is_allowed "$1" "$name" "$symbol"; then
            complain "$1/$name calls $symbol, not in allowed_symbols"
        fi
    done < <(undefined_in "$2")
}

check_variables() {
    local name symbol
    name=$(basename "$2" .o)
    while read -r symbol; do
        complain "$1/$name has a variable that can change: $symbol"
    done < <(nm "$2" | awk '$2 ~ /^[dDbBC]$/ { print $3 }')
}

check_forbidden() {
    local name symbol
    name=$(basename "$(dirname "$1")")/$(basename "$1" .o)
    while read -r symbol; do
        if lines_of "$tools/forbidden_symbols" | grep -qx "$symbol"; then
            complain "$name calls $symbol, in forbidden_symbols"
        fi
    done < <(undefined_in "$1")
}

check_folder() {
    local object core_symbols proto_symbols count=0
    shopt -s nullglob
    local core=("$1"/core/*.o "$1"/core/*/*.o)
    local proto=("$1"/proto/*.o "$1"/proto/*/*.o)
    core_symbols=$(defined_in "${core[@]}")
    proto_symbols=$(defined_in "${core[@]}" "${proto[@]}")
    for object in "${core[@]}"; do
        check_calls core "$object" "$core_symbols"
        check_variables core "$object"
    done
    for object in "${proto[@]}"; do
        check_calls proto "$object" "$proto_symbols"
        check_variables proto "$object"
    done
    for object in "${core[@]}" "${proto[@]}" "$1"/io/*.o "$1"/io/*/*.o; do
        check_forbidden "$object"
        count=$((count + 1))
    done
    echo "purity check: $count objects, $problems complaints"
    [ "$problems" -eq 0 ]
}

# compile OBJECT C-LINES
compile() {
    gcc -w -x c -O1 -fno-inline -fno-builtin -fno-pie -fno-stack-protector \
        -U_FORTIFY_SOURCE -c -o "$1" - <<<"$2"
}

# plant VERDICT PLACE C-LINES: does a small core with this object pass?
plant() {
    local scratch verdict=pass
    scratch=$(mktemp -d)
    mkdir -p "$scratch"/{core,proto/{config,resp,text},io}
    compile "$scratch/core/core.o" 'int core_settle(void) { return 1; }
        int model_find(void) { return 2; }'
    compile "$scratch/$2.o" "$3"
    (check_folder "$scratch") >/dev/null || verdict=fail
    rm -rf "$scratch"
    plants=$((plants + 1))
    if [ "$verdict" != "$1" ]; then
        complain "self-test: '$3' in $2 should $1"
    fi
}

self_test() {
    plants=0
    plant pass core/a 'int f(void) { return 1; }'
    plant pass core/a '#include <string.h>
        int f(const char *s) { return (int)strlen(s); }'
    plant fail core/a '#include <time.h>
        long f(void) { return (long)time(0); }'
    plant fail core/a '#include <stdlib.h>
        int f(void) { return rand(); }'
    plant fail core/a '#include <stdlib.h>
        char *f(void) { return getenv("HOME"); }'
    plant fail core/a '#include <stdio.h>
        void f(void) { printf("x"); }'
    plant fail core/a 'static int n; int f(void) { return ++n; }'
    plant fail core/a 'int n = 3;'
    plant pass core/a 'static const char *const names[] = { "a", "b" };
        const char *f(int i) { return names[i]; }'
    plant fail core/a 'int resp_status(void); int f(void) {
        return resp_status(); }'
    plant pass proto/a 'int model_find(void); int f(void) {
        return model_find(); }'
    plant fail proto/a 'int core_settle(void); int f(void) {
        return core_settle(); }'
    plant pass proto/resp/resp 'void redisReaderFree(void *); void f(void *r) {
        redisReaderFree(r); }'
    plant pass proto/resp/resp_read 'void redisReaderFree(void *); void f(void *r) {
        redisReaderFree(r); }'
    plant pass proto/config/a 'int config_init(void *); int f(void *c) {
        return config_init(c); }'
    plant fail proto/a 'int config_init(void *); int f(void *c) {
        return config_init(c); }'
    plant fail proto/config/a '#include <time.h>
        long f(void) { return (long)time(0); }'
    plant fail proto/config/a 'static int n; int f(void) { return ++n; }'
    plant fail proto/text/response 'void redisReaderFree(void *); void f(void *r) {
        redisReaderFree(r); }'
    plant fail core/resp 'void redisReaderFree(void *); void f(void *r) {
        redisReaderFree(r); }'
    local banned
    for banned in $(lines_of "$tools/forbidden_symbols"); do
        plant fail io/a "int $banned(); int f(char *s) {
            return $banned(s, s); }"
    done
    plant fail io/a '#include <stdlib.h>
        int f(const char *s) { return atoi(s); }'
    plant pass io/a '#include <time.h>
        long f(void) { return (long)time(0); }'
    echo "purity check, self-test: $plants plants, $problems judged wrongly"
    [ "$problems" -eq 0 ]
}

case ${1:?usage: purity_check.sh FOLDER or --self-test} in
--self-test) self_test ;;
*) check_folder "$1" ;;
esac
