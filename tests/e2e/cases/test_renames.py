"""Servers that know some commands under other names."""

from harness.cases import case
from harness.supervisors import SentineldFromRedisConf
from harness.waiting import wait_until

from .switching import assert_nothing_lost, failover, wait_one_master, \
    wait_writing

# What the tests themselves say to the servers keeps its name.
OURS = ["%s my-%s" % (each, each.lower())
        for each in ("CONFIG", "CLIENT", "SLAVEOF", "MULTI", "EXEC",
                     "PUBLISH")]
SERVER = "".join("rename-command %s\n" % each for each in OURS)
EVERYWHERE = {name: SERVER for name in ("m", "r1", "r2")}


def assert_nothing_refused(pool):
    for daemon in pool.supervisors:
        log = daemon.process.log_text()
        assert " refused: " not in log, log


@case("commands under other names: a planned switchover, then a crash")
def renamed(lab):
    pool = lab.pool(server_extra=EVERYWHERE, group={"rename_commands": OURS})
    load = lab.load(pool.supervisors)
    wait_writing(load)
    assert failover(pool.supervisors[0], "COORDINATED") == "OK"
    master = wait_one_master(pool)
    assert_nothing_lost(load, master)
    pool.wait_following(master, pool.others(master))
    assert_nothing_refused(pool)
    master.kill()
    wait_until(lambda: all(d.master_port() != master.port
                           for d in pool.supervisors), 20,
               "all name another master")


@case("the same by a sentinel.conf")
def from_sentinel_conf(lab):
    pool = lab.pool(server_extra=EVERYWHERE, kind=SentineldFromRedisConf,
                    group={"rename_commands": OURS})
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)
    assert_nothing_refused(pool)


@case("SENTINEL SET rename-command: at once, told, and kept by kill -9")
def set_at_run_time(lab):
    pool = lab.pool(server_extra=EVERYWHERE,
                    group={"rename_commands": ["PUBLISH my-publish"]})
    words = [word for each in OURS
             for word in ["rename-command"] + each.lower().split()]
    for daemon in pool.supervisors:
        assert daemon.command("SENTINEL", "SET", "mymaster", *words) == "OK"
        pool.events.wait("+set", "rename-command config my-config",
                         daemon.name)
        daemon.restart()
    pool.wait_ready()
    pool.master.kill()
    master = pool.wait_switched(among=pool.replicas)
    pool.wait_following(master, [each for each in pool.replicas
                                 if each is not master])
    daemon = pool.supervisors[0]
    assert daemon.command("SENTINEL", "SET", "mymaster", "rename-command",
                          "publish", "PUBLISH") == "OK"
    refused = "publishing to __sentinel__:hello is refused"
    pool.events.wait("+access-denied", refused, daemon.name)
    daemon.restart()
    wait_until(lambda: refused in
               daemon.process.log_text().split("starting with")[-1], 20,
               "and after a restart")
