"""Pools in which sentineld and redis-sentinel 7 work together."""

import copy

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


def pool_led_by(lab, ours, theirs, leads):
    """A pool in which one kind of supervisors alone can find the master down
    before the case is over, and has to lead with the votes of the others.

    Two of ours agree at once that a process is gone, and elect one of them to
    keep the replicas from what may come back: their votes bind then. So that
    a redis-sentinel can lead them here, they are told not to."""
    pool = Pool(lab, supervisors=0, group={
        "down_after_ms": 2000, "failover_timeout_ms": 5000,
        "quorum": ours if leads == "ours" else theirs})
    patient = copy.copy(pool.options)
    patient.down_after_ms = 120000
    if leads == "theirs" and ours > 1:
        patient.native = {"on_empty_master": "allow"}
    pool.supervisors = [
        lab.supervisor("%s%d" % (kind, i),
                       [pool.options if kind == leads else patient],
                       program=program)
        for kind, count, program in (
            ("ours", ours, lab.program), ("theirs", theirs, redis_sentinel()))
        for i in range(1, count + 1)]
    return pool.start()


def check_leader(pool, leads):
    """Who won told it; the others took it over from him, and name the same
    epoch."""
    leaders = {event.source for event in pool.events.find("+elected-leader")}
    assert leaders and all(name.startswith(leads) for name in leaders), leaders
    for daemon in pool.supervisors:
        if not daemon.name.startswith(leads):
            pool.events.wait("+config-update-from", "", daemon.name, limit_s=20)
        pool.events.wait("+switch-master", "mymaster", daemon.name, limit_s=20)
    wait_until(lambda: len({d.master()["config-epoch"]
                            for d in pool.supervisors}) == 1, 20,
               "all name one epoch")


def trouble(pool, leads, fall, rise):
    fall(pool.master)
    new_master = pool.wait_switched(40, pool.replicas)
    check_leader(pool, leads)
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master], 40)
    rise(pool.master)
    pool.wait_following(new_master, [pool.master], 60)


def crash(pool, leads):
    trouble(pool, leads, lambda server: server.kill(),
            lambda server: server.start())


def hang(pool, leads):
    trouble(pool, leads, lambda server: server.pause(),
            lambda server: server.resume())


@case("one of ours leads two redis-sentinel: crash")
def ours_alone_lead_crash(lab):
    crash(pool_led_by(lab, 1, 2, "ours"), "ours")


@case("one of ours leads two redis-sentinel: hang")
def ours_alone_lead_hang(lab):
    hang(pool_led_by(lab, 1, 2, "ours"), "ours")


@case("two redis-sentinel lead one of ours: crash")
def theirs_lead_crash(lab):
    crash(pool_led_by(lab, 1, 2, "theirs"), "theirs")


@case("two redis-sentinel lead one of ours: hang")
def theirs_lead_hang(lab):
    hang(pool_led_by(lab, 1, 2, "theirs"), "theirs")


@case("two of ours lead one redis-sentinel: crash")
def ours_lead_crash(lab):
    crash(pool_led_by(lab, 2, 1, "ours"), "ours")


@case("two of ours lead one redis-sentinel: hang")
def ours_lead_hang(lab):
    hang(pool_led_by(lab, 2, 1, "ours"), "ours")


@case("one redis-sentinel leads two of ours: crash")
def theirs_alone_lead_crash(lab):
    crash(pool_led_by(lab, 2, 1, "theirs"), "theirs")


@case("one redis-sentinel leads two of ours: hang")
def theirs_alone_lead_hang(lab):
    hang(pool_led_by(lab, 2, 1, "theirs"), "theirs")


def ordered(pool, told):
    """SENTINEL FAILOVER to one supervisor, who leads it then."""
    told.command("SENTINEL", "FAILOVER", "mymaster")
    new_master = pool.wait_switched(30, pool.replicas)
    check_leader(pool, told.name)
    pool.wait_following(new_master, pool.others(new_master), 40)


@case("one of ours and two redis-sentinel: SENTINEL FAILOVER to one of those")
def theirs_obey(lab):
    pool = mixed_pool(lab, 1, 2)
    ordered(pool, pool.supervisors[-1])


@case("two of ours and one redis-sentinel: SENTINEL FAILOVER to one of ours")
def ours_obey(lab):
    pool = mixed_pool(lab, 2, 1)
    ordered(pool, pool.supervisors[0])


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
