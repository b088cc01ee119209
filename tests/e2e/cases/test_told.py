"""What is wrong in a configuration or a pool, said at once and by its name."""

from harness.cases import case
from harness.waiting import stays, wait_until

from .telling import Log


@case("the name of a master leads nowhere: said at once")
def name_leads_nowhere(lab):
    daemon = lab.supervisor("s1", [lab.group(
        6379, host="redis.invalid", down_after_ms=30000)],
        extra="resolve_hostnames = true;")
    log = Log(daemon)
    daemon.start()
    log.wait("redis.invalid", "resolve", limit_s=8)
    assert not log.lines("subjectively down")


@case("a replica announces its master's address: a warning names it",
      long=True)
def announces_its_master(lab):
    pool = lab.pool(replicas=1, supervisors=2)
    wrong = lab.redis("wrong", extra="replica-announce-port %d\n"
                      "replica-announce-ip 127.0.0.1\n" % pool.master.port)
    logs = [Log(daemon) for daemon in pool.supervisors]
    wrong.follow(pool.master.port)
    for log in logs:
        log.wait("announces", "127.0.0.1:%d" % pool.master.port, limit_s=12)
    stays(lambda: pool.master.role() == "master", 2, "it stays master")
    for log in logs:
        assert len(log.lines("announces")) == 1, log.lines("announces")


@case("`monitor` names a replica: it says whose, and what to write instead",
      long=True)
def monitors_a_replica(lab):
    master, replica = lab.redis("m"), lab.redis("r")
    replica.follow(master.port)
    wait_until(lambda: replica.follows(master.port), 10, "it follows")
    daemon = lab.supervisor("s1", [lab.group(replica.port, quorum=1)])
    log = Log(daemon)
    daemon.start()
    log.wait("127.0.0.1:%d" % replica.port, "is a replica of",
             "127.0.0.1:%d" % master.port, limit_s=5)
    stays(lambda: replica.follows(master.port), 3, "it stays a replica")
