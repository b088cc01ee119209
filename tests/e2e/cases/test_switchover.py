"""Planned switchovers with real servers and writers, when nobody dies."""

from harness.cases import case
from harness.waiting import wait_until

from .common import leader_of, wait_master_is
from .switching import (PATIENT, assert_nothing_lost, failover, full_syncs,
                        masters, switch, wait_one_master, wait_quiet,
                        wait_writing)

NO_PAUSE = "user default on nopass ~* &* +@all -client|pause\n"


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
    assert failover(asked, *to) == "OK"
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
            (["FORCE", "DRYRUN"], "FORCE is none"),
            (["NOW"], "syntax")):
        reply = failover(asked, *words)
        assert reply.startswith("-ERR") and reason in reply, (words, reply)
    assert not pool.events.find("+try-failover")


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
