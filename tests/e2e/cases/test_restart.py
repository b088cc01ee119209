"""What survives: kill -9, stalls, a full disk."""

import os
import time

from harness.cases import case
from harness.processes import set_file_size_limit
from harness.resp import ReplyError
from harness.waiting import stays, wait_until

from .common import assert_no_failover, wait_master_is, wait_replica_well


def memory_of(daemon):
    """What it must still know after a crash."""
    master = daemon.master()
    return {
        "id": daemon.my_id(),
        "epoch": master["config-epoch"],
        "master": daemon.master_port(),
        "replicas": sorted(row["port"] for row in daemon.replicas()),
        "peers": sorted((row["runid"], row["port"])
                        for row in daemon.peers()),
    }


@case("kill -9 of each: ids, epochs, master, replicas, peers are kept",
      any_daemon=True)
def each_restarts(lab):
    pool = lab.pool(group={"failover_timeout_ms": 2000})
    pool.master.kill()
    new_master = pool.wait_switched()
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master])
    pool.events.wait("+failover-end", limit_s=15)
    for daemon in pool.supervisors:
        before = memory_of(daemon)
        daemon.restart()
        after = memory_of(daemon)
        assert after == before, "%s: %s, then %s" % (daemon.name, before,
                                                     after)
    since = pool.events.mark()
    pool.master.start()
    pool.wait_following(new_master, [pool.master], 30)
    wait_replica_well(pool, pool.master_port)
    assert not pool.events.find("+try-failover", since=since)


@case("all are killed at once; no one answers with the old master",
      any_daemon=True)
def all_restart(lab):
    pool = lab.pool()
    pool.master.kill()
    new_master = pool.wait_switched()
    for daemon in pool.supervisors:
        daemon.kill()
    pool.master.start()
    for daemon in pool.supervisors:
        daemon.start()
        assert daemon.master_port() == new_master.port
    pool.wait_following(new_master, [pool.master], 40)


@case("the configuration file is only ever read")
def configuration_is_read_only(lab):
    pool = lab.pool()
    before = [open(d.config).read() for d in pool.supervisors]
    pool.supervisors[0].command("SENTINEL", "SET", "mymaster", "quorum", 1)
    pool.supervisors[0].command("SENTINEL", "FLUSHCONFIG")
    pool.master.kill()
    pool.wait_switched()
    assert [open(d.config).read() for d in pool.supervisors] == before
    for daemon in pool.supervisors:
        for name in os.listdir(daemon.directory):
            path = os.path.join(daemon.directory, name)
            if ".db" in name:
                assert os.stat(path).st_mode & 0o777 == 0o600, path


@case("a setting changed at run time survives, the file's change wins later")
def run_time_setting(lab):
    pool = lab.pool(supervisors=1, replicas=1)
    daemon = pool.supervisors[0]
    daemon.command("SENTINEL", "SET", "mymaster", "down-after-milliseconds",
                   7000)
    daemon.restart()
    assert daemon.master()["down-after-milliseconds"] == "7000"
    pool.options.down_after_ms = 8000
    daemon.write_config()
    daemon.restart()
    assert daemon.master()["down-after-milliseconds"] == "8000"


@case("MONITOR and REMOVE are remembered", any_daemon=True)
def monitored_at_run_time(lab):
    pool = lab.pool(supervisors=1, replicas=1)
    daemon = pool.supervisors[0]
    assert daemon.command("SENTINEL", "MONITOR", "second", "127.0.0.1",
                          pool.replicas[0].port, 1) == "OK"
    assert daemon.command("SENTINEL", "REMOVE", "mymaster") == "OK"
    daemon.restart()
    names = daemon.command("ROLE")[1]
    assert names == ["second"], names


@case("SIGTERM ends it with status 0, and it goes on from there",
      any_daemon=True)
def clean_stop(lab):
    pool = lab.pool(replicas=1, supervisors=2)
    for daemon in pool.supervisors:
        before = memory_of(daemon)
        assert daemon.process.stop() == 0
        daemon.start()
        assert memory_of(daemon) == before


@case("all supervisors are stopped for seconds: no false failover")
def all_stall(lab):
    pool = lab.pool()
    for daemon in pool.supervisors:
        daemon.pause()
    time.sleep(5)
    for daemon in pool.supervisors:
        daemon.resume()
    for daemon in pool.supervisors:
        pool.events.wait("+tilt", "#tilt mode entered", daemon.name)
        pool.events.wait("-tilt", "#tilt mode exited", daemon.name)
    stays(lambda: not pool.events.find("+sdown", "master mymaster"), 2,
          "the master is not down")
    assert_no_failover(pool)
    pool.wait_ready()


@case("the master dies while all supervisors are stopped")
def dies_in_a_stall(lab):
    pool = lab.pool(group={"down_after_ms": 1000})
    for daemon in pool.supervisors:
        daemon.pause()
    pool.master.kill()
    time.sleep(4)
    for daemon in pool.supervisors:
        daemon.resume()
    pool.wait_switched(10, pool.replicas)


@case("alone with an old view, it takes no new master down")
def stale_view_alone(lab):
    pool = lab.pool()
    stale = pool.supervisors[0]
    stale.kill()
    pool.master.kill()
    rest = pool.supervisors[1:]
    new_master = pool.wait_switched(20, pool.replicas, rest)
    new_master.command("SET", "newer", "yes")
    for daemon in rest:
        daemon.kill()
    # The old master is back and says that it is one; so does the new one.
    pool.master.start()
    stale.start()
    # Longer than any master may claim to be one before it is repaired.
    stays(lambda: new_master.role() == "master", 11, "the new master stays")
    for daemon in rest:
        daemon.start()
    wait_master_is(pool, new_master)
    pool.wait_following(new_master, [pool.master])
    assert pool.master.command("GET", "newer") == "yes"


@case("servers and supervisors are all stopped, as on a suspended machine")
def whole_machine_stalls(lab):
    pool = lab.pool()
    for each in pool.supervisors + pool.servers:
        each.pause()
    time.sleep(4)
    for daemon in pool.supervisors:
        daemon.resume()
    time.sleep(0.2)  # they wake to servers that have been silent for long
    for server in pool.servers:
        server.resume()
    pool.wait_ready()
    assert_no_failover(pool)


def fill_disk(daemon):
    """From now on it cannot write a single byte to any file."""
    set_file_size_limit(daemon.process.pid, 0)


def empty_disk(daemon):
    set_file_size_limit(daemon.process.pid, None)


@case("disk full on one: it sees on, refuses changes, and recovers")
def one_disk_is_full(lab):
    pool = lab.pool(group={"failover_timeout_ms": 1000})
    degraded = pool.supervisors[0]
    fill_disk(degraded)
    with degraded.connect() as connection:
        reply = connection.ask("SENTINEL", "SET", "mymaster",
                               "parallel-syncs", 5)
        assert isinstance(reply, ReplyError), \
            "a change that is not durable was answered %r" % (reply,)
    pool.master.kill()
    pool.events.wait("+sdown", "master mymaster", degraded.name)
    rest = pool.supervisors[1:]
    new_master = pool.wait_switched(20, pool.replicas, rest)
    empty_disk(degraded)
    wait_until(lambda: degraded.master_port() == new_master.port, 20,
               "it learns of the new master")
    wait_until(lambda: not isinstance(degraded.connect().ask(
        "SENTINEL", "SET", "mymaster", "parallel-syncs", 6), ReplyError), 10,
        "it accepts changes again")


@case("disk full on all: nothing is promoted until one can save")
def all_disks_are_full(lab):
    pool = lab.pool()
    for daemon in pool.supervisors:
        fill_disk(daemon)
    pool.master.kill()
    for daemon in pool.supervisors:
        pool.events.wait("+sdown", "master mymaster", daemon.name)
    stays(lambda: all(each.role() == "slave" for each in pool.replicas), 3,
          "nobody is promoted")
    for daemon in pool.supervisors:
        assert daemon.command("PING") == "PONG"
        assert daemon.master_port() == pool.master_port
        empty_disk(daemon)
    new_master = pool.wait_switched(20, pool.replicas)
    for daemon in pool.supervisors:
        daemon.restart()
    wait_master_is(pool, new_master)
