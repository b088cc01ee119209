"""Why there is no failover, and that it goes on once the reason is gone."""

import time

from harness.cases import case
from harness.processes import set_file_size_limit
from harness.resp import ReplyError
from harness.supervisors import SentineldFromRedisConf
from harness.waiting import stays, wait_until

from .common import assert_no_failover
from .telling import Log

# Cases that are long here and take no time wait for what the core does not do
# yet; run them with `make e2e-long CASES=reasons`.

GENEROUS_S = 3.0  # where a second is meant


def left_alone(lab):
    """Two of three supervisors are gone, then the master. Returns the pool
    and the survivor's log."""
    pool = lab.pool(group={"down_after_ms": 1000})
    for daemon in pool.supervisors[1:]:
        daemon.kill()
    log = Log(pool.supervisors[0])
    time.sleep(0.5)
    pool.master.kill()
    pool.events.wait("+sdown", "master mymaster", pool.supervisors[0].name)
    return pool, log


@case("two of three supervisors are gone: the last one says why it is still")
def two_are_gone(lab):
    pool, log = left_alone(lab)
    log.wait("no failover", limit_s=GENEROUS_S)
    assert log.lines("no failover", "supervisors") or log.lines(
        "no failover", "quorum"), log.lines("no failover")
    assert_no_failover(pool)


@case("... and again each minute", long=True, limit_s=200)
def said_each_minute(lab):
    _, log = left_alone(lab)
    log.wait("no failover", limit_s=GENEROUS_S)
    told = log.count_for(125, "no failover")
    assert 1 <= told <= 4, log.lines("no failover")


def set_password(server, new):
    """Whoever is connected has to log in again."""
    server.command("CONFIG", "SET", "requirepass", new)
    server.password = new
    for kind in ("normal", "pubsub"):
        server.command("CLIENT", "KILL", "TYPE", kind)


@case("the servers' password is wrong, then right: it goes on at once")
def password_is_fixed(lab):
    pool = lab.pool(password="right", group={"auth_pass": "right"})
    for replica in pool.replicas:
        set_password(replica, "other")
    logs = [Log(daemon) for daemon in pool.supervisors]
    pool.master.kill()
    pool.events.wait("+odown", "", pool.supervisors[0].name)
    time.sleep(4)  # all attempts that are made at first have failed
    assert not pool.events.find("+switch-master")
    assert any(log.lines("password") or log.lines("login") for log in logs)
    since = pool.events.mark()
    began = time.monotonic()
    for replica in pool.replicas:
        set_password(replica, "right")
    pool.events.wait("+switch-master", since=since, limit_s=10)
    took_s = time.monotonic() - began
    assert took_s < GENEROUS_S, "it took %.1f s" % took_s


@case("servers that refuse our login are `disconnected`, and not down")
def refused_is_disconnected(lab):
    pool = lab.pool(password="right", group={"auth_pass": "right"})
    for server in pool.servers:
        set_password(server, "other")

    def flags(daemon):
        return [daemon.master()["flags"]] + [row["flags"]
                                             for row in daemon.replicas()]
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: all("disconnected" in each.split(",")
                                        for each in flags(d)), 5,
                   "%s shows it" % daemon.name, seen=lambda d=daemon: flags(d))
    stays(lambda: not any("s_down" in each for d in pool.supervisors
                          for each in flags(d)), 3, "nobody counts as down")
    assert_no_failover(pool)


class Locked:
    """Three supervisors that want a password of their peers, and have the
    wrong one for them."""

    def __init__(self, lab):
        self.pool = lab.pool(supervisors=0)
        options = lab.group(self.pool.master.port, down_after_ms=1500)
        self.pool.supervisors = [
            lab.supervisor("s%d" % number, [options],
                           kind=SentineldFromRedisConf,
                           extra="requirepass pw\nsentinel sentinel-pass no\n",
                           login=("AUTH", "pw"))
            for number in range(1, 4)]
        self.logs = []
        for daemon in self.pool.supervisors:
            daemon.start()
            self.logs.append(Log(daemon))
        self.events = lab.events(self.pool.supervisors)
        for daemon in self.pool.supervisors:
            wait_until(lambda d=daemon: len(d.replicas()) == 2, 15,
                       "%s knows the replicas" % daemon.name)


@case("peers that refuse our login cannot vote: CKQUORUM and an event say so",
      long=True)
def locked_peers(lab):
    scene = Locked(lab)
    for daemon, log in zip(scene.pool.supervisors, scene.logs):
        log.wait("+access-denied sentinel")  # at once: before we subscribe
        wait_until(lambda d=daemon: all("s_down" in row["flags"]
                                        for row in d.peers()), 10,
                   "its peers count as down", seen=daemon.peers)
        assert daemon.error("SENTINEL", "CKQUORUM", "mymaster").startswith(
            "NOQUORUM 1 usable Sentinels."), daemon.name


@case("... and when the master dies, each says why nothing happens")
def locked_peers_and_a_death(lab):
    scene = Locked(lab)
    scene.pool.master.kill()
    for daemon, log in zip(scene.pool.supervisors, scene.logs):
        scene.events.wait("+sdown", "master mymaster", daemon.name)
        log.wait("no failover", limit_s=GENEROUS_S)


# Without the second line a replica that cannot save ends itself.
SAVES = {name: "save 3600 1\nreplica-ignore-disk-write-errors yes\n"
         for name in ("m", "r1", "r2")}


def fail_to_save(server):
    """A master takes no writes then, and answers PING with MISCONF."""
    set_file_size_limit(server.process.pid, 0)
    server.command("BGSAVE")
    wait_until(lambda: server.info("persistence")["rdb_last_bgsave_status"]
               == "err", 10, "%s cannot save" % server.name)


@case("a master that cannot save takes no writes: a replica that can is "
      "promoted", any_daemon=True, long=True)
def misconf(lab):
    pool = lab.pool(group={"down_after_ms": 2000}, server_extra=SAVES)
    fail_to_save(pool.master)
    with pool.master.connect() as connection:
        reply = connection.ask("PING")
    assert isinstance(reply, ReplyError) and str(reply).startswith("MISCONF")
    pool.wait_switched(among=pool.replicas)


@case("... and where no replica can save either, it is told and kept",
      long=True)
def misconf_everywhere(lab):
    pool = lab.pool(group={"down_after_ms": 2000}, server_extra=SAVES)
    for replica in pool.replicas:
        fail_to_save(replica)
    logs = [Log(daemon) for daemon in pool.supervisors]
    since = pool.events.mark()
    fail_to_save(pool.master)
    for log in logs:
        log.wait("MISCONF", limit_s=6)
    stays(lambda: pool.master.role() == "master", 4, "it stays master")
    assert_no_failover(pool, since)
