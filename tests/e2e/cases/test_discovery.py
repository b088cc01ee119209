"""Found from a master's address alone: replicas, peers, one link for each."""

import os
import socket

from harness.cases import case
from harness.lab import Skipped
from harness.waiting import wait_until


def established_to(pid, port):
    """How many connections of this process go to that port."""
    inodes = set()
    for name in os.listdir("/proc/%d/fd" % pid):
        try:
            target = os.readlink("/proc/%d/fd/%s" % (pid, name))
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    count = 0
    with open("/proc/net/tcp") as table:
        for line in list(table)[1:]:
            words = line.split()
            remote_port = int(words[2].split(":")[1], 16)
            count += (remote_port == port and words[3] == "01"
                      and words[9] in inodes)
    return count


@case("replicas and peers are found from the master's address",
      any_daemon=True)
def from_the_master(lab):
    pool = lab.pool()
    ids = {daemon.my_id(): daemon for daemon in pool.supervisors}
    assert len(ids) == 3
    for daemon in pool.supervisors:
        master = daemon.master()
        assert master["num-slaves"] == "2", master
        assert master["num-other-sentinels"] == "2", master
        assert {int(row["port"]) for row in daemon.replicas()} \
            == {server.port for server in pool.replicas}
        peers = {row["runid"]: int(row["port"]) for row in daemon.peers()}
        others = {run_id: each.port for run_id, each in ids.items()
                  if each is not daemon}
        assert peers == others
        assert daemon.info()["master0"] == (
            "name=mymaster,status=ok,address=127.0.0.1:%d,slaves=2,sentinels=3"
            % pool.master.port)
        assert daemon.command("SENTINEL", "CKQUORUM", "mymaster").startswith(
            "OK 3 usable Sentinels.")


@case("many groups, one link between two supervisors")
def one_link_per_peer(lab):
    masters = [lab.redis("m%d" % number) for number in range(4)]
    groups = [lab.group(server.port, "group-%d" % number)
              for number, server in enumerate(masters)]
    daemons = [lab.supervisor("s%d" % number, groups).start()
               for number in range(1, 4)]
    for daemon in daemons:
        for group in groups:
            wait_until(lambda d=daemon, g=group: len(d.peers(g.name)) == 2, 15,
                       "%s finds its peers in %s" % (daemon.name, group.name))
            rows = daemon.peers(group.name)
            wait_until(lambda d=daemon, g=group: all(
                row["link-refcount"] == "4" for row in d.peers(g.name)), 10,
                "%s uses one link for all groups" % daemon.name,
                seen=lambda: rows)
        for other in daemons:
            if other is not daemon:
                count = established_to(daemon.process.pid, other.port)
                assert count == 1, "%s has %d connections to %s" % (
                    daemon.name, count, other.name)


@case("a replica that joins later is found", any_daemon=True)
def late_replica(lab):
    pool = lab.pool(replicas=1, supervisors=2)
    late = lab.redis("late")
    late.follow(pool.master.port)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.replica(late.port).get("flags")
                   == "slave", 20, "%s finds the replica" % daemon.name)
        pool.events.wait("+slave", "127.0.0.1 %d @ mymaster" % late.port,
                         daemon.name)


@case("a supervisor that joins later is found, and learns the peers",
      any_daemon=True)
def late_supervisor(lab):
    pool = lab.pool(replicas=1, supervisors=2)
    late = lab.supervisor("late", [pool.options]).start()
    wait_until(lambda: len(late.peers()) == 2, 15, "it finds its peers")
    for daemon in pool.supervisors:
        pool.events.wait("+sentinel", late.my_id(), daemon.name)
        assert {row["runid"] for row in daemon.peers()} >= {late.my_id()}


@case("a supervisor that never saw the first master joins after a failover",
      any_daemon=True)
def late_after_failover(lab):
    pool = lab.pool()
    pool.master.kill()
    new_master = pool.wait_switched()
    pool.wait_following(new_master, [each for each in pool.replicas
                                     if each is not new_master])
    pool.master.start()
    pool.wait_following(new_master, [pool.master], 30)
    # Its file still names the old master, as the operator once wrote it.
    late = lab.supervisor("late", [pool.options]).start()
    wait_until(lambda: late.master_port() == new_master.port, 20,
               "it learns who the master is now")
    assert new_master.role() == "master"


@case("a master given by host name; one without an address harms nobody")
def host_names(lab):
    master, replica = lab.redis("m"), lab.redis("r1")
    replica.follow(master.port)
    daemon = lab.supervisor("s1", [
        lab.group(master.port, host="localhost", quorum=1),
        lab.group(1, "nowhere", host="nosuch.invalid", quorum=1)]).start()
    wait_until(lambda: daemon.replica(replica.port).get("flags") == "slave",
               15, "the replica is found")
    assert daemon.master()["flags"] == "master"
    wait_until(lambda: "s_down" in daemon.master("nowhere")["flags"], 15,
               "the other is down")
    master.kill()
    wait_until(lambda: daemon.master_port() == replica.port, 15,
               "the replica is the master")


@case("servers on ::1")
def ipv6(lab):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        raise Skipped("no ::1 here")
    both = "bind 127.0.0.1 ::1\n"
    master, replica = [lab.redis(name, extra=both) for name in ("m", "r1")]
    replica.follow(master.port, "::1")
    daemon = lab.supervisor("s1", [
        lab.group(master.port, host="::1", quorum=1)]).start()
    wait_until(lambda: daemon.replica(replica.port).get("flags") == "slave",
               15, "the replica is found")
    assert daemon.replicas()[0]["name"] == "[::1]:%d" % replica.port
    master.kill()
    wait_until(lambda: daemon.command(
        "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        == ["::1", str(replica.port)], 15, "the replica is the master")
