"""Everything is down, and comes back in some order, or not at all."""

import time

from harness.cases import case
from harness.waiting import stays, wait_until

from .common import wait_master_is

APPEND_ONLY = {name: "appendonly yes\nappendfsync always\n"
               for name in ("m", "r1", "r2")}


def make_durable(pool):
    """Replicas know in their files whom they follow."""
    for replica in pool.replicas:
        replica.command("CONFIG", "REWRITE")


def end_with_save(server):
    """As a machine that is shut down properly does."""
    try:
        server.command("SHUTDOWN", "SAVE")
    except ConnectionError:
        pass
    wait_until(lambda: not server.process.alive(), 10,
               "%s has ended" % server.name)
    server.kill()


def be_quick(pool):
    """The last resort after some seconds."""
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", pool.name,
                       "last-resort-milliseconds", "6000")


def kill_supervisors(pool):
    for daemon in pool.supervisors:
        daemon.kill()


def fall_behind(pool, behind):
    """One replica ends, and the others go on; the supervisors remember."""
    pool.master.write_confirmed("early", "yes", 2)
    end_with_save(behind)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: "s_down" in
                   d.replica(behind.port)["flags"], 10,
                   "%s sees %s down" % (daemon.name, behind.name))
    pool.master.write_confirmed("late", "yes", 1)
    time.sleep(3)  # INFO, and that it is saved


def outage(pool, behind):
    make_durable(pool)
    fall_behind(pool, behind)
    for server in pool.servers:
        if server is not behind:
            end_with_save(server)
    time.sleep(2.5)  # what they had at last is saved
    kill_supervisors(pool)


@case("the replica that was behind is back first, and waits for the better")
def waits_for_more(lab):
    pool = lab.pool()
    behind, better = pool.replicas
    outage(pool, behind)
    behind.start()
    pool.start_supervisors()
    since = pool.events.mark()
    pool.events.wait("+odown", since=since)
    stays(lambda: not pool.events.find("+try-failover", since=since), 3,
          "nobody is promoted")
    better.start()
    wait_master_is(pool, better)
    pool.wait_following(better, [behind])
    assert behind.command("GET", "late") == "yes"
    assert not pool.events.find("+last-resort", since=since)


@case("the better ones never come back: the last resort")
def better_never_back(lab):
    pool = lab.pool()
    be_quick(pool)
    behind = pool.replicas[0]
    outage(pool, behind)
    pool.start_supervisors()
    since = pool.events.mark()
    behind.start()
    wait_master_is(pool, behind)
    pool.events.wait("+last-resort", since=since)
    assert behind.command("GET", "early") == "yes"


@case("the old master is back in time, and stays master")
def master_back_in_time(lab):
    pool = lab.pool()
    behind, other = pool.replicas
    outage(pool, behind)
    behind.start()
    pool.start_supervisors()
    since = pool.events.mark()
    pool.events.wait("+odown", since=since)
    pool.master.start()
    other.start()
    pool.wait_following(pool.master, pool.replicas)
    wait_master_is(pool, pool.master)
    assert behind.command("GET", "late") == "yes"
    assert not pool.events.find("+try-failover", since=since)


@case("append-only files keep the data and forget their history")
def append_only(lab):
    pool = lab.pool(server_extra=APPEND_ONLY)
    be_quick(pool)
    make_durable(pool)
    pool.master.write_confirmed("kept", "yes", 2)
    time.sleep(4)
    for server in pool.servers:
        server.kill()
    kill_supervisors(pool)
    pool.start_supervisors()
    for replica in pool.replicas:
        replica.start()
    port = wait_until(
        lambda: {d.master_port() for d in pool.supervisors}.isdisjoint(
            {pool.master.port}) and pool.supervisors[0].master_port(),
        30, "another master")
    chosen = pool.server_at(port)
    wait_master_is(pool, chosen)
    pool.wait_following(chosen, [each for each in pool.replicas
                                 if each is not chosen])
    assert chosen.command("GET", "kept") == "yes"


@case("nothing was saved: the master is back empty, and somebody is master")
def nothing_was_saved(lab):
    pool = lab.pool()
    be_quick(pool)
    make_durable(pool)
    for server in pool.servers:
        server.kill()
        server.remove_data()
    kill_supervisors(pool)
    for server in reversed(pool.servers):
        server.start()
    pool.start_supervisors()

    def one_master():
        ports = {daemon.master_port() for daemon in pool.supervisors}
        masters = [each for each in pool.servers if each.role() == "master"]
        return len(ports) == 1 and [each.port for each in masters] == \
            list(ports)
    wait_until(one_master, 40, "one master that all name")
