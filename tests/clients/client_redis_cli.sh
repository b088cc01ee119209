#!/bin/bash
# Writes with redis-cli, as shell scripts do: where the master is, is asked
# anew for each write. What is printed: see run.py.
number=0
options=(-"$RESP" --no-auth-warning)
[ -n "$LOGIN_USER" ] && options+=(--user "$LOGIN_USER")
[ -n "$LOGIN_PASSWORD" ] && options+=(--pass "$LOGIN_PASSWORD")
[ -n "$TLS_CA" ] && options+=(--tls --cacert "$TLS_CA" --cert "$TLS_CERT"
    --key "$TLS_KEY")

say() {
    local up
    read -r up _ </proc/uptime
    echo "${up/./}0 $*"
}

# The first supervisor that answers with an address of two lines.
find_master() {
    local port
    for port in $SENTINEL_PORTS; do
        mapfile -t address < <(timeout 1 redis-cli "${options[@]}" -p "$port" \
            SENTINEL GET-MASTER-ADDR-BY-NAME "$GROUP" 2>&1)
        [ "${#address[@]}" -eq 2 ] && return 0
    done
    return 1
}

while sleep 0.05; do
    if ! find_master; then
        say error "${address[0]}"
        continue
    fi
    reply=$(timeout 1 redis-cli "${options[@]}" -h "${address[0]}" \
        -p "${address[1]}" SET "$CLIENT:$number" 1 2>&1)
    if [ "$reply" = OK ]; then
        say ok "$number"
    else
        say error "${reply%%$'\n'*}"
    fi
    number=$((number + 1))
done
