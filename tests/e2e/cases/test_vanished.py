"""A master that is killed and is there again a moment later."""

import time

from harness.cases import case
from harness.vanishing import fill, restart, restart_empty
from harness.waiting import stays, wait_until

from .common import assert_no_failover

KEYS = 1000
DELAYS_S = (0, 0.025, 0.1, 0.25, 1.0)


def wait_settled(pool):
    """One master that all supervisors name and all servers follow."""
    def settled():
        try:
            ports = {daemon.master_port() for daemon in pool.supervisors}
            server = pool.server_at(ports.pop())
            return not ports and server.role() == "master" and all(
                each.follows(server.port) for each in pool.others(server)
            ) and server
        except OSError:
            return None
    return wait_until(settled, 30, "one master that all follow")


def restarts(pool, times):
    for delay_s in DELAYS_S:
        for number in range(times):
            master = wait_settled(pool)
            time.sleep(1.0)  # connections count as served
            fill(master, KEYS, "%s-%d" % (delay_s, number),
                 len(pool.replicas))
            since = pool.events.mark()
            restart_empty(master, delay_s)
            pool.events.wait("+switch-master", since=since, limit_s=20)
            kept = wait_settled(pool)
            assert kept is not master
            left = kept.command("DBSIZE")
            assert left == KEYS, "restart after %s s: %d of %d keys left" % (
                delay_s, left, KEYS)


@case("killed and restarted at once, with nothing: no key is lost")
def empty_at_once(lab):
    restarts(lab.pool(group={"down_after_ms": 3000}), 1)


@case("the same, again and again", long=True)
def empty_often(lab):
    restarts(lab.pool(group={"down_after_ms": 3000}), 20)


@case("restarted with what its replicas have: nothing happened but a pause")
def back_with_its_data(lab):
    pool = lab.pool(group={"down_after_ms": 5000})
    fill(pool.master, KEYS, "x", len(pool.replicas))
    pool.master.command("SAVE")
    since = pool.events.mark()
    restart(pool.master, 0.2)
    pool.events.wait("-hold-replicas", since=since)
    pool.wait_following(pool.master, pool.replicas)
    assert pool.master.command("DBSIZE") == KEYS
    for replica in pool.replicas:
        assert replica.command("DBSIZE") == KEYS
    full = int(pool.master.info("stats")["sync_full"])
    assert full == 0, "%d full resynchronisations" % full
    assert_no_failover(pool, since)


@case("on_empty_master = alert: an operator finds the replicas as they were")
def alert(lab):
    pool = lab.pool(group={"down_after_ms": 3000})
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", pool.name, "on-empty-master",
                       "alert")
    fill(pool.master, KEYS, "x", len(pool.replicas))
    since = pool.events.mark()
    restart_empty(pool.master, 0.1)
    pool.events.wait("+empty-master", since=since)
    stays(lambda: all(each.command("DBSIZE") == KEYS
                      for each in pool.replicas), 3, "they keep all keys")
    assert_no_failover(pool, since)
    leader = pool.events.find("+hold-replicas", since=since)[-1].source
    daemon = next(each for each in pool.supervisors if each.name == leader)
    assert daemon.command("SENTINEL", "FAILOVER", pool.name) == "OK"
    kept = wait_settled(pool)
    assert kept is not pool.master
    assert kept.command("DBSIZE") == KEYS


AOF = "appendonly yes\nappendfsync always\n"


@case("a master with an append-only file has all that it acknowledged")
def append_only_file(lab):
    pool = lab.pool(group={"down_after_ms": 5000}, server_extra={"m": AOF})
    fill(pool.master, KEYS, "x", len(pool.replicas))
    since = pool.events.mark()
    restart(pool.master, 0.1)
    pool.wait_following(pool.master, pool.replicas, 20)
    assert pool.master.command("DBSIZE") == KEYS
    pool.wait_ready()
    assert_no_failover(pool, since)


@case("... and with on_empty_master = allow it stays master")
def append_only_file_allowed(lab):
    pool = lab.pool(group={"down_after_ms": 5000}, server_extra={"m": AOF})
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", pool.name, "on-empty-master",
                       "allow")
    fill(pool.master, KEYS, "x", len(pool.replicas))
    since = pool.events.mark()
    restart(pool.master, 0)
    pool.wait_following(pool.master, pool.replicas, 20)
    assert pool.master.command("DBSIZE") == KEYS
    pool.wait_ready()
    assert_no_failover(pool, since)
