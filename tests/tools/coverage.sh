#!/bin/bash
# Lines and branches that ran, for each source file, as gcov counts them.
#
#   coverage.sh build/gcc-coverage sentineld/core/a.c ...
set -eu
build=$1
shift

for source in "$@"; do
    gcov -b -n -o "$build/objects/$(dirname "$source")" \
        "$build/objects/${source%.c}.gcda" 2>/dev/null |
        awk -v source="$source" '
            $1 == "File" { wanted = index($0, "\x27" source "\x27") }
            wanted && /^Lines executed/ { lines = $2 " of " $4 }
            wanted && /^Taken at least once/ { branches = $4 " of " $6 }
            END {
                gsub("executed:", "", lines); gsub("once:", "", branches)
                printf "%-32s lines %-16s branches %s\n", source, lines,
                    branches
            }'
done
