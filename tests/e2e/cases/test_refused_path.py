"""Supervisors are refused and nobody else: a service address without an
endpoint, a proxy, a firewall, a server at its limit of clients."""

import time

from harness.cases import case
from harness.only_replicas import OnlyReplicas
from harness.waiting import stays, wait_until

from .common import assert_no_failover
from .telling import Log


class Writer:
    """Writes past the proxy and counts what was acknowledged."""

    def __init__(self, server):
        self.server = server
        self.count = 0

    def write_for(self, span_s):
        end = time.monotonic() + span_s
        with self.server.connect() as connection:
            while time.monotonic() < end:
                connection.command("SET", "w:%d" % self.count, "x")
                self.count += 1
                time.sleep(0.02)

    def lost(self, server):
        names = ["w:%d" % number for number in range(self.count)]
        return self.count - server.command("EXISTS", *names)


def followed_ports(pool):
    return {replica.info()["master_port"] for replica in pool.replicas}


@case("connections are reset and refused: an alarm, nothing is touched")
def refused(lab):
    pool = lab.pool(via_proxy=OnlyReplicas, group={"down_after_ms": 1500})
    writer = Writer(pool.master)
    since = pool.events.mark()
    pool.proxy.refuse()
    for _ in range(20):
        writer.write_for(0.5)
        assert followed_ports(pool) == {str(pool.master_port)}
        assert pool.master.role() == "master"
    for daemon in pool.supervisors:
        pool.events.wait("+path-fault", "master mymaster", daemon.name, since)
    pool.proxy.heal()
    pool.wait_ready()
    assert_no_failover(pool, since)
    for server in pool.servers:
        wait_until(lambda s=server: writer.lost(s) == 0, 5,
                   "%s has all writes" % server.name,
                   seen=lambda s=server: writer.lost(s))


@case("only one supervisor is refused, quorum 1: nothing is touched")
def one_is_refused(lab):
    pool = lab.pool(via_proxy=OnlyReplicas, group={"down_after_ms": 1500,
                                                   "quorum": 1})
    refused, *others = pool.supervisors
    since = pool.events.mark()
    pool.proxy.refuse_one(refused.my_id())
    wait_until(lambda: "s_down" in refused.master()["flags"], 10,
               "it cannot reach the master", seen=refused.master)
    stays(lambda: followed_ports(pool) == {str(pool.master_port)}, 5,
          "the replicas follow the master")
    for daemon in others:
        assert daemon.master()["flags"] == "master", daemon.master()
    pool.proxy.heal()
    pool.wait_ready()
    assert_no_failover(pool, since)


def fill_up(server):
    """Cuts off the supervisors and lets nobody in again."""
    with server.connect() as connection:
        rows = [dict(word.split("=", 1) for word in line.split())
                for line in connection.command("CLIENT", "LIST").splitlines()]
        ours = [row["id"] for row in rows
                if row["name"].startswith("sentinel-")]
        assert ours, rows
        left = len(rows) - len(ours) - 1  # we go, too
        connection.command("CONFIG", "SET", "maxclients", left)
        for each in ours:
            connection.ask("CLIENT", "KILL", "ID", each)


@case("a master at its limit of clients: no failover, and that is the reason",
      long=True)
def full(lab):
    pool = lab.pool(group={"down_after_ms": 1500})
    logs = [Log(daemon) for daemon in pool.supervisors]
    since = pool.events.mark()
    held = pool.master.connect()  # the last one that is let in
    fill_up(pool.master)

    def says_why():
        held.command("INCR", "written")  # it has clients that are served
        return all(log.lines("max number of clients")
                   and "max number of clients" in daemon.master().get(
                       "trouble", "")
                   for daemon, log in zip(pool.supervisors, logs))
    wait_until(says_why, 6, "rows and logs say why",
               seen=pool.supervisors[0].master)
    stays(lambda: held.command("INCR", "written")
          and pool.supervisors[0].master_port() == pool.master_port, 3,
          "it stays master")
    for log in logs:
        assert not log.lines("look at the network"), log.lines()
    assert_no_failover(pool, since)
    held.command("CONFIG", "SET", "maxclients", 10000)
    held.close()
    pool.wait_ready()
