"""SENTINEL RESET in the middle of something. Operators of Kubernetes send it
to all supervisors whenever they look after a pool."""

import time

from harness.cases import case
from harness.vanishing import fill
from harness.waiting import wait_until

from .common import assert_no_failover
from .switching import masters

KEYS = 500


def reset_all(pool):
    for daemon in pool.supervisors:
        assert daemon.command("SENTINEL", "RESET", "*") == 1


def gone_and_reset(lab):
    """The master ends with all it has on its disk, and before it is back all
    supervisors are told to forget."""
    pool = lab.pool(group={"down_after_ms": 5000})
    fill(pool.master, KEYS, "x", len(pool.replicas))
    pool.master.command("SAVE")
    pool.master.kill()
    time.sleep(0.8)
    reset_all(pool)
    time.sleep(1.7)
    return pool


# Long: replicas that were detached are forgotten, and stay so.
@case("RESET * while a master is away: its replicas follow it again",
      any_daemon=True)
def while_away(lab):
    pool = gone_and_reset(lab)
    since = pool.events.mark()
    pool.master.start()
    pool.wait_following(pool.master, pool.replicas, 5)
    pool.wait_ready(40)  # INFO of a quiet master, every ten seconds
    for server in pool.servers:
        assert server.command("DBSIZE") == KEYS
    assert_no_failover(pool, since)


@case("the same, and it is back with nothing: what replicas have is kept")
def back_with_nothing(lab):
    pool = gone_and_reset(lab)
    pool.master.remove_data()
    pool.master.start()
    keeper = wait_until(
        lambda: next((each for each in masters(pool)
                      if each.command("DBSIZE") == KEYS), None), 20,
        "somebody with all keys is master")
    wait_until(lambda: {d.master_port() for d in pool.supervisors}
               == {keeper.port}, 10, "all name it")
    pool.wait_following(keeper, pool.others(keeper), 20)
    for server in pool.servers:
        assert server.command("DBSIZE") == KEYS


def kept_back(pool):
    fill(pool.master, KEYS, "x", len(pool.replicas))
    since = pool.events.mark()
    pool.master.kill()
    pool.events.wait("+hold-replicas", since=since)
    for replica in pool.replicas:
        wait_until(lambda replica=replica: replica.info()["master_port"] == "1",
                   5, "a replica is kept back")


def names_the_master(pool):
    return all(int(replica.info()["master_port"]) == pool.master.port
               for replica in pool.replicas)


@case("all supervisors are stopped while replicas are kept back: they follow")
def stopped(lab):
    pool = lab.pool(group={"down_after_ms": 30000})
    kept_back(pool)
    for daemon in pool.supervisors:
        assert daemon.process.stop() == 0
    wait_until(lambda: names_the_master(pool), 5, "the replicas follow again")


@case("... and when the group is removed from all of them")
def removed(lab):
    pool = lab.pool(group={"down_after_ms": 30000})
    kept_back(pool)
    for daemon in pool.supervisors:
        assert daemon.command("SENTINEL", "REMOVE", pool.name) == "OK"
    wait_until(lambda: names_the_master(pool), 5, "the replicas follow again")
