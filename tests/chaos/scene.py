"""One run of a scenario: a pool, its writers, and what became of them."""

import collections
import threading
import time

from harness.lab import Pool
from harness.ports import free_port
from harness.resp import Connection, ReplyError
from harness.waiting import wait_until
from island import Island

LIMIT_S = 60.0

# How long things take: `around_s` of quiet before and after, `lag_s` until a
# replica counts as lagging, `cut_s` of a partition after the switch.
Pace = collections.namedtuple("Pace", "down_after_ms around_s lag_s cut_s")
FULL = Pace(2000, 2.0, 3.0, 5.0)  # redis-sentinel does not bear much less
SHORT = Pace(500, 0.6, 1.0, 1.0)

# `inside`: they share the master's side of a partition.
Writers = collections.namedtuple("Writers", "label follow wait_for inside")

FOLLOW = Writers("follow", True, 0, False)
POOLED = Writers("pooled", False, 0, False)
WAITING = Writers("WAIT 1", False, 1, False)
INSIDE = Writers("pooled, inside", False, 0, True)
WAITING_INSIDE = Writers("WAIT 1, inside", False, 1, True)


class RoleWatch:
    """When a server says that it is a replica, as exactly as asking it every
    five milliseconds tells."""

    def __init__(self, port):
        self.port = port
        self.ended = False
        self.seen = []  # moments at which it said "slave"
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def first_after(self, moment):
        return next((at for at in list(self.seen) if at >= moment), None)

    def close(self):
        self.ended = True
        self.thread.join(3.0)

    def _run(self):
        while not self.ended:
            try:
                with Connection(self.port, limit_s=0.5) as connection:
                    while not self.ended:
                        if connection.command("ROLE")[0] == "slave":
                            self.seen.append(time.monotonic())
                        time.sleep(0.005)
            except (OSError, ReplyError):
                time.sleep(0.005)


class Scene:
    """A pool under load. With `replica_inside` the first replica is behind a
    proxy of its own, so that it can be cut off together with the master."""

    def __init__(self, lab, writers, pace=FULL, replica_inside=False,
                 durability=0, **options):
        self.lab = lab
        self.pace = pace
        self.ours = lab.ours
        self.is_cut = threading.Event()
        self.replica_proxy = None
        port = free_port() if replica_inside else None
        if replica_inside:
            options["server_extra"] = {"r1": "replica-announce-ip 127.0.0.1\n"
                                       "replica-announce-port %d\n" % port}
        self.pool = Pool(lab, group={"down_after_ms": pace.down_after_ms},
                         **options)
        if replica_inside:
            self.replica_proxy = lab.proxy(self.pool.replicas[0].port,
                                           port=port)
        self.pool.start()
        # Until then a replica that was just synced is sent nothing.
        self.pool.master.write_confirmed("ready", "yes",
                                         len(self.pool.replicas))
        for daemon in self.pool.supervisors if durability else []:
            daemon.command("SENTINEL", "SET", "mymaster", "durability",
                           durability)
        self.watch = RoleWatch(self.pool.master.port)
        lab.closing.append(self.watch)
        self.loads = [lab.load(self.pool.supervisors, follow=each.follow,
                               wait_for=each.wait_for, prefix="w%d." % number,
                               route=self.inside if each.inside else None)
                      for number, each in enumerate(writers)]

    @staticmethod
    def now():
        return time.monotonic()

    def inside(self, port):
        """From the master's side it is reached without the proxy, and in a
        partition nobody else is."""
        if port == self.pool.master_port:
            return self.pool.master.port
        if self.is_cut.is_set():
            raise OSError("on the other side")
        return port

    def cut_off(self):
        self.is_cut.set()
        if isinstance(self.pool.proxy, Island) and self.replica_proxy:
            self.pool.proxy.keep(self.replica_proxy.port)
            self.replica_proxy.black_hole()
        self.pool.proxy.black_hole()

    def heal(self):
        self.pool.proxy.pass_all()
        if self.replica_proxy:
            self.replica_proxy.pass_all()
        self.is_cut.clear()

    def order(self, *words):
        self.pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster",
                                         *words)

    def wait_switched(self):
        return self.pool.wait_switched(LIMIT_S)

    def server_at(self, port):
        if self.replica_proxy and port == self.replica_proxy.port:
            return self.pool.replicas[0]
        return self.pool.server_at(port)

    def wait_settled(self):
        """All name one server, it is the only master, the others follow."""
        def settled():
            ports = {daemon.master_port() for daemon in self.pool.supervisors}
            port = ports.pop()
            master = self.server_at(port)
            return (not ports and master.role() == "master"
                    and all(each.follows(port)
                            for each in self.pool.others(master)) and master)
        return wait_until(settled, LIMIT_S, "all servers are in their places",
                          seen=lambda: [(s.name, s.role())
                                        for s in self.pool.servers])

    def play(self, strike):
        """`strike` makes the trouble and returns the moment from which the
        old master counts as one that should be a replica; None when it may
        be master still."""
        time.sleep(self.pace.around_s)
        struck_at = self.now()
        due_at = strike(self)
        if due_at is None:
            time.sleep(self.pace.around_s)
            master, demoted_after = self.wait_settled(), None
        else:
            master = self.wait_switched()
            demoted_at = wait_until(lambda: self.watch.first_after(due_at),
                                    LIMIT_S, "the old master is a replica")
            demoted_after = demoted_at - due_at
            self.pool.wait_following(master, [self.pool.master], LIMIT_S)
        time.sleep(self.pace.around_s)
        return [self.result(load, master, struck_at, demoted_after)
                for load in self.loads]

    @staticmethod
    def result(load, master, struck_at, demoted_after):
        load.close()
        return {"acknowledged": load.count(),
                "lost": len(load.lost(master.port)),
                "gap": load.longest_gap(struck_at - 0.1),
                "demoted": demoted_after}
