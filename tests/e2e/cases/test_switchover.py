"""Planned switchovers with real servers and writers: what was acknowledged is
there afterwards, whoever dies on the way, and there is one master."""

import time

from harness.cases import case
from harness.processes import set_file_size_limit
from harness.resp import ReplyError
from harness.slow_link import SlowLink
from harness.waiting import stays, wait_until

from .common import leader_of, wait_master_is

# Longer than any pause or timeout of these cases: what is slow on purpose is
# not down.
PATIENT = {"down_after_ms": 8000}
NO_PAUSE = "user default on nopass ~* &* +@all -client|pause\n"


def failover(daemon, *words):
    """The reply; errors are returned as text."""
    with daemon.connect(limit_s=20.0) as connection:
        reply = connection.ask("SENTINEL", "FAILOVER", "mymaster", *words)
    return "-%s" % reply if isinstance(reply, ReplyError) else reply


def switch(daemon, *words, limit_s=10):
    """The reply, asked again while the vote for the last one still binds."""
    replies = []

    def ask():
        replies.append(failover(daemon, *words))
        return not replies[-1].startswith("-INPROG")
    wait_until(ask, limit_s, "%s may begin" % daemon.name, 0.1)
    return replies[-1]


def masters(pool):
    return [server for server in pool.servers
            if server.process.alive() and server.role() == "master"]


def wait_one_master(pool, supervisors=None, limit_s=30):
    """One server is master, all supervisors name it, the living follow."""
    daemons = supervisors or pool.supervisors

    def agreed():
        found = masters(pool)
        return (len(found) == 1 and
                {pool.server_at(d.master_port()) for d in daemons}
                == set(found) and found[0])
    master = wait_until(agreed, limit_s, "one master, and all name it",
                        seen=lambda: ([s.name for s in masters(pool)],
                                      [d.master_port() for d in daemons]))
    for server in pool.others(master):
        if server.process.alive():
            wait_until(lambda s=server: is_replica_of(s, pool, master),
                       limit_s, "%s follows %s" % (server.name, master.name),
                       seen=server.info)
    return master


def is_replica_of(server, pool, master):
    info = server.info()
    return (info["role"] == "slave" and info["master_link_status"] == "up"
            and pool.server_at(int(info["master_port"])) is master)


def wait_quiet(pool, limit_s=20):
    """No failover is under way and every replica is well: ask again."""
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master()["flags"] == "master"
                   and all(row["flags"] == "slave"
                           and row["master-link-status"] == "ok"
                           for row in d.replicas()), limit_s,
                   "%s is at rest" % daemon.name,
                   seen=lambda d=daemon: (d.master()["flags"], d.replicas()))


def wait_writing(load, limit_s=15):
    """Some writes are acknowledged from now on."""
    since = time.monotonic()
    wait_until(lambda: load.acknowledged_since(since) > 20, limit_s,
               "writes are acknowledged", seen=load.reasons)
    return time.monotonic() - since


def assert_nothing_lost(load, master):
    load.close()
    lost = load.lost(master.port)
    assert not lost, "%d of %d lost, the first at %.3f, the last at %.3f" % (
        len(lost), load.count(), lost[0][0], lost[-1][0])


def full_syncs(pool):
    return sum(int(server.info("stats")["sync_full"])
               for server in pool.servers)


def switch_often(lab, turns):
    pool = lab.pool()
    load = lab.load(pool.supervisors)
    pooled = lab.load(pool.supervisors, follow=False, prefix="p")
    syncs = full_syncs(pool)
    for turn in range(turns):
        wait_quiet(pool)
        wait_writing(load)
        old = wait_one_master(pool)
        reply = switch(pool.supervisors[turn % 3], "COORDINATED")
        assert reply == "OK", reply
        wait_until(lambda: masters(pool) not in ([], [old]), 10,
                   "the role moved")
    master = wait_one_master(pool)
    for each in (load, pooled):
        wait_writing(each)
        assert_nothing_lost(each, master)
    assert full_syncs(pool) == syncs, "replicas were copied anew"


@case("two switchovers under load lose nothing and copy nothing")
def twice_under_load(lab):
    switch_often(lab, 2)


@case("eight switchovers under load lose nothing and copy nothing",
      long=True, limit_s=240)
def eight_under_load(lab):
    switch_often(lab, 8)


@case("TO names who is promoted; DRYRUN only says who would be")
def target_and_dry_run(lab):
    pool = lab.pool(replicas=3)
    asked = pool.supervisors[0]
    load = lab.load(pool.supervisors)
    wanted = pool.replicas[2]
    to = ["TO", "127.0.0.1", wanted.port]
    reply = failover(asked, "COORDINATED", *to, "DRYRUN")
    assert reply == "OK would promote 127.0.0.1:%d" % wanted.port, reply
    assert masters(pool) == [pool.master]
    wait_writing(load)
    for daemon in pool.supervisors:
        assert daemon.master_port() == pool.master_port
    assert not pool.events.find("+switch-master")
    assert failover(asked, "COORDINATED", *to) == "OK"
    assert wait_one_master(pool) is wanted
    assert_nothing_lost(load, wanted)


@case("words that make no sense are refused, and nothing happens")
def bad_words(lab):
    pool = lab.pool()
    asked = pool.supervisors[0]
    for words, reason in (
            (["FORCE", "COORDINATED"], "once"),
            (["COORDINATED", "TO", "127.0.0.1"], "TO takes"),
            (["COORDINATED", "TO", "127.0.0.1", "0"], "Invalid port"),
            (["COORDINATED", "TO", "127.0.0.1", "1"], "does not name"),
            (["COORDINATED", "TO", "127.0.0.1", pool.master_port],
             "does not name"),
            (["COORDINATED", "TIMEOUT", "0"], "TIMEOUT takes"),
            (["COORDINATED", "TIMEOUT", "x"], "TIMEOUT takes"),
            (["COORDINATED", "TIMEOUT"], "TIMEOUT takes"),
            (["FORCE", "DRYRUN"], "need COORDINATED"),
            (["NOW"], "syntax")):
        reply = failover(asked, *words)
        assert reply.startswith("-ERR") and reason in reply, (words, reply)
    assert not pool.events.find("+try-failover")


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


@case("a replica that hangs cannot be named")
def target_hangs(lab):
    pool = lab.pool(group=PATIENT)
    load = lab.load(pool.supervisors)
    pool.replicas[0].pause()
    reply = failover(pool.supervisors[0], "COORDINATED", "TO", "127.0.0.1",
                     pool.replicas[0].port)
    assert reply.startswith("-ERR") and "cannot be promoted" in reply, reply
    assert wait_writing(load) < 3.0
    pool.replicas[0].resume()
    assert_nothing_lost(load, wait_one_master(pool))


@case("a master whose user may not pause: best effort, and it is said")
def pause_is_forbidden(lab):
    pool = lab.pool(server_extra={"m": NO_PAUSE})
    reply = failover(pool.supervisors[0], "COORDINATED")
    assert reply.startswith("OK ") and "CLIENT PAUSE" in reply, reply
    assert wait_one_master(pool) is not pool.master


@case("a master without CLIENT: best effort, or the reason", long=True)
def client_is_renamed(lab):
    pool = lab.pool(server_extra={"m": 'rename-command CLIENT ""\n'})
    reply = failover(pool.supervisors[0], "COORDINATED")
    assert "CLIENT" in reply, reply
    wait_one_master(pool)


@case("a master that pauses but does not resume by command")
def unpause_is_forbidden(lab):
    pool = lab.pool(server_extra={"m": NO_PAUSE.replace("|pause",
                                                        "|unpause")})
    load = lab.load(pool.supervisors)
    wait_writing(load)
    assert failover(pool.supervisors[0], "COORDINATED") == "OK"
    assert_nothing_lost(load, wait_one_master(pool))


@case("two are asked at once: one does it, the other says INPROG")
def two_at_once(lab):
    pool = lab.pool()
    load = lab.load(pool.supervisors)
    both = [daemon.connect(limit_s=20.0) for daemon in pool.supervisors[:2]]
    for connection in both:
        connection.send(b"SENTINEL FAILOVER mymaster COORDINATED\r\n")
    replies = [str(connection.read()) for connection in both]
    for connection in both:
        connection.close()
    assert replies.count("OK") <= 1, replies
    assert all(reply == "OK" or reply.startswith(("INPROG", "ERR"))
               for reply in replies), replies
    assert_nothing_lost(load, wait_one_master(pool))
    assert len(pool.events.find("+switch-master",
                                source="s3")) == replies.count("OK")


def order_without_waiting(daemon):
    connection = daemon.connect()
    connection.send(b"SENTINEL FAILOVER mymaster COORDINATED\r\n")
    return connection


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


LEADER_STEPS = ["+try-failover", "+elected-leader", "+selected-slave",
                "+promoted-slave", "+switch-master", "+slave-reconf-sent",
                "+failover-end"]


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


def end(lab, pool):
    while lab.closing:
        lab.closing.pop().close()
    for thing in pool.servers + pool.supervisors:
        thing.kill()


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
    pool = lab.pool(via_proxy=SlowLink)
    load = lab.load(pool.supervisors)
    wait_writing(load)
    pool.proxy.hold()
    leader = pool.supervisors[0]
    with leader.connect() as connection:
        connection.send(b"SENTINEL FAILOVER mymaster COORDINATED "
                        b"TIMEOUT %d\r\n" % timeout_ms)
        pool.events.wait("+elected-leader")
        time.sleep(0.5)
        leader.kill()
    pool.proxy.release()
    wait_writing(load, 70)
    master = wait_one_master(pool, pool.supervisors[1:])
    assert_nothing_lost(load, master)
    return load.longest_gap()


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
        self.began = time.monotonic()

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


@case("FORCE asks nobody, and says nothing of pauses")
def forced(lab):
    pool = lab.pool()
    assert failover(pool.supervisors[0], "FORCE") == "OK"
    pool.wait_switched(among=pool.replicas)
    wait_one_master(pool)
    assert leader_of(pool) == pool.supervisors[0].name


@case("COORDINATED with a hung master is refused, FORCE is not")
def master_hangs(lab):
    pool = lab.pool(group={"down_after_ms": 1000})
    for daemon in pool.supervisors[1:]:
        daemon.kill()
    pool.master.pause()
    asked = pool.supervisors[0]
    wait_until(lambda: "s_down" in asked.master()["flags"], 10, "it is down")
    reply = failover(asked, "COORDINATED")
    assert reply.startswith("-ERR") and "FORCE" in reply, reply
    assert failover(asked, "FORCE") == "OK"
    wait_until(lambda: asked.master_port() != pool.master_port, 10,
               "it switched alone")
    pool.master.resume()
    for daemon in pool.supervisors[1:]:
        daemon.start()  # alone it does not know that its view is current
    wait_master_is(pool, wait_one_master(pool))
