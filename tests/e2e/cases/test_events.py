"""Subscribers: who gets what, and what happens to one that does not read."""

import socket
import time

from harness.cases import case
from harness.lab import redis_sentinel
from harness.resp import Connection, encode
from harness.supervisors import RedisSentinel, SentineldFromRedisConf
from harness.waiting import wait_until


@case("every subscriber gets every event, by name and by pattern",
      any_daemon=True)
def everybody_gets_everything(lab):
    pool = lab.pool(replicas=1, supervisors=1, group={"quorum": 1})
    daemon = pool.supervisors[0]
    by_name = [daemon.connect() for _ in range(20)]
    by_pattern = [daemon.connect() for _ in range(20)]
    for connection in by_name:
        assert connection.command("SUBSCRIBE", "+monitor", "-monitor") \
            == ["subscribe", "+monitor", 1]
        assert connection.read() == ["subscribe", "-monitor", 2]
    for connection in by_pattern:
        assert connection.command("PSUBSCRIBE", "[-+]moni*") \
            == ["psubscribe", "[-+]moni*", 1]
    port = pool.replicas[0].port
    for number in range(10):
        daemon.command("SENTINEL", "MONITOR", "x%d" % number, "127.0.0.1",
                       port, 1)
        daemon.command("SENTINEL", "REMOVE", "x%d" % number)
    wanted = []
    for number in range(10):
        text = "master x%d 127.0.0.1 %d" % (number, port)
        wanted += [("+monitor", text + " quorum 1"), ("-monitor", text)]
    for connection in by_name:
        got = [connection.read() for _ in wanted]
        assert got == [["message", *pair] for pair in wanted], got
    for connection in by_pattern:
        got = [connection.read() for _ in wanted]
        assert got == [["pmessage", "[-+]moni*", *pair] for pair in wanted]


@case("a subscriber by name and by two patterns gets three messages",
      any_daemon=True)
def several_subscriptions(lab):
    pool = lab.pool(replicas=1, supervisors=1)
    daemon = pool.supervisors[0]
    with daemon.connect() as connection:
        connection.send(encode("SUBSCRIBE", "+set")
                        + encode("PSUBSCRIBE", "*", "+s?t"))
        assert [connection.read()[2] for _ in range(3)] == [1, 2, 3]
        daemon.command("SENTINEL", "SET", "mymaster", "quorum", "2")
        got = [connection.read() for _ in range(3)]
        text = "master mymaster 127.0.0.1 %d quorum 2" % pool.master.port
        assert sorted(got) == sorted([
            ["message", "+set", text], ["pmessage", "*", "+set", text],
            ["pmessage", "+s?t", "+set", text]]), got


@case("the address first, the message second", any_daemon=True)
def address_before_message(lab):
    pool = lab.pool()
    listeners = [daemon.connect(limit_s=30) for daemon in pool.supervisors]
    for listener in listeners:
        listener.command("SUBSCRIBE", "+switch-master")
    pool.master.kill()
    for daemon, listener in zip(pool.supervisors, listeners):
        message = listener.read()
        assert message[:2] == ["message", "+switch-master"], message
        assert daemon.master_port() == int(message[2].split()[4])


@case("after a switch +slave is told for each replica, the old master too",
      any_daemon=True)
def replicas_are_told(lab):
    pool = lab.pool()
    pool.master.kill()
    new_master = pool.wait_switched()
    ports = {each.port for each in pool.servers if each is not new_master}
    for daemon in pool.supervisors:
        for port in ports:
            pool.events.wait("+slave", "127.0.0.1 %d @ mymaster 127.0.0.1 %d"
                             % (port, new_master.port), daemon.name)


@case("a subscriber that does not read is closed, the others go on")
def slow_subscriber(lab):
    pool = lab.pool(replicas=1, supervisors=1,
                    extra="client_output_limit_bytes = 65536;")
    daemon = pool.supervisors[0]
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", daemon.port))
    slow.sendall(encode("PSUBSCRIBE", *["*" * number
                                        for number in range(1, 60)]))
    with daemon.connect() as good, daemon.connect() as operator:
        good.command("SUBSCRIBE", "+set")
        clients = int(daemon.info("clients")["connected_clients"])
        began = time.monotonic()
        count = 0
        while int(daemon.info("clients")["connected_clients"]) >= clients:
            operator.command("SENTINEL", "SET", "mymaster", "quorum", "2")
            assert good.read()[1] == "+set"
            count += 1
            assert count < 5000 and time.monotonic() - began < 30, \
                "the slow subscriber is still there after %d events" % count
        operator.command("SENTINEL", "SET", "mymaster", "quorum", "1")
        assert good.read()[2].endswith(" quorum 1")
    slow.close()


@case("unsubscribing, to the byte", any_daemon=True)
def unsubscribe(lab):
    pool = lab.pool(replicas=1, supervisors=1)
    with pool.supervisors[0].connect() as connection:
        assert connection.raw("UNSUBSCRIBE") \
            == b"*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"
        connection.command("SUBSCRIBE", "a")
        connection.command("PSUBSCRIBE", "b*")
        assert connection.raw("UNSUBSCRIBE", "never") \
            == b"*3\r\n$11\r\nunsubscribe\r\n$5\r\nnever\r\n:2\r\n"
        assert connection.raw("UNSUBSCRIBE") \
            == b"*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n"
        assert connection.raw("PUNSUBSCRIBE", "b*") \
            == b"*3\r\n$12\r\npunsubscribe\r\n$2\r\nb*\r\n:0\r\n"
        assert connection.raw("PING") == b"+PONG\r\n"


@case("a subscriber that goes away is forgotten", any_daemon=True)
def subscriber_leaves(lab):
    pool = lab.pool(replicas=1, supervisors=1)
    daemon = pool.supervisors[0]
    before = int(daemon.info("clients")["connected_clients"])
    gone = [Connection(daemon.port) for _ in range(50)]
    for connection in gone:
        connection.command("SUBSCRIBE", "+set")
    for connection in gone:
        connection.close()
    wait_until(lambda: int(daemon.info("clients")["connected_clients"])
               <= before, 5, "closed clients are forgotten")
    daemon.command("SENTINEL", "SET", "mymaster", "quorum", "2")


# Of the leader, in this order; the rest is in docs/protocol.md ("Their
# order") or depends on when somebody happens to look.
IN_ORDER = (
    "+new-epoch", "+try-failover", "+vote-for-leader",
    "+elected-leader", "+failover-state-select-slave", "+selected-slave",
    "+failover-state-send-slaveof-noone", "+failover-state-wait-promotion",
    "+promoted-slave", "+failover-state-reconf-slaves", "+slave-reconf-sent",
    "+slave-reconf-inprog", "+slave-reconf-done", "+failover-end")


def told_in_a_failover(lab, kind, program, prefix):
    """What the leader says, and each of the others, when a master hangs: of one
    whose process is gone ours elect a leader before it counts as down."""
    pool = lab.pool(programs=[program] * 3, kind=kind, prefix=prefix,
                    group={"down_after_ms": 2000})
    since = pool.events.mark()
    pool.master.pause()
    pool.wait_switched(40, pool.replicas)
    leader = pool.events.find("+elected-leader")[0].source
    pool.events.wait("+failover-end", "", leader, limit_s=30)
    for daemon in pool.supervisors:
        pool.events.wait("+switch-master", "", daemon.name, limit_s=20)
        wait_until(lambda d=daemon: len(pool.events.find(
            "+slave", "", d.name, since)) == 2, 10, "both replicas are told")
    return (pool.events.channels(leader, since),
            [pool.events.channels(daemon.name, since)
             for daemon in pool.supervisors if daemon.name != leader])


def check_switch(channels, after):
    """+switch-master stands right behind `after`, the replicas right behind
    it."""
    at = channels.index("+switch-master")
    assert channels[at + 1:at + 3] == ["+slave", "+slave"], channels
    assert after in channels[:at], channels


@case("a master hangs: events are told in the order of redis-sentinel")
def order_of_events(lab):
    ours = told_in_a_failover(lab, SentineldFromRedisConf, lab.program, "our-")
    theirs = told_in_a_failover(lab, RedisSentinel, redis_sentinel(), "their-")
    for leader, others in (ours, theirs):
        elected = leader.index("+elected-leader")
        began = max(at for at in range(elected)
                    if leader[at] == "+try-failover") - 1
        assert leader.index("+odown") < began, leader
        assert [each for each in leader[began:] if each in IN_ORDER] \
            == list(IN_ORDER), leader
        check_switch(leader, "+failover-state-reconf-slaves")
        for channels in others:
            check_switch(channels, "+config-update-from")
            at = channels.index("+switch-master")
            assert channels[at - 1] == "+config-update-from", channels
    leader = ours[0]
    assert leader.index("+switch-master") < leader.index("+failover-end")
