"""Somebody dies or hangs at a step of a planned switchover: afterwards what
was acknowledged is there, and there is one master."""

import time

from harness.cases import case
from harness.processes import set_file_size_limit
from harness.slow_link import SlowLink
from harness.waiting import stays, wait_until

from .switching import (assert_nothing_lost, end, masters,
                        order_without_waiting, wait_one_master, wait_quiet,
                        wait_writing)

LEADER_STEPS = ["+try-failover", "+elected-leader", "+selected-slave",
                "+promoted-slave", "+switch-master", "+slave-reconf-sent",
                "+failover-end"]


def kill_at(lab, strike, channel, prefix="", long_way=False):
    """Someone dies or hangs as the leader gets to `channel`."""
    pool = lab.pool(prefix=prefix)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    leader = pool.supervisors[0]
    since = pool.events.mark()
    order = order_without_waiting(leader)
    if channel is not None:
        pool.events.wait(channel, source=leader.name, since=since, limit_s=5)
    strike(pool, leader)
    order.close()
    wait_writing(load)
    master = wait_one_master(pool, pool.supervisors[1:])
    stays(lambda: masters(pool) == [master], 3.0 if long_way else 0.5,
          "one master")
    return pool, load, master


def leader_dies_at(lab, channel, prefix=""):
    pool, load, _ = kill_at(lab, lambda _, leader: leader.kill(),
                               channel, prefix, long_way=True)
    pool.supervisors[0].start()
    wait_quiet(pool)
    assert_nothing_lost(load, wait_one_master(pool))
    return pool


@case("the leader is killed as it announces the new master")
def leader_dies_late(lab):
    leader_dies_at(lab, "+switch-master")


@case("the leader is killed at each step", long=True, limit_s=400)
def leader_dies_anywhere(lab):
    for turn, channel in enumerate(LEADER_STEPS + [None]):
        pool = leader_dies_at(lab, channel, "t%d-" % turn)
        end(lab, pool)


@case("the leader is killed at each step and back at once",
      long=True, limit_s=400)
def leader_restarts_anywhere(lab):
    for turn, channel in enumerate(LEADER_STEPS + [None]):
        pool, load, _ = kill_at(lab, lambda _, leader: leader.restart(),
                                channel, "t%d-" % turn, long_way=True)
        wait_quiet(pool)
        assert_nothing_lost(load, wait_one_master(pool))
        end(lab, pool)


def crash_after_promotion(lab, back_after_s, prefix=""):
    """What it has saved was told to nobody; then it is back."""
    pool = lab.pool(prefix=prefix)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    leader = pool.supervisors[0]
    leader.command("SENTINEL", "SIMULATE-FAILURE", "crash-after-promotion")
    order = order_without_waiting(leader)
    wait_until(lambda: not leader.process.alive(), 5, "the leader is gone")
    order.close()
    time.sleep(back_after_s)
    leader.start()
    wait_quiet(pool)
    wait_writing(load)
    assert_nothing_lost(load, wait_one_master(pool))
    return pool


@case("the leader dies before it tells of a promotion; is back at once",
      long=True)
def back_at_once(lab):
    crash_after_promotion(lab, 0.0)


@case("the same, and it is back when the pause is over", long=True)
def back_after_the_pause(lab):
    crash_after_promotion(lab, 5.0)


@case("the same, and it is back when the others have cleaned up", long=True)
def back_after_repairs(lab):
    crash_after_promotion(lab, 12.0)


@case("the chosen replica hangs as it is promoted, and goes on later",
      long=True, limit_s=120)
def target_hangs_as_promoted(lab):
    def strike(pool, leader):
        chosen = pool.events.find("+selected-slave", source=leader.name)
        strike.target = pool.server_at(int(chosen[-1].payload.split()[3]))
        strike.target.pause()
    pool = lab.pool()
    load = lab.load(pool.supervisors)
    wait_writing(load)
    leader = pool.supervisors[0]
    order = order_without_waiting(leader)
    pool.events.wait("+selected-slave", source=leader.name)
    strike(pool, leader)
    time.sleep(3.0)
    strike.target.resume()
    order.close()
    wait_quiet(pool)
    assert_nothing_lost(load, wait_one_master(pool))


@case("the leader hangs as it announces, and goes on later", long=True)
def leader_hangs(lab):
    pool, load, _ = kill_at(lab, lambda _, leader: leader.pause(),
                            "+switch-master")
    pool.supervisors[0].resume()
    assert_nothing_lost(load, wait_one_master(pool))


@case("the leader hangs for 4 s between promoting and telling", long=True,
      limit_s=120)
def leader_hangs_promoting(lab):
    for turn, channel in enumerate(["+selected-slave", "+promoted-slave"]):
        pool = lab.pool(prefix="t%d-" % turn)
        load = lab.load(pool.supervisors)
        wait_writing(load)
        leader = pool.supervisors[0]
        order = order_without_waiting(leader)
        pool.events.wait(channel, source=leader.name)
        leader.pause()
        time.sleep(4.0)
        leader.resume()
        order.close()
        wait_quiet(pool)
        assert_nothing_lost(load, wait_one_master(pool))
        end(lab, pool)


@case("the leader's disk is full for 5 s as the replica is promoted",
      long=True)
def leaders_disk_is_full(lab):
    pool = lab.pool(via_proxy=SlowLink)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    pool.proxy.hold()
    leader = pool.supervisors[0]
    order = order_without_waiting(leader)
    pool.events.wait("+elected-leader")
    time.sleep(0.1)
    set_file_size_limit(leader.process.pid, 1)
    pool.proxy.release()
    pool.events.wait("+promoted-slave", limit_s=5)
    time.sleep(5.0)
    set_file_size_limit(leader.process.pid, None)
    wait_quiet(pool)
    order.close()
    wait_writing(load)
    assert_nothing_lost(load, wait_one_master(pool))


@case("the target is killed as it is chosen: undone, or another serves")
def target_dies(lab):
    def strike(pool, leader):
        chosen = pool.events.find("+selected-slave", source=leader.name)
        pool.server_at(int(chosen[-1].payload.split()[3])).kill()
    pool, load, master = kill_at(lab, strike, "+selected-slave")
    assert_nothing_lost(load, master)


@case("the master is killed in the middle: one master in the end", long=True)
def master_dies(lab):
    for turn, channel in enumerate(["+elected-leader", "+selected-slave",
                                    "+switch-master"]):
        pool, _, _ = kill_at(lab, lambda pool, _: pool.master.kill(),
                             channel, "t%d-" % turn)
        end(lab, pool)
