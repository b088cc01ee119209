"""Switchovers that take long: the replicas are held up, writes are paused, and
then something happens."""

import time

from harness.cases import case
from harness.slow_link import SlowLink
from harness.waiting import wait_until

from .switching import (PATIENT, assert_nothing_lost, failover, masters,
                        switch, wait_one_master, wait_quiet, wait_writing)


class LongPause:
    """A switchover that waits for replicas that are held up, so writes are
    paused until something happens."""

    def __init__(self, lab, timeout_ms=6000, **options):
        self.pool = lab.pool(via_proxy=SlowLink, **options)
        self.load = lab.load(self.pool.supervisors)
        wait_writing(self.load)
        self.pool.proxy.hold()
        self.order = self.pool.supervisors[0].connect(limit_s=20.0)
        self.order.send(b"SENTINEL FAILOVER mymaster COORDINATED "
                        b"TIMEOUT %d\r\n" % timeout_ms)
        self.pool.events.wait("+elected-leader")
        time.sleep(0.3)

    def target(self):
        """The replica that is being waited for."""
        log = self.pool.supervisors[0].process.log_text()
        line = [each for each in log.splitlines()
                if "candidate" in each and each.endswith(": chosen")][-1]
        port = line.split(" candidate ")[1].split(",")[0].rsplit(":", 1)[1]
        return self.pool.server_at(int(port))

    def reply(self):
        with self.order:
            return str(self.order.read())

    def finish(self):
        self.pool.proxy.release()
        wait_writing(self.load)
        master = wait_one_master(self.pool)
        wait_quiet_enough(self.pool)
        assert_nothing_lost(self.load, master)


def wait_quiet_enough(pool):
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master()["flags"] == "master", 20,
                   "%s is at rest" % daemon.name)


@case("a replica that cannot catch up: undone, and the reason is said")
def cannot_catch_up(lab):
    pool = lab.pool(via_proxy=SlowLink, group=PATIENT)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    pool.proxy.hold()
    reply = failover(pool.supervisors[0], "COORDINATED", "TIMEOUT", "700")
    assert "did not catch up within 700 ms" in reply, reply
    assert wait_writing(load) < 3.0
    assert masters(pool) == [pool.master]
    assert not pool.events.find("+switch-master")
    pool.proxy.release()
    wait_quiet(pool)
    reply = switch(pool.supervisors[0], "COORDINATED")
    assert reply == "OK", reply
    assert_nothing_lost(load, wait_one_master(pool))


@case("the leader is killed while writes are paused: writes go on",
      limit_s=60)
def leader_dies_in_the_pause(lab):
    strike_in_the_pause(lab, 1000)


@case("the leader is killed in a pause of a minute: writes go on soon",
      long=True)
def leader_dies_in_a_long_pause(lab):
    assert strike_in_the_pause(lab, 60000) < 10


def strike_in_the_pause(lab, timeout_ms):
    """Returns how long nobody could write, in seconds."""
    pause = LongPause(lab, timeout_ms)
    pause.order.close()
    pause.pool.supervisors[0].kill()
    pause.pool.proxy.release()
    wait_writing(pause.load, 70)
    master = wait_one_master(pause.pool, pause.pool.supervisors[1:])
    assert_nothing_lost(pause.load, master)
    return pause.load.longest_gap()


@case("the voters hang in the pause: undone when their votes are over",
      long=True)
def voters_hang(lab):
    pause = LongPause(lab)
    for daemon in pause.pool.supervisors[1:]:
        daemon.pause()
    reply = pause.reply()
    assert "majority" in reply, reply
    assert wait_writing(pause.load) < 3.0
    for daemon in pause.pool.supervisors[1:]:
        daemon.resume()
    pause.finish()


@case("the chosen replica is killed in the pause: undone", long=True)
def target_dies_in_the_pause(lab):
    pause = LongPause(lab)
    target = pause.target()
    target.kill()
    reply = pause.reply()
    assert "replica" in reply, reply
    assert wait_writing(pause.load) < 3.0
    target.start()
    pause.finish()


@case("the chosen replica hangs in the pause: undone", long=True)
def target_hangs_in_the_pause(lab):
    pause = LongPause(lab)
    target = pause.target()
    target.pause()
    reply = pause.reply()
    assert "replica" in reply or "catch up" in reply, reply
    assert wait_writing(pause.load) < 3.0
    target.resume()
    pause.finish()


@case("the master is killed in the pause: an ordinary failover", long=True)
def master_dies_in_the_pause(lab):
    pause = LongPause(lab)
    pause.pool.master.kill()
    assert pause.reply().startswith("ERR")
    pause.pool.proxy.release()
    wait_writing(pause.load)
    wait_one_master(pause.pool)


@case("the group is removed in the pause: writes go on", long=True)
def removed_in_the_pause(lab):
    pause = LongPause(lab)
    pause.pool.supervisors[0].command("SENTINEL", "REMOVE", "mymaster")
    assert wait_writing(pause.load) < 4.0
    assert pause.pool.master.role() == "master"


@case("who asked hangs up in the pause: nothing changes", long=True)
def client_leaves(lab):
    pause = LongPause(lab)
    pause.order.close()
    pause.pool.proxy.release()
    pause.pool.wait_switched(5)
    pause.finish()


@case("a pause longer than down_after: nobody fails over")
def pause_beyond_down_after(lab):
    pool = lab.pool(via_proxy=SlowLink)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    pool.proxy.hold()
    reply = failover(pool.supervisors[0], "COORDINATED", "TIMEOUT", "2500")
    pool.proxy.release()
    wait_writing(load)
    tried = pool.events.find("+try-failover")
    assert len(tried) == 1, tried
    assert reply.startswith("-ERR") and "catch up" in reply, reply
    assert_nothing_lost(load, wait_one_master(pool))
