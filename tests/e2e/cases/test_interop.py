"""Pools in which sentineld and redis-sentinel 7 work together."""

from harness.cases import case
from harness.lab import redis_sentinel
from harness.waiting import wait_until

from .common import wait_replica_well


def mixed_pool(lab, ours, theirs):
    """Ours come first in pool.supervisors."""
    programs = [lab.program] * ours + [redis_sentinel()] * theirs
    return lab.pool(programs=programs, group={
        "down_after_ms": 2000, "failover_timeout_ms": 5000})


def crash_and_return(pool):
    pool.master.kill()
    new_master = pool.wait_switched(40, pool.replicas)
    told = "mymaster 127.0.0.1 %d 127.0.0.1 %d" % (pool.master_port,
                                                   new_master.port)
    for daemon in pool.supervisors:
        pool.events.wait("+switch-master", told, daemon.name, limit_s=20)
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master])
    pool.master.start()
    pool.wait_following(new_master, [pool.master], 40)
    wait_replica_well(pool, pool.master_port, 30)
    epochs = {daemon.master()["config-epoch"] for daemon in pool.supervisors}
    assert len(epochs) == 1, epochs


@case("two of ours and one redis-sentinel fail over together")
def two_and_one(lab):
    crash_and_return(mixed_pool(lab, 2, 1))


@case("one of ours and two redis-sentinel fail over together")
def one_and_two(lab):
    crash_and_return(mixed_pool(lab, 1, 2))


@case("redis-sentinel leads, ours follow: SENTINEL FAILOVER there")
def they_lead(lab):
    pool = mixed_pool(lab, 2, 1)
    pool.supervisors[-1].command("SENTINEL", "FAILOVER", "mymaster")
    new_master = pool.wait_switched(30, pool.replicas)
    for daemon in pool.supervisors[:2]:
        pool.events.wait("+config-update-from", "", daemon.name)
    pool.wait_following(new_master, pool.others(new_master), 30)


@case("ours lead, redis-sentinel follows: SENTINEL FAILOVER here")
def we_lead(lab):
    pool = mixed_pool(lab, 1, 2)
    pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster")
    new_master = pool.wait_switched(30, pool.replicas)
    for daemon in pool.supervisors[1:]:
        pool.events.wait("+config-update-from", "", daemon.name)
    pool.wait_following(new_master, pool.others(new_master), 30)


@case("two of each replace a hung master", long=True,
      limit_s=240)
def hang_in_mixed_pools(lab):
    pool = mixed_pool(lab, 2, 2)
    pool.master.pause()
    new_master = pool.wait_switched(60, pool.replicas)
    pool.master.resume()
    pool.wait_following(new_master, [pool.master], 60)
    wait_until(lambda: all(d.master_port() == new_master.port
                           for d in pool.supervisors), 10, "all agree")
