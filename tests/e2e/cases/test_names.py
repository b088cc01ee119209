"""Servers that are known by name: what is told, and who is the same server."""

import os
import subprocess

from harness.cases import case
from harness.lab import Pool, redis_sentinel
from harness.resp import fields
from harness.supervisors import RedisSentinel, SentineldFromRedisConf
from harness.waiting import wait_until

from .switching import switch

IPS = "resolve_hostnames = true; announce_hostnames = false;"
EXPORT = ' export_sentinel_conf = "@DIR@/exported.conf";'


def address(daemon, name="mymaster"):
    return daemon.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)[0]


def monitored(path):
    with open(path) as file:
        return [line.split()[3] for line in file
                if line.startswith("sentinel monitor")]


def check_known_once(pool, supervisors=None):
    for daemon in supervisors or pool.supervisors:
        ports = sorted(row["port"] for row in daemon.replicas())
        assert len(ports) == len(set(ports)) == len(pool.replicas), (
            daemon.name, ports)


def wait_all_well(pool):
    wait_until(lambda: all((row["flags"], row["master-link-status"])
                           == ("slave", "ok") for d in pool.supervisors
                           for row in d.replicas()), 30,
               "all see all replicas well",
               seen=lambda: [d.replicas() for d in pool.supervisors])


def crash_and_return(pool, ours=None):
    """Whoever returns is the server that went."""
    pool.master.kill()
    new_master = pool.wait_switched(40, pool.replicas)
    pool.master.start()
    pool.wait_following(new_master, pool.others(new_master), 40)
    wait_all_well(pool)
    check_known_once(pool, ours)
    return new_master


def order_back(pool):
    reply = switch(pool.supervisors[0], "COORDINATED", "TO", "127.0.0.1",
                   pool.master_port, "TIMEOUT", 20000)
    assert reply == "OK", reply


@case("the master has a name and clients are told ips")
def hidden(lab):
    pool = lab.pool(group={"host": "localhost"}, extra=IPS + EXPORT)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: address(d) == "127.0.0.1", 10,
                   "%s tells the ip" % daemon.name)
        assert daemon.master()["ip"] == "127.0.0.1"
        assert "address=127.0.0.1:%d" % pool.master.port in daemon.info()[
            "master0"]
    path = os.path.join(pool.supervisors[0].directory, "exported.conf")
    wait_until(lambda: monitored(path) == ["127.0.0.1"],
               10, "the exported file has the ip")
    new_master = crash_and_return(pool)
    told = "mymaster 127.0.0.1 %d 127.0.0.1 %d" % (pool.master_port,
                                                   new_master.port)
    for daemon in pool.supervisors:
        pool.events.wait("+switch-master", told, daemon.name)
        row = daemon.replica(pool.master_port)
        assert (row["name"], row["ip"]) == (
            "127.0.0.1:%d" % pool.master_port, "127.0.0.1"), row
    order_back(pool)
    wait_until(lambda: pool.supervisors[0].master_port() == pool.master_port,
               20, "it is the master again")
    pool.wait_following(pool.master, pool.replicas, 20)
    for replica in pool.replicas:
        assert replica.info()["master_host"] == "127.0.0.1", replica.info()


@case("the master has a name and clients are told it, until that is changed")
def announced(lab):
    pool = lab.pool(group={"host": "localhost"})
    daemon = pool.supervisors[0]
    assert address(daemon) == "localhost"
    crash_and_return(pool)
    assert daemon.replica(pool.master_port)["name"] == (
        "localhost:%d" % pool.master_port)
    order_back(pool)
    pool.wait_following(pool.master, pool.replicas, 20)
    for replica in pool.replicas:
        assert replica.info()["master_host"] == "localhost", replica.info()
    assert daemon.command("SENTINEL", "CONFIG", "SET", "announce-hostnames",
                          "no") == "OK"
    assert address(daemon) == "127.0.0.1"
    daemon.restart()
    wait_until(lambda: address(daemon) == "127.0.0.1", 10,
               "it was not forgotten")
    check_known_once(pool)


@case("a peer that tells ips, one that tells names, all three agree")
def mixed_words(lab):
    pool = lab.pool(group={"host": "localhost"})
    pool.supervisors[0].command("SENTINEL", "CONFIG", "SET",
                                "announce-hostnames", "no")
    crash_and_return(pool)
    for by in pool.supervisors[:2]:
        reply = switch(by, "COORDINATED", "TIMEOUT", 20000)
        assert reply == "OK", reply
        wait_until(lambda: len({d.master_port() for d in pool.supervisors})
                   == 1, 20, "all name one master")
        wait_all_well(pool)
        check_known_once(pool)


def beside_redis_sentinel(lab, announce):
    """One of ours and two of theirs with one and the same file."""
    theirs = redis_sentinel()
    pool = Pool(lab, supervisors=0)
    pool.start_servers()
    group = lab.group(pool.master.port, host="localhost", down_after_ms=2000,
                      failover_timeout_ms=5000)
    extra = ("sentinel resolve-hostnames yes\n"
             "sentinel announce-hostnames %s\n" % announce)
    pool.supervisors = [
        lab.supervisor("s%d" % i, [group], kind=kind, program=program,
                       extra=extra)
        for i, (kind, program) in enumerate(
            [(SentineldFromRedisConf, lab.program)]
            + [(RedisSentinel, theirs)] * 2, 1)]
    pool.start_supervisors()
    pool.wait_ready(60)
    expected = "localhost" if announce == "yes" else "127.0.0.1"
    assert [address(each) for each in pool.supervisors] == [expected] * 3
    # Theirs may count a server twice that a master lists by ip.
    crash_and_return(pool, pool.supervisors[:1])
    assert pool.supervisors[0].replica(pool.master_port)["ip"] == expected


@case("with two redis-sentinel that announce names")
def with_theirs_announced(lab):
    beside_redis_sentinel(lab, "yes")


@case("with two redis-sentinel that announce ips")
def with_theirs_hidden(lab):
    beside_redis_sentinel(lab, "no")


@case("names are refused where resolve-hostnames is no, and what has one is "
      "left out until it is yes")
def refused(lab):
    master, replica = lab.redis("m"), lab.redis("r1")
    named = lab.group(master.port, host="localhost", quorum=1)
    daemon = lab.supervisor("named", [named], kind=SentineldFromRedisConf)
    done = subprocess.run(daemon.arguments(), capture_output=True, text=True,
                          timeout=20)
    assert done.returncode != 0, done
    assert "Can't resolve instance hostname." in done.stdout + done.stderr
    replica.command("CONFIG", "SET", "replica-announce-ip", "localhost")
    replica.follow(master.port)
    wait_until(lambda: "ip=localhost" in master.info().get("slave0", ""), 15,
               "the master lists it by name", seen=master.info)
    daemon = lab.supervisor("s1", [lab.group(master.port, quorum=1)],
                            kind=SentineldFromRedisConf).start()
    assert daemon.error("SENTINEL", "MONITOR", "n", "localhost", 1, 1) == (
        "ERR Invalid IP address or hostname specified")
    wait_until(lambda: "is left out" in daemon.process.log_text(), 15,
               "the log says that the replica is not taken")
    assert daemon.replicas() == []
    assert daemon.command("SENTINEL", "CONFIG", "SET", "resolve-hostnames",
                          "yes") == "OK"
    wait_until(lambda: daemon.replica(replica.port).get("flags") == "slave",
               15, "it is taken now", seen=daemon.replicas)
    assert daemon.replica(replica.port)["ip"] == "127.0.0.1"
    daemon.command("SENTINEL", "CONFIG", "SET", "resolve-hostnames", "no")
    replica.kill()
    wait_until(lambda: "s_down" in daemon.replica(replica.port)["flags"], 15,
               "it is down")
    replica.start()
    wait_until(lambda: daemon.replica(replica.port)["flags"] == "slave", 15,
               "what is known by name is looked up as before")


@case("the daemon's own file keeps the names that it began with")
def own_file(lab):
    master = lab.redis("m")
    daemon = lab.supervisor(
        "s1", [lab.group(master.port, host="localhost", quorum=1)],
        kind=SentineldFromRedisConf,
        extra="sentinel resolve-hostnames yes\n")
    arguments = daemon.arguments() + ["--export-sentinel-conf", daemon.config]
    daemon.process.arguments = arguments
    daemon.start()
    assert daemon.command("SENTINEL", "SET", "mymaster", "quorum",
                          "2") == "OK"
    assert address(daemon) == "127.0.0.1"
    assert monitored(daemon.config) == ["localhost"]
    assert daemon.command("SENTINEL", "CONFIG", "SET", "resolve-hostnames",
                          "no") == "OK"
    daemon.restart()
    assert fields(daemon.command("SENTINEL", "CONFIG", "GET", "*"))[
        "resolve-hostnames"] == "no"
    wait_until(lambda: daemon.master()["flags"] == "master", 15,
               "it watches on")
