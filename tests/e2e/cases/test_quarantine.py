"""Servers that are not of our kind are left alone: an alarm, no promotion, no
change of role, until they are of our kind or an operator adopts them."""

from harness.cases import case
from harness.waiting import stays, wait_until

from .common import wait_master_is, wait_replica_well


def quarantined(daemon, server, group="mymaster"):
    return daemon.replica(server.port, group).get("quarantine", "")


def wait_quarantined(pool, server, why, since=0):
    for daemon in pool.supervisors:
        pool.events.wait("+quarantine", str(server.port), source=daemon.name,
                         since=since, limit_s=20)
        assert why in quarantined(daemon, server)
        assert daemon.replica(server.port)["trouble"] == "in quarantine"


def stranger(lab, name="stranger", keys=100):
    server = lab.redis(name)
    for number in range(keys):
        server.command("SET", "strange:%d" % number, "x")
    return server


def is_untouched(server, master_port):
    info = server.info()
    return (info["role"] == "slave"
            and info["master_port"] == str(master_port)
            and server.command("EXISTS", "strange:7") == 1)


def wait_adopted(pool, server, master):
    wait_until(lambda: server.follows(master.port), 20,
               "%s follows the master" % server.name)
    assert server.command("EXISTS", "strange:7") == 0
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: quarantined(d, server) == "", 20,
                   "%s sees that it is ours" % daemon.name)
    wait_replica_well(pool, server.port)


@case("a replica that was moved to another master stays there, in a "
      "failover too; adopted, it follows us")
def moved_replica(lab):
    pool = lab.pool()
    stayed, moved = pool.replicas
    elsewhere = stranger(lab)
    pool.master.write_confirmed("ours", "1", 2)
    moved.follow(elsewhere.port)
    wait_quarantined(pool, moved, "another history")
    stays(lambda: is_untouched(moved, elsewhere.port), 5, "it is left alone")
    pool.master.kill()
    wait_master_is(pool, stayed)
    pool.events.wait("+failover-end", limit_s=15)
    pool.master.start()
    pool.wait_following(stayed, [pool.master])
    assert is_untouched(moved, elsewhere.port)
    assert pool.supervisors[0].command(
        "SENTINEL", "ADOPT", "mymaster", "127.0.0.1", moved.port) == "OK"
    wait_adopted(pool, moved, stayed)
    assert "not in quarantine" in pool.supervisors[0].error(
        "SENTINEL", "ADOPT", "mymaster", "127.0.0.1", moved.port)


@case("another server at a replica's address; supervisors restart; it is "
      "emptied, and so becomes a replica")
def reused_address(lab):
    pool = lab.pool()
    gone = pool.replicas[1]
    gone.process.stop()
    newcomer = lab.redis("newcomer", port=gone.port)
    for number in range(100):
        newcomer.command("SET", "strange:%d" % number, "x")
    wait_quarantined(pool, newcomer, "another history")
    mark = pool.events.mark()
    for daemon in pool.supervisors:
        daemon.restart()

    def is_left_alone():
        return (newcomer.role() == "master"
                and all(quarantined(daemon, newcomer)
                        for daemon in pool.supervisors))

    wait_until(is_left_alone, 10, "all remember")
    stays(is_left_alone, 12, "it is left alone")
    assert not pool.events.find("+quarantine", since=mark)
    newcomer.command("FLUSHALL")
    wait_until(lambda: newcomer.follows(pool.master.port), 30,
               "an empty server has nothing to lose")


@case("a replica that became the master of another group is not taken back")
def master_of_another_group(lab):
    pool = lab.pool()
    clone = pool.replicas[1]
    pool.master.write_confirmed("ours", "1", 2)
    clone.command("REPLICAOF", "NO", "ONE")
    clone.command("SET", "strange:7", "x")
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "MONITOR", "clone", "127.0.0.1",
                       clone.port, 2)
    wait_quarantined(pool, clone, "another master")
    stays(lambda: clone.role() == "master", 12, "it stays a master")
    assert clone.command("EXISTS", "strange:7") == 1


@case("a replica that a hand made a master is of our history: put right")
def stray_of_ours(lab):
    pool = lab.pool()
    stray = pool.replicas[1]
    pool.master.write_confirmed("ours", "1", 2)
    stray.command("REPLICAOF", "NO", "ONE")
    stray.command("SET", "strange:7", "x")
    wait_until(lambda: stray.follows(pool.master.port), 30,
               "it is made a replica again")
    assert not pool.events.find("+quarantine")


@case("an old master that forgot its history at a restart is demoted, "
      "although nothing shows that its data are ours")
def old_master_from_a_file(lab):
    pool = lab.pool(server_extra={"m": "appendonly yes\n"})
    pool.master.write_confirmed("ours", "1", 2)
    pool.master.kill()
    new_master = pool.wait_switched()
    for daemon in pool.supervisors:
        daemon.restart()
    pool.master.start()
    assert pool.master.command("EXISTS", "ours") == 1
    pool.wait_following(new_master, [pool.master])
    assert not pool.events.find("+quarantine")
