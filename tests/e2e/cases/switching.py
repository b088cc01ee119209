"""Planned switchovers: ordering them, and what must be true afterwards."""

import time

from harness.resp import ReplyError
from harness.waiting import wait_until

# Longer than any pause or timeout of these cases: what is slow on purpose is
# not down.
PATIENT = {"down_after_ms": 8000}


def failover(daemon, *words):
    """The reply; errors are returned as text."""
    with daemon.connect(limit_s=20.0) as connection:
        reply = connection.ask("SENTINEL", "FAILOVER", "mymaster", *words)
    return "-%s" % reply if isinstance(reply, ReplyError) else reply


def switch(daemon, *words, limit_s=10):
    """The reply, asked again while the vote for the last one still binds."""
    replies = []

    def ask():
        replies.append(failover(daemon, *words))
        return not replies[-1].startswith("-INPROG")
    wait_until(ask, limit_s, "%s may begin" % daemon.name, 0.1)
    return replies[-1]


def masters(pool):
    return [server for server in pool.servers
            if server.process.alive() and server.role() == "master"]


def wait_one_master(pool, supervisors=None, limit_s=30):
    """One server is master, all supervisors name it, the living follow."""
    daemons = supervisors or pool.supervisors

    def agreed():
        found = masters(pool)
        return (len(found) == 1 and
                {pool.server_at(d.master_port()) for d in daemons}
                == set(found) and found[0])
    master = wait_until(agreed, limit_s, "one master, and all name it",
                        seen=lambda: ([s.name for s in masters(pool)],
                                      [d.master_port() for d in daemons]))
    for server in pool.others(master):
        if server.process.alive():
            wait_until(lambda s=server: is_replica_of(s, pool, master),
                       limit_s, "%s follows %s" % (server.name, master.name),
                       seen=server.info)
    return master


def is_replica_of(server, pool, master):
    info = server.info()
    return (info["role"] == "slave" and info["master_link_status"] == "up"
            and pool.server_at(int(info["master_port"])) is master)


def wait_quiet(pool, limit_s=20):
    """No failover is under way and every replica is well: ask again."""
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master()["flags"] == "master"
                   and all(row["flags"] == "slave"
                           and row["master-link-status"] == "ok"
                           for row in d.replicas()), limit_s,
                   "%s is at rest" % daemon.name,
                   seen=lambda d=daemon: (d.master()["flags"], d.replicas()))


def wait_writing(load, limit_s=15):
    """Some writes are acknowledged from now on."""
    since = time.monotonic()
    wait_until(lambda: load.acknowledged_since(since) > 20, limit_s,
               "writes are acknowledged", seen=load.reasons)
    return time.monotonic() - since


def assert_nothing_lost(load, master):
    load.close()
    lost = load.lost(master)
    assert not lost, "%d of %d lost, the first at %.3f, the last at %.3f" % (
        len(lost), load.count(), lost[0][0], lost[-1][0])


def full_syncs(pool):
    return sum(int(server.info("stats")["sync_full"])
               for server in pool.servers)


def order_without_waiting(daemon):
    connection = daemon.connect()
    connection.send(b"SENTINEL FAILOVER mymaster COORDINATED\r\n")
    return connection


def end(lab, pool):
    while lab.closing:
        lab.closing.pop().close()
    for thing in pool.servers + pool.supervisors:
        thing.kill()
