"""Every command of the port, to the byte where its reply is fixed.

The rows marked BOTH are asked of redis-sentinel too: what clients rely on must
be the same there. A reply is given as bytes, or as a pattern that the whole
reply must match."""

import re

from harness.cases import case
from harness.fake_supervisor import FakeSupervisor
from harness.resp import Connection, encode, fields
from harness.waiting import wait_until

BOTH, OURS = "both", "ours"
NO_MASTER = b"-ERR No such master with that name\r\n"


def wrong_arity(name):
    return b"-ERR wrong number of arguments for '%s' command\r\n" % name


ROWS = [
    (BOTH, "PING", b"+PONG\r\n"),
    (BOTH, "ping hello", b"$5\r\nhello\r\n"),
    (BOTH, "PING a b", wrong_arity(b"ping")),
    (BOTH, "HELLO", re.compile(
        rb"\*12\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n\$7\r\nversion\r\n"
        rb"\$\d+\r\n[\d.]+\r\n\$5\r\nproto\r\n:2\r\n\$2\r\nid\r\n:\d+\r\n"
        rb"\$4\r\nmode\r\n\$8\r\nsentinel\r\n\$7\r\nmodules\r\n\*0\r\n")),
    (BOTH, "HELLO 9", b"-NOPROTO unsupported protocol version\r\n"),
    (BOTH, "HELLO x", b"-ERR Protocol version is not an integer or out of "
                      b"range\r\n"),
    (BOTH, "ROLE", b"*2\r\n$8\r\nsentinel\r\n*1\r\n$8\r\nmymaster\r\n"),
    (BOTH, "INFO replication", b"$0\r\n\r\n"),
    (BOTH, "info SENTINEL", re.compile(
        rb"\$\d+\r\n# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\n"
        rb"sentinel_tilt_since_seconds:-1\r\nsentinel_running_scripts:0\r\n"
        rb"sentinel_scripts_queue_length:0\r\n"
        rb"sentinel_simulate_failure_flags:0\r\nmaster0:name=mymaster,"
        rb"status=ok,address=127\.0\.0\.1:\d+,slaves=1,sentinels=2\r\n\r\n")),
    (BOTH, "CLIENT GETNAME", b"$-1\r\n"),
    (BOTH, "CLIENT SETNAME me", b"+OK\r\n"),
    (BOTH, "CLIENT ID", re.compile(rb":\d+\r\n")),
    (BOTH, "CLIENT NOSUCH", b"-ERR unknown subcommand 'NOSUCH'. "
                            b"Try CLIENT HELP.\r\n"),
    (OURS, "CLIENT SETINFO LIB-NAME x", b"+OK\r\n"),  # Redis 7.2 and later
    (BOTH, "CLIENT", wrong_arity(b"client")),
    (BOTH, "GET a", b"-ERR unknown command 'GET', with args beginning with: "
                    b"'a' \r\n"),
    (BOTH, "SELECT 0", b"-ERR unknown command 'SELECT', with args beginning "
                       b"with: '0' \r\n"),
    (BOTH, "ECHO id-1", b"-ERR unknown command 'ECHO', with args beginning "
                        b"with: 'id-1' \r\n"),
    (OURS, "QUIT", b"+OK\r\n"),
    (BOTH, "PUBLISH other x",
     b"-ERR Only HELLO messages are accepted by Sentinel instances.\r\n"),
    (BOTH, "PUBLISH __sentinel__:hello nonsense", b":1\r\n"),
    (BOTH, "PUBLISH __sentinel__:hello", wrong_arity(b"publish")),
    (BOTH, "SENTINEL", wrong_arity(b"sentinel")),
    (BOTH, "SENTINEL NOSUCH", b"-ERR unknown subcommand 'NOSUCH'. "
                              b"Try SENTINEL HELP.\r\n"),
    (BOTH, "sentinel MyId", re.compile(rb"\$40\r\n[0-9a-f]{40}\r\n")),
    (BOTH, "SENTINEL MYID x", wrong_arity(b"sentinel|myid")),
    (BOTH, "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster",
     re.compile(rb"\*2\r\n\$9\r\n127\.0\.0\.1\r\n\$5\r\n\d{5}\r\n")),
    (BOTH, "SENTINEL get-master-addr-by-name nobody", b"*-1\r\n"),
    (BOTH, "SENTINEL MASTER nobody", NO_MASTER),
    (BOTH, "SENTINEL REPLICAS nobody", NO_MASTER),
    (BOTH, "SENTINEL SLAVES nobody", NO_MASTER),
    (BOTH, "SENTINEL SENTINELS nobody", NO_MASTER),
    (BOTH, "SENTINEL MASTER", wrong_arity(b"sentinel|master")),
    (BOTH, "SENTINEL CKQUORUM mymaster",
     b"+OK 2 usable Sentinels. Quorum and failover authorization can be "
     b"reached\r\n"),
    (BOTH, "SENTINEL CKQUORUM nobody", NO_MASTER),
    (BOTH, "SENTINEL FAILOVER nobody", NO_MASTER),
    (BOTH, "SENTINEL RESET nobody*", b":0\r\n"),
    (BOTH, "SENTINEL FLUSHCONFIG", b"+OK\r\n"),
    (BOTH, "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *",
     b"*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"),
    (BOTH, "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {master} 0 *",
     b"*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"),
    (BOTH, "SENTINEL is-master-down-by-addr 127.0.0.1 x 0 *",
     b"-ERR value is not an integer or out of range\r\n"),
    (OURS, "SENTINEL is-master-down-by-addr 127.0.0.1 {master} "
           "18446744073709551615 *",
     b"-ERR value is not an integer or out of range\r\n"),
    (BOTH, "SENTINEL MONITOR other 127.0.0.1 {replica} x",
     b"-ERR Invalid quorum\r\n"),
    (BOTH, "SENTINEL MONITOR other 127.0.0.1 x 1", b"-ERR Invalid port\r\n"),
    (BOTH, "SENTINEL MONITOR other 127.0.0.1 {replica} 0",
     b"-ERR Quorum must be 1 or greater.\r\n"),
    (BOTH, "SENTINEL MONITOR mymaster 127.0.0.1 {replica} 1",
     b"-ERR Duplicate master name.\r\n"),
    (BOTH, "SENTINEL MONITOR other 127.0.0.1 70000 1",
     b"-ERR Invalid port number.\r\n"),
    (BOTH, "SENTINEL MONITOR other 127.0.0.1 {replica} 1", b"+OK\r\n"),
    (BOTH, "SENTINEL REMOVE other", b"+OK\r\n"),
    (BOTH, "SENTINEL REMOVE other", NO_MASTER),
    (BOTH, "SENTINEL SET nobody quorum 1", NO_MASTER),
    (BOTH, "SENTINEL SET mymaster quorum",
     wrong_arity(b"sentinel|set")),
    (BOTH, "SENTINEL SET mymaster nosuch 1",
     b"-ERR Unknown option or number of arguments for SENTINEL SET "
     b"'nosuch'\r\n"),
    (BOTH, "SENTINEL SET mymaster Quorum 0",
     b"-ERR Invalid argument '0' for SENTINEL SET 'Quorum'\r\n"),
    (BOTH, "SENTINEL SET mymaster parallel-syncs 3 failover-timeout 7000",
     b"+OK\r\n"),
    (OURS, "SENTINEL SET mymaster refused-after-milliseconds 250", b"+OK\r\n"),
]


def small_pool(lab):
    return lab.pool(replicas=1, supervisors=2, group={"quorum": 1})


def matches(reply, wanted):
    if isinstance(wanted, bytes):
        return reply == wanted
    return wanted.fullmatch(reply) is not None


@case("every command's reply, to the byte", any_daemon=True)
def replies(lab):
    pool = small_pool(lab)
    wrong = []
    for whose, text, wanted in ROWS:
        if whose == OURS and not lab.ours:
            continue
        words = text.format(master=pool.master.port,
                            replica=pool.replicas[0].port).split()
        with pool.supervisors[0].connect() as connection:
            reply = connection.raw(*words)
        if not matches(reply, wanted):
            wrong.append("%s\n  gave   %r\n  wanted %r" % (
                text, reply, getattr(wanted, "pattern", wanted)))
    assert not wrong, "%d wrong replies:\n%s" % (len(wrong), "\n".join(wrong))


MASTER_FIELDS = """name ip port runid flags link-pending-commands link-refcount
last-ping-sent last-ok-ping-reply last-ping-reply down-after-milliseconds
info-refresh role-reported role-reported-time config-epoch num-slaves
num-other-sentinels quorum failover-timeout parallel-syncs""".split()
REPLICA_FIELDS = MASTER_FIELDS[:14] + """master-link-down-time
master-link-status master-host master-port slave-priority slave-repl-offset
replica-announced""".split()
SENTINEL_FIELDS = MASTER_FIELDS[:11] + """last-hello-message voted-leader
voted-leader-epoch""".split()
OUR_FIELDS = {"replication-histories", "replication-histories-epoch",
              "accepted-configuration", "only-process-met"}
TEXTS = OUR_FIELDS | {"name", "ip", "runid", "flags", "role-reported",
                      "master-host", "master-link-status", "voted-leader"}


@case("instance rows: names, order, numbers, flags", any_daemon=True)
def rows(lab):
    pool = small_pool(lab)
    daemon = pool.supervisors[0]
    wait_until(lambda: daemon.replica(pool.replicas[0].port).get(
        "slave-repl-offset", "0") != "0", 20, "the replica's INFO is there")
    tables = [
        (MASTER_FIELDS, [daemon.command("SENTINEL", "MASTER", "mymaster")]),
        (MASTER_FIELDS, daemon.command("SENTINEL", "MASTERS")),
        (REPLICA_FIELDS, daemon.command("SENTINEL", "REPLICAS", "mymaster")),
        (REPLICA_FIELDS, daemon.command("SENTINEL", "SLAVES", "mymaster")),
        (SENTINEL_FIELDS, daemon.command("SENTINEL", "SENTINELS",
                                         "mymaster")),
    ]
    for names, found in tables:
        assert len(found) == 1
        row = found[0]
        assert row[::2][:len(names)] == names, row[::2]
        assert set(row[::2][len(names):]) <= OUR_FIELDS, row[::2]
        assert all(isinstance(value, str) for value in row), row
        for name, value in fields(row).items():
            assert name in TEXTS or re.fullmatch(r"-?\d+", value), \
                (name, value)
    master, _, replica, _, peer = [fields(found[0]) for _, found in tables]
    assert master["flags"] == "master"
    assert replica["flags"] == "slave"
    assert peer["flags"] == "sentinel"
    assert replica["name"] == "127.0.0.1:%d" % pool.replicas[0].port
    assert replica["master-host"] == "127.0.0.1"
    assert replica["master-port"] == str(pool.master.port)
    assert peer["name"] == peer["runid"] == pool.supervisors[1].my_id()
    assert master["runid"] == pool.master.info("server")["run_id"]


@case("SET changes the row, and is told as +set", any_daemon=True)
def set_options(lab):
    pool = small_pool(lab)
    daemon = pool.supervisors[0]
    daemon.command("SENTINEL", "SET", "mymaster", "down-after-milliseconds",
                   4321, "Failover-Timeout", 9876, "parallel-syncs", 4,
                   "quorum", 2)
    row = daemon.master()
    assert (row["down-after-milliseconds"], row["failover-timeout"],
            row["parallel-syncs"], row["quorum"]) \
        == ("4321", "9876", "4", "2"), row
    assert daemon.replicas()[0]["down-after-milliseconds"] == "4321"
    pool.events.wait("+set", "Failover-Timeout 9876")


@case("a SET with one bad option changes nothing")
def set_is_one_change(lab):
    pool = small_pool(lab)
    daemon = pool.supervisors[0]
    before = daemon.master()["quorum"]
    daemon.error("SENTINEL", "SET", "mymaster", "quorum", 5, "nosuch", 1)
    assert daemon.master()["quorum"] == before


@case("RESET forgets replicas and peers, and finds them again",
      any_daemon=True)
def reset(lab):
    pool = small_pool(lab)
    daemon = pool.supervisors[0]
    assert daemon.command("SENTINEL", "RESET", "my*") == 1
    pool.events.wait("+reset-master", "master mymaster", daemon.name)
    wait_until(lambda: len(daemon.peers()) == 1 and daemon.replica(
        pool.replicas[0].port), 25, "both are found again")


@case("FAILOVER while one is under way: INPROG", any_daemon=True)
def failover_in_progress(lab):
    pool = lab.pool(supervisors=2, replicas=2)
    # Else the switch waits for the other one, until the first counts as down.
    pool.master.write_confirmed("replicas", "follow closely", 2)
    # One replica that hangs keeps the failover in its last step.
    pool.replicas[0].pause()
    with pool.supervisors[0].connect() as connection:
        connection.send(encode("SENTINEL", "FAILOVER", "mymaster") * 2)
        first, second = connection.read(), connection.read()
    assert first == "OK", first
    assert str(second) == "INPROG Failover already in progress", second
    pool.wait_switched(20, pool.replicas[1:])


@case("no replica to promote: NOGOODSLAVE", any_daemon=True)
def no_good_replica(lab):
    pool = lab.pool(supervisors=1, replicas=0, group={"quorum": 1})
    error = pool.supervisors[0].error("SENTINEL", "FAILOVER", "mymaster")
    assert error.startswith("NOGOODSLAVE "), error


class Voter:
    """A supervisor and two candidates that it knows."""

    def __init__(self, lab):
        self.pool = lab.pool(supervisors=1, replicas=1)
        self.daemon = self.pool.supervisors[0]
        self.first, self.second = "a" * 40, "b" * 40
        for run_id in (self.first, self.second):
            FakeSupervisor(lab, run_id, self.pool.master.port).introduce(
                self.daemon)
        assert len(self.daemon.peers()) == 2

    def ask(self, epoch, candidate):
        return self.daemon.command(
            "SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1",
            self.pool.master.port, epoch, candidate)


@case("a vote is given once in an epoch, and is not taken back",
      any_daemon=True)
def votes(lab):
    voter = Voter(lab)
    first, second = voter.first, voter.second
    assert voter.ask(7, "*") == [0, "*", 0]
    assert voter.ask(7, first) == [0, first, 7]
    assert voter.ask(7, second) == [0, first, 7]
    assert voter.ask(6, second) == [0, first, 7]
    voter.daemon.restart()
    answer = voter.ask(7, second)
    if lab.ours:
        assert answer == [0, first, 7], answer
    else:  # it forgets whom it voted for, but not that it did
        assert answer == [0, "*", 7], answer


@case("a vote binds for a while: another candidate waits for the lease")
def vote_lease(lab):
    voter = Voter(lab)
    first, second = voter.first, voter.second
    assert voter.ask(7, first) == [0, first, 7]
    assert voter.ask(8, second) == [0, first, 7]
    wait_until(lambda: voter.ask(9, second) == [0, second, 9], 10,
               "the lease of the first vote ends")


@case("an unknown candidate gets no vote and moves no epoch")
def unknown_candidate(lab):
    voter = Voter(lab)
    down, leader, epoch = voter.ask(9, "f" * 40)
    assert (down, leader, epoch) == (0, "*", 0), (down, leader, epoch)
    assert not voter.pool.events.find("+new-epoch")


@case("a hello by PUBLISH adds a peer; one about nothing known does not",
      any_daemon=True)
def hello_by_publish(lab):
    pool = lab.pool(supervisors=1, replicas=1)
    daemon = pool.supervisors[0]
    port = FakeSupervisor(lab, "c" * 40, pool.master.port).port

    def publish(*parts):
        text = ",".join(str(part) for part in parts)
        assert daemon.command("PUBLISH", "__sentinel__:hello", text) == 1
    master = ("mymaster", "127.0.0.1", pool.master.port, 0)
    publish("127.0.0.1", port, "c" * 40, 0, "stranger", "127.0.0.1",
            pool.master.port, 0)
    publish("127.0.0.1", port, "c" * 40, 0, *master[:3])
    assert daemon.peers() == []
    publish("127.0.0.1", port, "c" * 40, 0, *master)
    pool.events.wait("+sentinel", "c" * 40)
    assert [row["runid"] for row in daemon.peers()] == ["c" * 40]


@case("a daemon serves many clients at once", any_daemon=True)
def many_clients(lab):
    pool = lab.pool(supervisors=1, replicas=1)
    port = pool.supervisors[0].port
    clients = [Connection(port) for _ in range(500)]
    for client in clients:
        client.send(encode("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"))
    for client in clients:
        assert client.read()[1] == str(pool.master.port)
    for client in clients:
        client.close()


@case("INFO-CACHE has the last INFO of master and replicas, with its age",
      any_daemon=True)
def info_cache(lab):
    pool = small_pool(lab)
    daemon, replica = pool.supervisors[0], pool.replicas[0]
    wait_until(lambda: daemon.replica(replica.port).get(
        "slave-repl-offset", "0") != "0", 20, "the replica's INFO is there")
    name, nodes = daemon.command("SENTINEL", "INFO-CACHE", "nobody",
                                 "mymaster")
    assert name == "mymaster" and len(nodes) == 2, nodes
    for (age, text), server in zip(nodes, (pool.master, replica)):
        assert 0 <= age < 20000, age
        assert "tcp_port:%d\r\n" % server.port in text, text
    assert daemon.command("SENTINEL", "INFO-CACHE", "nobody") == []
