"""Random crashes and pauses of everything, from a seed that is printed.

While it goes on, what every supervisor says is noted. Afterwards all must name
the same server, it must be the only master, and they must never have
contradicted each other or themselves. The seed fixes what is done and when;
what the processes make of it differs from run to run, so a failure is repeated
with

    SEED=n tests/e2e/run.py --long chaos"""

import os
import random
import threading
import time

from harness.cases import case
from harness.events import EventLog
from harness.resp import ask_once, fields
from harness.waiting import wait_until

HELLO = "__sentinel__:hello"


class Chaos:
    """Breaks things of a pool, and knows how to mend them."""

    def __init__(self, pool, seed):
        self.pool = pool
        self.random = random.Random(seed)
        self.mends = []  # (when, what to call, of which process)
        self.broken = set()

    def run(self, span_s):
        end = time.monotonic() + span_s
        while time.monotonic() < end:
            self.mend(time.monotonic())
            self.break_something()
            time.sleep(self.random.uniform(0.05, 0.8))
        self.mend(float("inf"))

    def mend(self, now):
        for due in [each for each in self.mends if each[0] <= now]:
            self.mends.remove(due)
            due[1]()
            self.broken.discard(due[2])

    def break_something(self):
        thing = self.random.choice(self.pool.supervisors * 2
                                   + self.pool.servers)
        kills = self.random.random() < 0.5
        span_s = self.random.choice((0.05, 0.3, 1.0, 3.0))
        if thing in self.broken or self.one_is_broken_beside(thing):
            return
        self.broken.add(thing)
        if kills:
            thing.kill()
            mend = thing.start
        else:
            thing.pause()
            mend = thing.resume
        self.mends.append((time.monotonic() + span_s, mend, thing))

    def one_is_broken_beside(self, thing):
        """A majority of supervisors and one good server are always left."""
        kind = (self.pool.supervisors if thing in self.pool.supervisors
                else self.pool.servers)
        return any(each in self.broken for each in kind)


class Beliefs:
    """What supervisors say of the master, and what must hold of it: an epoch
    names one address, and nobody's epoch ever goes back.

    Hellos are noted for the first rule only: a server that was paused, or a
    replica that gets them from its master, may deliver them late. For the
    second rule each supervisor is asked again and again."""

    def __init__(self, lab, pool):
        self.pool = pool
        self.hellos = EventLog()
        lab.closing.append(self.hellos)
        for server in pool.servers:
            self.hellos.listen(server.name, server.port)
        self.answers = []  # (name, config epoch, port)
        self.ended = False
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()

    def _ask(self):
        while not self.ended:
            for daemon in self.pool.supervisors:
                row = ask_once(daemon.port, "SENTINEL", "MASTER",
                               self.pool.name, limit_s=0.2)
                if isinstance(row, list):
                    row = fields(row)
                    self.answers.append((daemon.name, int(row["config-epoch"]),
                                         row["port"]))
            time.sleep(0.01)

    def check(self):
        self.ended = True
        self.thread.join(5.0)
        port_of, epoch_of = {}, {}
        for name, epoch, port in self.answers:
            assert epoch >= epoch_of.get(name, 0), \
                "%s went back from epoch %d to %d" % (name, epoch_of[name],
                                                      epoch)
            epoch_of[name] = epoch
            assert port_of.setdefault(epoch, port) == port, \
                "epoch %d names the ports %s and %s" % (epoch, port_of[epoch],
                                                        port)
        hellos = self.hellos.find(HELLO)
        for event in hellos:
            words = event.payload.split(",")
            epoch, port = int(words[7]), words[6]
            assert port_of.setdefault(epoch, port) == port, \
                "epoch %d names the ports %s and %s" % (epoch, port_of[epoch],
                                                        port)
        assert len(hellos) > 10 and len(self.answers) > 50, \
            (len(hellos), len(self.answers))


def chaos(lab, span_s, replicas, supervisors, seed):
    seed = int(os.environ.get("SEED", seed))
    print("seed %d" % seed)
    pool = lab.pool(
        replicas=replicas, supervisors=supervisors, group={
            "down_after_ms": 500, "failover_timeout_ms": 1000,
            "quorum": supervisors // 2 + 1},
        server_extra={name: "appendonly yes\n" for name in
                      ["m"] + ["r%d" % i for i in range(1, replicas + 1)]})
    beliefs = Beliefs(lab, pool)
    Chaos(pool, seed).run(span_s)
    assert_converges(pool)
    beliefs.check()


def assert_converges(pool):
    def named():
        ports = {daemon.master_port() for daemon in pool.supervisors}
        return len(ports) == 1 and ports

    def at_rest():
        ports = named()
        if not ports:
            return False
        master = pool.server_at(ports.pop())
        return master.role() == "master" and all(
            each.follows(master.port) for each in pool.others(master))
    wait_until(at_rest, 45, "all agree, and all servers obey", seen=lambda: (
        [(d.name, d.master_port()) for d in pool.supervisors],
        [(s.name, s.port, s.role()) for s in pool.servers]))


@case("random crashes and pauses for a while", limit_s=120)
def short(lab):
    chaos(lab, 8, 2, 3, seed=724930087)


@case("random crashes and pauses for longer, five supervisors", long=True,
      limit_s=300)
def longer(lab):
    chaos(lab, 90, 3, 5, seed=random.randrange(1 << 30))
