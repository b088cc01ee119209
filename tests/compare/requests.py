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
    ("ACL CAT", replies.unordered), ("ACL GETUSER", replies.as_map),
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
HELLO 2 AUTH default
HELLO 2 SETNAME ''
HELLO -1
HELLO 3 AUTH default x SETNAME y FOO
INFO cpu Stats
INFO default server
INFO all everything
PUBLISH __SENTINEL__:HELLO x
SHUTDOWN NOSAVE ABORT
SHUTDOWN ABORT NOW
SHUTDOWN NOW FORCE FOO
UNSUBSCRIBE ''
CLIENT LIST TYPE master
CLIENT LIST TYPE SLAVE
CLIENT LIST TYPE replica
CLIENT LIST TYPE
CLIENT LIST ID 99998 99999
CLIENT LIST ID 0
CLIENT LIST ID 1 x
CLIENT LIST TYPE normal ID 1
CLIENT KILL nonsense
CLIENT KILL ID x
CLIENT KILL ID -1
CLIENT KILL ID 99999 USER default
CLIENT KILL ADDR 1.2.3.4:5 SKIPME no
CLIENT KILL TYPE pubsub USER nobody
CLIENT KILL TYPE normal ID 99999 LADDR 1.2.3.4:5 SKIPME yes
CLIENT KILL MAXAGE 5
CLIENT KILL USER default SKIPME
CLIENT SETNAME ''
CLIENT GETNAME
CLIENT SETNAME a\x01
CLIENT MAINT_NOTIFICATIONS ON
CLIENT PAUSE 1 WRITE
CLIENT PAUSE 1 all
CLIENT PAUSE 1 ALL x
CLIENT PAUSE 99999999999999999999
CLIENT UNPAUSE
CLIENT UNBLOCK 1 timeout
CLIENT UNBLOCK 1 ERROR
CLIENT UNBLOCK 1 ERROR x
CLIENT TRACKING ON REDIRECT
CLIENT TRACKING ON PREFIX
CLIENT TRACKING ON NOLOOP
CLIENT TRACKINGINFO
CLIENT TRACKING ON BCAST
CLIENT TRACKING ON OPTIN
CLIENT TRACKING OFF BCAST
CLIENT TRACKINGINFO
CLIENT CACHING
COMMAND LIST FILTERBY
COMMAND LIST FILTERBY ACLCAT
COMMAND LIST FILTERBY ACLCAT nosuch
COMMAND LIST FILTERBY PATTERN sentinel|*
COMMAND LIST FILTERBY PATTERN nosuch x
COMMAND INFO sentinel SENTINEL|MASTERS nosuch|x sentinel|nosuch
COMMAND DOCS sentinel|set SENTINEL
COMMAND DOCS acl client|kill hello subscribe shutdown
COMMAND GETKEYS sentinel masters
COMMAND GETKEYS sentinel nosuch
COMMAND GETKEYS sentinel master
COMMAND GETKEYS publish a
COMMAND GETKEYS auth x
COMMAND GETKEYSANDFLAGS nosuch a
COMMAND GETKEYSANDFLAGS sentinel masters
SENTINEL MASTER ''
SENTINEL MASTER mymaster	
SENTINEL GET-MASTER-ADDR-BY-NAME MYMASTER
SENTINEL IS-MASTER-DOWN-BY-ADDR nohost.invalid 1 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {master} x *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 0 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 99999 0 *
SENTINEL INFO-CACHE nobody mymaster
SENTINEL MONITOR m 127.0.0.1 {replica} 99999999999999999999
SENTINEL MONITOR m 127.0.0.1 {replica} -1
SENTINEL MONITOR m 127.0.0.1 -1 1
SENTINEL MONITOR m a	b {replica} 1
SENTINEL MONITOR m '' {replica} 1
SENTINEL MONITOR m x x x
SENTINEL MONITOR m x x 0
SENTINEL MONITOR m x 70000 0
SENTINEL REMOVE ''
SENTINEL RESET ''
SENTINEL CKQUORUM ''
SENTINEL SET mymaster down-after-milliseconds 0
SENTINEL SET mymaster Down-After-Milliseconds x
SENTINEL SET mymaster failover-timeout -1
SENTINEL SET mymaster failover-timeout 10s
SENTINEL SET mymaster parallel-syncs 0
SENTINEL SET mymaster quorum 99999999999999999999
SENTINEL SET mymaster quorum ''
SENTINEL SET mymaster master-reboot-down-after-period -1
SENTINEL SET mymaster master-reboot-down-after-period x
SENTINEL SET mymaster Master-Reboot-Down-After-Period 100
SENTINEL SET mymaster master-reboot-down-after-period 0
SENTINEL SET mymaster notification-script /bin/true
SENTINEL SET mymaster client-reconfig-script ''
SENTINEL SET mymaster rename-command a
SENTINEL SET mymaster rename-command '' x
SENTINEL SET mymaster rename-command x ''
SENTINEL SET mymaster rename-command FLUSHALL guarded
SENTINEL SET mymaster rename-command flushall FLUSHALL
SENTINEL SET mymaster quorum 1 parallel-syncs 1
SENTINEL SET '' quorum 1
SENTINEL CONFIG GET
SENTINEL CONFIG GET ''
SENTINEL CONFIG GET [
SENTINEL CONFIG SET announce-port 70000
SENTINEL CONFIG SET announce-port -1
SENTINEL CONFIG SET announce-hostnames maybe
SENTINEL CONFIG SET resolve-hostnames x
SENTINEL DEBUG info-period
SENTINEL DEBUG INFO-PERIOD x
SENTINEL DEBUG info-period 10000 nosuch 1
SENTINEL DEBUG info-period 10000 ping-period -1
SENTINEL SIMULATE-FAILURE HELP
SENTINEL SIMULATE-FAILURE crash-after-election help
SENTINEL PENDING-SCRIPTS
ACL WHOAMI
ACL USERS
ACL LIST
ACL CAT
ACL CAT pubsub
ACL CAT Dangerous
ACL CAT admin
ACL CAT fast
ACL CAT slow
ACL CAT connection
ACL CAT keyspace
ACL CAT nosuch
ACL CAT pubsub x
ACL GENPASS 5
ACL GENPASS 0
ACL GENPASS 4097
ACL GENPASS x
ACL GENPASS 5 6
ACL GETUSER default
ACL GETUSER nobody
ACL GETUSER ''
ACL SETUSER a1
ACL GETUSER a1
ACL SETUSER a1 on >p1 >p2 ~k* %R~x %W~y &c* +@all -@dangerous +sentinel|myid -client|kill
ACL GETUSER a1
ACL LIST
ACL SETUSER a1 <p1 !8c1f1046219ddd216a023f792356ddf127fce372a72ec9b4cdac989ee5b0b455
ACL GETUSER a1
ACL SETUSER a1 <p1
ACL SETUSER a1 !nosuch
ACL SETUSER a1 #short
ACL SETUSER a1 #ZZ1f1046219ddd216a023f792356ddf127fce372a72ec9b4cdac989ee5b0b455
ACL SETUSER a1 #8c1f1046219ddd216a023f792356ddf127fce372a72ec9b4cdac989ee5b0b455
ACL SETUSER a1 +nosuch
ACL SETUSER a1 +sentinel|nosuch
ACL SETUSER a1 -sentinel|nosuch
ACL SETUSER a1 +@nosuch
ACL SETUSER a1 +ping|x
ACL SETUSER a1 %X~a
ACL SETUSER a1 foo
ACL SETUSER a1 ''
ACL SETUSER a1 allkeys ~a
ACL SETUSER a1 allchannels &a
ACL SETUSER a1 on (+ping
ACL SETUSER a1 (+ping ~a*)
ACL SETUSER a1 (+@all -@all) (+role &x)
ACL GETUSER a1
ACL SETUSER a1 clearselectors
ACL SETUSER a1 nopass
ACL SETUSER a1 >p3
ACL GETUSER a1
ACL SETUSER a1 sanitize-payload resetpass resetchannels resetkeys nocommands +sentinel +ping
ACL LIST
ACL DRYRUN a1 ping
ACL DRYRUN a1 nosuch
ACL DRYRUN a1 sentinel masters
ACL DRYRUN a1 sentinel nosuch
ACL DRYRUN a1 sentinel master
ACL DRYRUN a1 client id
ACL DRYRUN a1 subscribe x
ACL DRYRUN nobody ping
ACL SETUSER a1 +subscribe +psubscribe
ACL DRYRUN a1 subscribe x
ACL DRYRUN a1 psubscribe x*
ACL SETUSER a1 reset
ACL GETUSER a1
ACL DELUSER a1 nobody
ACL DELUSER a1
ACL DELUSER default
ACL SETUSER a	b on
ACL SETUSER default +@all
ACL LOAD
ACL SAVE
AUTH a1 p
AUTH default x
AUTH x
ACL LOG
ACL LOG 1
ACL LOG 0
ACL LOG -1
ACL LOG x
ACL LOG RESET
ACL LOG
ACL HELP
ACL FOO
""".strip().splitlines()

# What depends on resolve-hostnames and announce-hostnames.
NAMES = """
SENTINEL CONFIG GET *
SENTINEL MASTERS
SENTINEL MASTER mymaster
SENTINEL REPLICAS mymaster
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
INFO sentinel
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {master} 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR localhost {master} 0 *
SENTINEL MONITOR m localhost {replica} 1
SENTINEL GET-MASTER-ADDR-BY-NAME m
SENTINEL REMOVE m
SENTINEL MONITOR n nosuch.invalid 6379 1
SENTINEL REMOVE n
SENTINEL CONFIG SET resolve-hostnames maybe
SENTINEL CONFIG SET announce-hostnames 1
SENTINEL CONFIG SET announce-hostnames YES
SENTINEL CONFIG GET announce-hostnames
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL MASTER mymaster
SENTINEL CONFIG SET announce-hostnames no
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL CONFIG SET resolve-hostnames yes
SENTINEL MONITOR o localhost {replica} 1
SENTINEL GET-MASTER-ADDR-BY-NAME o
SENTINEL CONFIG SET announce-hostnames yes
SENTINEL CONFIG SET resolve-hostnames no
SENTINEL GET-MASTER-ADDR-BY-NAME o
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL MONITOR p localhost {replica} 1
SENTINEL REMOVE o
SENTINEL CONFIG GET *
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
    "Clients.client_recent_*",
    "[0].port", "[0].name", "*voted-leader*",
)

# Replies that are such a value as a whole.
MOVING_REPLIES = ("CLIENT ID", "SENTINEL MYID", "ACL GENPASS",
                  "SENTINEL INFO-CACHE mymaster",
                  "SENTINEL INFO-CACHE nobody mymaster")
