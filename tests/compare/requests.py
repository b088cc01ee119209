"""What is asked of both, and how a reply is read.

A request is (words, reader): `reader` makes a tree of names out of what is
flat on the wire. {master} and {replica} stand for the servers' ports."""

import replies

# Readers by the beginning of the request; the first that fits counts.
READERS = (
    ("INFO", replies.as_info),
    ("CLIENT LIST", replies.as_clients), ("CLIENT INFO", replies.as_clients),
    ("CLIENT TRACKINGINFO", replies.as_map), ("HELLO", replies.as_map),
    ("COMMAND DOCS", replies.as_docs), ("COMMAND INFO", replies.by_name),
    ("COMMAND LIST", replies.unordered), ("CLIENT HELP", replies.as_usage),
    ("COMMAND HELP", replies.as_usage), ("SENTINEL HELP", replies.as_usage),
    ("ACL HELP", replies.as_usage), ("ACL LOG", replies.as_rows),
    ("SENTINEL MASTERS", replies.as_rows), ("SENTINEL MASTER ",
                                            replies.as_map),
    ("SENTINEL REPLICAS", replies.as_rows), ("SENTINEL SLAVES",
                                             replies.as_rows),
    ("SENTINEL SENTINELS", replies.as_rows),
    ("SENTINEL CONFIG GET", replies.as_map),
)


def reader_of(request):
    if request == "SENTINEL DEBUG":
        return replies.as_map
    if request == "COMMAND":
        return replies.by_name
    for beginning, reader in READERS:
        if request.startswith(beginning):
            return reader
    return lambda tree: tree


REQUESTS = """
PING
PING text
PING a b
ECHO text
SELECT 0
GET a
ROLE
ROLE x
HELLO
HELLO 2
HELLO 3
HELLO 4
HELLO x
HELLO 2 FOO
HELLO 2 SETNAME
HELLO 2 AUTH joe x
HELLO 2 AUTH default x
HELLO 2 SETNAME me
HELLO 2 SETNAME a\tb
INFO
INFO everything
INFO server clients
INFO nosuch
INFO Sentinel
PUBLISH other x
PUBLISH __sentinel__:hello nonsense
SHUTDOWN ABORT
SHUTDOWN FOO
SHUTDOWN SAVE NOSAVE
SUBSCRIBE a
PSUBSCRIBE b*
UNSUBSCRIBE a
UNSUBSCRIBE
PUNSUBSCRIBE
PUNSUBSCRIBE x
CLIENT ID
CLIENT GETNAME
CLIENT SETNAME me
CLIENT GETNAME
CLIENT SETNAME a\tb
CLIENT SETINFO LIB-NAME x
CLIENT INFO
CLIENT LIST
CLIENT LIST TYPE normal
CLIENT LIST TYPE pubsub
CLIENT LIST TYPE foo
CLIENT LIST ID
CLIENT LIST ID x
CLIENT LIST FOO
CLIENT KILL 1.2.3.4:5
CLIENT KILL ID 0
CLIENT KILL ID 99999
CLIENT KILL TYPE foo
CLIENT KILL TYPE replica
CLIENT KILL USER nobody
CLIENT KILL SKIPME maybe
CLIENT KILL FOO bar
CLIENT KILL ID 1 ADDR
CLIENT KILL LADDR 1.2.3.4:5
CLIENT REPLY ON
CLIENT REPLY foo
CLIENT NO-EVICT on
CLIENT NO-EVICT foo
CLIENT NO-EVICT off
CLIENT NO-TOUCH on
CLIENT PAUSE x
CLIENT PAUSE 1 foo
CLIENT PAUSE -1
CLIENT PAUSE 0
CLIENT UNPAUSE
CLIENT UNBLOCK 1
CLIENT UNBLOCK x
CLIENT UNBLOCK 1 foo
CLIENT TRACKINGINFO
CLIENT TRACKING ON OPTIN
CLIENT TRACKINGINFO
CLIENT GETREDIR
CLIENT CACHING YES
CLIENT CACHING NO
CLIENT CACHING maybe
CLIENT TRACKING ON OPTOUT
CLIENT TRACKING ON BCAST
CLIENT TRACKING OFF
CLIENT CACHING YES
CLIENT TRACKING ON OPTIN OPTOUT
CLIENT TRACKING ON BCAST OPTIN
CLIENT TRACKING ON REDIRECT 99999
CLIENT TRACKING ON REDIRECT x
CLIENT TRACKING ON PREFIX a
CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
CLIENT TRACKING ON BCAST PREFIX a PREFIX b NOLOOP
CLIENT TRACKINGINFO
CLIENT TRACKING OFF
CLIENT TRACKING FOO
CLIENT GETREDIR
CLIENT HELP
CLIENT FOO
COMMAND
COMMAND COUNT
COMMAND LIST
COMMAND LIST FILTERBY ACLCAT pubsub
COMMAND LIST FILTERBY ACLCAT dangerous
COMMAND LIST FILTERBY PATTERN s*
COMMAND LIST FILTERBY MODULE x
COMMAND LIST FILTERBY FOO x
COMMAND LIST FOO
COMMAND INFO ping nosuch client|kill
COMMAND INFO
COMMAND DOCS
COMMAND DOCS ping nosuch client|list
COMMAND GETKEYS ping a
COMMAND GETKEYS nosuch a
COMMAND GETKEYSANDFLAGS ping a
COMMAND HELP
COMMAND FOO
SENTINEL HELP
SENTINEL FOO
SENTINEL MYID
SENTINEL MASTERS
SENTINEL MASTER mymaster
SENTINEL MASTER nobody
SENTINEL REPLICAS mymaster
SENTINEL REPLICAS nobody
SENTINEL SLAVES mymaster
SENTINEL SENTINELS mymaster
SENTINEL SENTINELS nobody
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL GET-MASTER-ADDR-BY-NAME nobody
SENTINEL CKQUORUM mymaster
SENTINEL CKQUORUM nobody
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {master} 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 x 0 *
SENTINEL INFO-CACHE nobody
SENTINEL INFO-CACHE mymaster
SENTINEL PENDING-SCRIPTS
SENTINEL FLUSHCONFIG
SENTINEL FAILOVER nobody
SENTINEL RESET nobody*
SENTINEL REMOVE nobody
SENTINEL MONITOR m 127.0.0.1 1 x
SENTINEL MONITOR m 127.0.0.1 x 1
SENTINEL MONITOR m 127.0.0.1 1 0
SENTINEL MONITOR m 127.0.0.1 70000 1
SENTINEL MONITOR mymaster 127.0.0.1 1 1
SENTINEL MONITOR m 127.0.0.1 {replica} 1
SENTINEL REMOVE m
SENTINEL SET mymaster parallel-syncs 2
SENTINEL SET mymaster quorum 0
SENTINEL SET mymaster foo 1
SENTINEL SET mymaster quorum 1 quorum
SENTINEL SET nobody quorum 1
SENTINEL CONFIG GET *
SENTINEL CONFIG GET ANN*port
SENTINEL CONFIG GET nosuch
SENTINEL CONFIG SET announce-port x
SENTINEL CONFIG SET announce-port 0
SENTINEL CONFIG SET nosuch 1
SENTINEL CONFIG SET announce-port
SENTINEL CONFIG FOO x
SENTINEL DEBUG
SENTINEL DEBUG foo 1
SENTINEL DEBUG ping-period 0
SENTINEL DEBUG ping-period
SENTINEL DEBUG PING-PERIOD 1000
SENTINEL SIMULATE-FAILURE foo
SENTINEL SIMULATE-FAILURE help
SENTINEL SIMULATE-FAILURE crash-after-election crash-after-promotion
INFO sentinel
""".strip().splitlines()

# What moves from one moment or process to the next: only that it is there,
# and of what kind it is, can be compared.
MOVING = (
    "cmd", "age-seconds", "client-info", "runid", "run_id", "id", "addr", "laddr", "fd", "age", "idle", "qbuf",
    "qbuf-free", "argv-mem", "rbs", "rbp", "tot-mem", "omem",
    "last-*", "link-pending-commands", "info-refresh", "role-reported-time",
    "slave-repl-offset", "Server.process_id", "Server.run_id",
    "Server.tcp_port", "Server.server_time_usec", "Server.uptime_in_*",
    "Server.lru_clock", "Server.executable", "Server.config_file",
    "Clients.connected_clients", "Stats.total_*",
    "Stats.instantaneous_*", "CPU.*",
    "[0].port", "[0].name", "*voted-leader*",
)

# Replies that are such a value as a whole.
MOVING_REPLIES = ("CLIENT ID", "SENTINEL MYID", "ACL GENPASS",
                  "SENTINEL INFO-CACHE mymaster")
