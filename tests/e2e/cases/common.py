"""Assertions that several subjects share."""

from harness.waiting import wait_until

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


def assert_no_failover(pool, since=0):
    tried = pool.events.find("+try-failover", since=since)
    assert not tried, tried
    for daemon in pool.supervisors:
        if daemon.process.alive():
            assert daemon.master_port() == pool.master_port


def wait_replica_well(pool, port, limit_s=20):
    """Every supervisor sees a healthy replica at this port."""
    for daemon in pool.supervisors:
        wait_until(
            lambda d=daemon: d.replica(port).get("flags") == "slave"
            and d.replica(port).get("master-link-status") == "ok",
            limit_s, "%s sees the replica at port %d well"
            % (daemon.name, port), seen=lambda d=daemon: d.replica(port))


def wait_master_is(pool, server, limit_s=30, supervisors=None):
    """The supervisors name this server, and it says so too."""
    for daemon in supervisors or pool.supervisors:
        wait_until(lambda d=daemon: d.master_port() == server.port, limit_s,
                   "%s names %s" % (daemon.name, server.name),
                   seen=lambda d=daemon: d.master_port())
    wait_until(lambda: server.role() == "master", 5,
               "%s is a master" % server.name)
