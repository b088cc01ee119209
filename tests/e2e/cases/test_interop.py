"""Pools in which sentineld and redis-sentinel 7 work together."""

from harness.cases import case
from harness.lab import Pool, redis_sentinel
from harness.supervisors import RedisSentinel, SentineldFromRedisConf
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


def pool_with_passwords(lab, ours, theirs):
    """Supervisors that want a password of each other and of their clients,
    and servers with another. One line of each kind is a user of Redis' access
    lists."""
    group = {"down_after_ms": 2000, "failover_timeout_ms": 5000,
             "auth_pass": "serverpw"}
    pool = Pool(lab, supervisors=0, group=group, password="serverpw")
    peers = "user peer on >peerpw &* +@all\n" \
        "sentinel sentinel-user peer\nsentinel sentinel-pass peerpw\n" \
        "requirepass clientpw\n"
    pool.supervisors = [
        lab.supervisor("s%d" % i, [pool.options], kind=kind, program=program,
                       extra=peers, login=("AUTH", "clientpw"))
        for i, (kind, program) in enumerate(
            [(SentineldFromRedisConf, lab.program)] * ours +
            [(RedisSentinel, redis_sentinel())] * theirs, 1)]
    return pool.start()


@case("passwords and a user for peers: two of ours and one redis-sentinel")
def passwords_two_and_one(lab):
    crash_and_return(pool_with_passwords(lab, 2, 1))


@case("passwords and a user for peers: one of ours and two redis-sentinel",
      long=True)
def passwords_one_and_two(lab):
    crash_and_return(pool_with_passwords(lab, 1, 2))


@case("one password for all, requirepass: each kind logs in at the other")
def one_password(lab):
    pool = Pool(lab, supervisors=0)
    pool.supervisors = [
        lab.supervisor("s%d" % i, [pool.options], kind=kind, program=program,
                       extra="requirepass pw\n", login=("AUTH", "pw"))
        for i, (kind, program) in enumerate(
            [(SentineldFromRedisConf, lab.program),
             (SentineldFromRedisConf, lab.program),
             (RedisSentinel, redis_sentinel())], 1)]
    pool.start()
    pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster")
    new_master = pool.wait_switched(30, pool.replicas)
    pool.wait_following(new_master, pool.others(new_master), 30)
