"""Failovers of every common kind, from the outside: what events say, in which
order, and what the servers are afterwards."""

from harness.cases import case
from harness.waiting import stays, wait_until

LEADER_ORDER = ["+sdown", "+odown", "+try-failover", "+elected-leader",
                "+failover-state-select-slave", "+selected-slave",
                "+failover-state-send-slaveof-noone", "+promoted-slave",
                "+failover-state-reconf-slaves"]


def assert_in_order(wanted, seen, whose):
    """`wanted` is a subsequence of `seen`."""
    rest = iter(seen)
    for channel in wanted:
        assert any(each == channel for each in rest), \
            "%s: %s is missing or out of order in %s" % (whose, channel, seen)


def leader_of(pool, since=0):
    """Who was elected last."""
    return pool.events.find("+elected-leader", since=since)[-1].source


def assert_leader_story(pool, since=0):
    leader = leader_of(pool, since)
    assert_in_order(LEADER_ORDER, pool.events.channels(leader, since), leader)


def assert_switch_told_once(pool, old_port, new_port, since=0):
    """Each supervisor publishes the switch, with the five words that clients
    take apart, exactly once."""
    wanted = "mymaster 127.0.0.1 %d 127.0.0.1 %d" % (old_port, new_port)
    for daemon in pool.supervisors:
        pool.events.wait("+switch-master", wanted, daemon.name, since)
        told = pool.events.find("+switch-master", "", daemon.name, since)
        assert [event.payload for event in told] == [wanted], told


def old_master_comes_back(pool, new_master):
    """It is made a replica, told as +convert-to-slave by somebody or simply
    seen to follow."""
    pool.wait_following(new_master, [pool.master], 30)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.replica(pool.master_port).get("flags")
                   == "slave", 20, "%s sees the old master well" % daemon.name,
                   seen=lambda d=daemon: d.replica(pool.master_port))


@case("the master crashes; it comes back as a replica", any_daemon=True)
def master_crashes(lab):
    pool = lab.pool()
    pool.master.command("SET", "before", "the crash")
    pool.master.command("WAIT", 2, 1000)
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
    old_master_comes_back(pool, new_master)


@case("the master hangs (SIGSTOP); it is demoted when it goes on",
      any_daemon=True)
def master_hangs(lab):
    pool = lab.pool()
    pool.master.pause()
    new_master = pool.wait_switched(among=pool.replicas)
    assert_leader_story(pool)
    assert_switch_told_once(pool, pool.master_port, new_master.port)
    pool.master.resume()
    old_master_comes_back(pool, new_master)
    assert pool.events.find("+switch-master", "", "s1")[0].payload.split()[4] \
        == str(new_master.port)


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
    pool = lab.pool(via_proxy=True, group={"down_after_ms": 1000})
    pool.proxy.reset_all()
    pool.proxy.pass_all()
    pool.wait_ready()
    stays(lambda: pool.supervisors[0].master_port() == pool.master_port, 2,
          "the master stays")
    assert not pool.events.find("+try-failover")


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
    old_master_comes_back(pool, new_master)


@case("two failovers in a row, each to a server that is alive",
      any_daemon=True)
def twice(lab):
    pool = lab.pool(group={"failover_timeout_ms": 3000})
    pool.master.kill()
    second = pool.wait_switched(among=pool.replicas)
    third = [each for each in pool.replicas if each is not second][0]
    pool.wait_following(second, [third])
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.replica(third.port).get("flags")
                   == "slave", 15, "%s sees the replica well" % daemon.name)
        wait_until(lambda d=daemon: d.master()["flags"] == "master", 15,
                   "%s finished the failover" % daemon.name)
    since = pool.events.mark()
    second.kill()
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master_port() == third.port, 30,
                   "%s names the last server" % daemon.name)
    assert third.role() == "master"
    first_epoch = pool.events.find("+new-epoch")[0].payload
    last_epoch = pool.events.find("+new-epoch", since=since)[-1].payload
    assert int(last_epoch) > int(first_epoch)
