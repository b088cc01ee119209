"""Servers that say something else than they do, or nonsense. The servers are
imitations here, because real ones do not lie on request."""

from harness.cases import case
from harness.fake_server import FakeServer
from harness.waiting import stays, wait_until


class FakePool:
    """A master and two replicas that are imitations, one real supervisor."""

    def __init__(self, lab):
        self.master = self.start(lab, FakeServer("m"))
        self.first = self.start(lab, FakeServer("r1", self.master, priority=1))
        self.second = self.start(lab, FakeServer("r2", self.master))
        self.daemon = lab.supervisor(
            "s1", [lab.group(self.master.port, quorum=1)]).start()
        self.events = lab.events([self.daemon])
        wait_until(lambda: sorted(row["flags"] for row in
                                  self.daemon.replicas())
                   == ["slave", "slave"], 10, "both replicas are found")

    @staticmethod
    def start(lab, server):
        lab.closing.append(server)
        return server

    def kill_master(self):
        self.master.close()

    def switched_to(self, server):
        wait_until(lambda: self.daemon.master_port() == server.port, 20,
                   "%s is the master" % server.name)


@case("imitations behave: the preferred one is promoted")
def honest(lab):
    pool = FakePool(lab)
    pool.kill_master()
    pool.switched_to(pool.first)
    assert pool.first.master is None
    wait_until(lambda: pool.second.master.port == pool.first.port, 10,
               "the other follows it")


@case("one that says OK and stays a replica is not published")
def says_ok_and_does_nothing(lab):
    pool = FakePool(lab)
    pool.first.obeys = False
    pool.kill_master()
    pool.switched_to(pool.second)
    told = pool.events.find("+switch-master")
    assert [event.payload.split()[4] for event in told] \
        == [str(pool.second.port)], told


@case("one whose transaction is aborted is replaced by the next")
def aborts(lab):
    pool = FakePool(lab)
    pool.first.obeys = False
    pool.first.overrides["EXEC"] = b"-EXECABORT Transaction discarded\r\n"
    pool.kill_master()
    pool.switched_to(pool.second)


@case("nonsense to ROLE after the promotion: not published")
def nonsense_role(lab):
    pool = FakePool(lab)
    pool.first.obeys = False
    pool.first.overrides["ROLE"] = b"*2\r\n:1\r\n:2\r\n"
    pool.kill_master()
    pool.switched_to(pool.second)


@case("one that answers no INFO in time counts as unknown, and delays little")
def silent_info(lab):
    pool = FakePool(lab)
    pool.first.overrides["INFO"] = b""
    pool.kill_master()
    pool.switched_to(pool.second)


INFOS = [
    b"$0\r\n\r\n", b"$-1\r\n", b"+OK\r\n", b":1\r\n", b"*0\r\n",
    b"-ERR no INFO today\r\n",
    b"$10\r\nrole:king\r\n\r\n",
    b"$13\r\nrole:master\r\n\r\n",
    b"$18\r\nslave0:ip=,port=\r\n\r\n",
]
LINES = [
    "role:master\r\nslave0:ip=127.0.0.1,port=99999,state=online",
    "role:master\r\nslave0:ip=127.0.0.1,port=-1,state=online",
    "role:master\r\nslave0:nothing",
    "role:master\r\nslave0:ip=%s,port=1,state=online" % ("x" * 5000),
    "role:master\r\nrun_id:" + "z" * 4000,
    "role:master\r\nmaster_repl_offset:99999999999999999999999999",
    "role:master\r\nmaster_repl_offset:-5\r\nsecond_repl_offset:x",
    "role:slave\r\nmaster_port:x\r\nmaster_link_down_since_seconds:y",
    "role:master\r\n" + "\r\n".join(
        "slave%d:ip=127.0.0.1,port=%d,state=online" % (i, 1 + i % 60000)
        for i in range(1000)),
    ":" * 3000, "\0\0\0\0", "a" * 200000,
]


def as_bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text.encode())


@case("INFO with nonsense: the daemon serves on, and knows limits")
def nonsense_info(lab):
    pool = FakePool(lab)
    daemon = pool.daemon
    for answer in INFOS + [as_bulk(line) for line in LINES]:
        pool.second.overrides["INFO"] = answer
        stays(lambda: daemon.command("PING") == "PONG", 0.1, "it serves on")
    for answer in INFOS + [as_bulk(line) for line in LINES]:
        pool.master.overrides["INFO"] = answer
        # A changed link makes it ask anew.
        daemon.command("SENTINEL", "RESET", "mymaster")
        stays(lambda: daemon.command("PING") == "PONG", 0.1, "it serves on")
        assert int(daemon.master()["num-slaves"]) <= 128
    pool.master.overrides.clear()
    pool.second.overrides.clear()
    daemon.command("SENTINEL", "RESET", "mymaster")
    wait_until(lambda: len(daemon.replicas()) >= 2
               and daemon.master()["flags"] == "master", 20,
               "it finds the way back")
