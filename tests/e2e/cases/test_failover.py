"""Failovers of every common kind, from the outside: what events say, in which
order, and what the servers are afterwards."""

import json

from harness.cases import case
from harness.waiting import stays, wait_until

from .common import (assert_leader_story, assert_no_failover,
                     assert_switch_told_once, leader_of, wait_master_is,
                     wait_replica_well)


def old_master_is_demoted(pool, new_master, limit_s=30):
    pool.wait_following(new_master, [pool.master], limit_s)
    wait_replica_well(pool, pool.master_port)


@case("the master crashes; it comes back as a replica", any_daemon=True)
def master_crashes(lab):
    pool = lab.pool()
    pool.master.write_confirmed("before", "the crash", 2)
    pool.master.kill()
    new_master = pool.wait_switched(among=pool.replicas)
    assert_leader_story(pool)
    assert_switch_told_once(pool, pool.master_port, new_master.port)
    assert new_master.command("GET", "before") == "the crash"
    other = [each for each in pool.replicas if each is not new_master]
    pool.wait_following(new_master, other)
    pool.events.wait("+slave-reconf-done", limit_s=15)
    pool.events.wait("+failover-end", limit_s=15)
    pool.master.start()
    old_master_is_demoted(pool, new_master)


@case("the master hangs (SIGSTOP); it is demoted when it goes on",
      any_daemon=True)
def master_hangs(lab):
    pool = lab.pool()
    pool.master.pause()
    new_master = pool.wait_switched(among=pool.replicas)
    assert_leader_story(pool)
    assert_switch_told_once(pool, pool.master_port, new_master.port)
    pool.master.resume()
    old_master_is_demoted(pool, new_master)


@case("the master's address becomes a black hole", any_daemon=True)
def master_is_black_holed(lab):
    pool = lab.pool(via_proxy=True)
    pool.proxy.black_hole()
    new_master = pool.wait_switched(among=pool.replicas)
    assert_leader_story(pool)
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master])
    assert pool.master.role() == "master"
    pool.proxy.pass_all()
    wait_until(lambda: pool.master.follows(new_master.port), 40,
               "the old master is demoted once it can be reached")


@case("connections are reset for a moment; nobody fails over",
      any_daemon=True)
def connections_are_reset(lab):
    pool = lab.pool(via_proxy=True, group={"down_after_ms": 2000})
    pool.proxy.reset_all()
    pool.proxy.pass_all()
    pool.wait_ready()
    stays(lambda: pool.supervisors[0].master_port() == pool.master_port, 2.5,
          "the master stays")
    assert_no_failover(pool)


@case("refused connections count after refused_after_ms")
def refused_counts_sooner(lab):
    pool = lab.pool(group={"down_after_ms": 20000, "refused_after_ms": 300})
    pool.master.kill()
    new_master = pool.wait_switched(10, among=pool.replicas)
    assert_switch_told_once(pool, pool.master_port, new_master.port)


@case("silence does not count after refused_after_ms already")
def silence_is_not_refusal(lab):
    pool = lab.pool(group={"down_after_ms": 4000, "refused_after_ms": 300})
    pool.master.pause()
    stays(lambda: not pool.events.find("+sdown", "master mymaster"), 2.5,
          "a silent master is not down yet")
    pool.wait_switched(among=pool.replicas)


def the_master_of_all(pool):
    """The server that every supervisor names and that agrees, or None."""
    ports = {daemon.master_port() for daemon in pool.supervisors}
    server = pool.server_at(ports.pop())
    return server if not ports and server.role() == "master" else None


@case("a master that reports itself a replica is replaced")
def master_says_replica(lab):
    pool = lab.pool()
    pool.master.follow(1)
    pool.events.wait("+odown")
    # The one with most data: that may be the old one, which is alive.
    named = wait_until(lambda: the_master_of_all(pool), 20,
                       "all name a server that says it is master")
    told = json.loads(pool.events.wait("+failover-report").payload)
    most = max(row["offset"] for row in told["candidates"])
    assert {"server": told["to"], "priority": 100, "offset": most,
            "verdict": "chosen"} in told["candidates"], told
    assert told["to"].endswith(":%d" % named.port), told
    named.write_confirmed("after", "it", 2)
    pool.wait_following(named, pool.others(named))


@case("SENTINEL FAILOVER moves the master while all are well",
      any_daemon=True)
def operator_asks(lab):
    pool = lab.pool()
    asked = pool.supervisors[1]
    assert asked.command("SENTINEL", "FAILOVER", "mymaster") == "OK"
    new_master = pool.wait_switched(among=pool.replicas)
    assert leader_of(pool) == asked.name
    assert not pool.events.find("+odown")
    assert_switch_told_once(pool, pool.master_port, new_master.port)
    old_master_is_demoted(pool, new_master)


@case("two failovers in a row, each to a server that is alive",
      any_daemon=True)
def twice(lab):
    pool = lab.pool(group={"failover_timeout_ms": 2000})
    pool.master.kill()
    second = pool.wait_switched(among=pool.replicas)
    third = [each for each in pool.replicas if each is not second][0]
    pool.wait_following(second, [third])
    wait_replica_well(pool, third.port)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master()["flags"] == "master", 15,
                   "%s finished the failover" % daemon.name)
    since = pool.events.mark()
    second.kill()
    wait_master_is(pool, third)
    first_epoch = pool.events.find("+new-epoch")[0].payload
    last_epoch = pool.events.find("+new-epoch", since=since)[-1].payload
    assert int(last_epoch) > int(first_epoch)


@case("the server that is being promoted dies", limit_s=120)
def promoted_one_dies(lab):
    pool = lab.pool(group={"failover_timeout_ms": 1000})
    pool.master.kill()
    chosen = pool.events.wait("+selected-slave")
    first = pool.server_at(int(chosen.payload.split()[3]))
    first.kill()
    last = [each for each in pool.replicas if each is not first][0]
    wait_master_is(pool, last, 40)


@case("the leader is killed as soon as it is elected")
def leader_is_killed(lab):
    pool = lab.pool()
    pool.master.kill()
    elected = pool.events.wait("+elected-leader").source
    leader = [d for d in pool.supervisors if d.name == elected][0]
    leader.kill()
    rest = [d for d in pool.supervisors if d is not leader]
    new_master = pool.wait_switched(30, pool.replicas, rest)
    leader.start()
    wait_master_is(pool, new_master)
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master])


@case("the leader hangs as soon as it is elected, and goes on later")
def leader_hangs(lab):
    pool = lab.pool()
    pool.master.kill()
    elected = pool.events.wait("+elected-leader").source
    leader = [d for d in pool.supervisors if d.name == elected][0]
    leader.pause()
    rest = [d for d in pool.supervisors if d is not leader]
    new_master = pool.wait_switched(30, pool.replicas, rest)
    leader.resume()
    wait_master_is(pool, new_master)
    stays(lambda: new_master.role() == "master"
          and sum(each.role() == "master" for each in pool.replicas) == 1,
          2.0, "there is one master")


@case("the leader is killed once elected, again and again",
      long=True, limit_s=240)
def leader_dies_often(lab):
    for turn in range(5):
        pool = lab.pool(name="mymaster", prefix="t%d-" % turn)
        pool.master.kill()
        elected = pool.events.wait("+elected-leader").source
        leader = [d for d in pool.supervisors if d.name == elected][0]
        leader.kill()
        rest = [d for d in pool.supervisors if d is not leader]
        pool.wait_switched(30, pool.replicas, rest)
        for thing in pool.servers + pool.supervisors:
            thing.kill()


CRASHES = 20


def is_whole(pool):
    return all(daemon.master()["flags"] == "master" and
               daemon.master()["num-slaves"] == "2"
               for daemon in pool.supervisors)


def one_master(pool, old):
    """The server that all supervisors name, unless it is the old one."""
    ports = {daemon.master_port() for daemon in pool.supervisors}
    return len(ports) == 1 and old.port not in ports and \
        pool.server_at(ports.pop())


def crash_and_come_back(pool, master):
    """One crash and a restart: the new master, and the epochs that it took."""
    since = pool.events.mark()
    servers = [pool.master] + pool.replicas
    master.kill()
    pool.events.wait("+failover-end", since=since, limit_s=20)
    new_master = wait_until(lambda: one_master(pool, master), 20,
                            "all name another master")
    master.start()
    pool.wait_following(new_master, [server for server in servers
                                     if server is not new_master], 30)
    wait_until(lambda: is_whole(pool), 20, "all is well again")
    assert_leader_story(pool, since)
    return new_master, {event.payload for event
                        in pool.events.find("+new-epoch", since=since)}


@case("a crash takes one epoch and one election", long=True, limit_s=600)
def one_epoch_each(lab):
    pool = lab.pool(group={"failover_timeout_ms": 10000})
    master = pool.master
    counts = []
    for _ in range(CRASHES):
        master, epochs = crash_and_come_back(pool, master)
        counts.append(len(epochs))
    print("%d crashes took %d epochs" % (CRASHES, sum(counts)))
    assert sum(counts) <= CRASHES + CRASHES // 10, counts
