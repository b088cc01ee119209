"""One run of a scenario: a pool, its writers, and what became of them."""

import collections
import threading
import time

from harness.resp import ReplyError
from harness.waiting import wait_until
from networks import SUPERVISORS

LIMIT_S = 60.0

# How long things take: `around_s` of quiet before and after, `lag_s` until a
# replica counts as lagging, `cut_s` of a partition after the switch.
Pace = collections.namedtuple("Pace", "down_after_ms around_s lag_s cut_s")
FULL = Pace(2000, 2.0, 3.0, 5.0)  # redis-sentinel does not bear much less
SHORT = Pace(500, 0.3, 1.0, 0.7)


class RoleWatch:
    """When a server says that it is a replica, as exactly as asking it every
    five milliseconds tells."""

    def __init__(self, server):
        self.server = server
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
                with self.server.connect(limit_s=0.5) as connection:
                    while not self.ended:
                        if connection.command("ROLE")[0] == "slave":
                            self.seen.append(time.monotonic())
                        time.sleep(0.005)
            except (OSError, ReplyError):
                time.sleep(0.005)


class Scene:
    """A pool under load, in a network of the given kind."""

    def __init__(self, lab, scenario, network, pace=FULL):
        self.scenario = scenario
        self.pace = pace
        self.ours = lab.ours
        self.network = network(lab, scenario.apart)
        self.pool = self.network.pool(group={
            "down_after_ms": pace.down_after_ms, "native": scenario.settings})
        self.pool.start()
        # Until then a replica that was just synced is sent nothing.
        self.pool.master.write_confirmed("ready", "yes",
                                         len(self.pool.replicas))
        self.bound_ms = self.wait_fenced()
        self.watch = RoleWatch(self.pool.master)
        lab.closing.append(self.watch)
        self.loads = [lab.load(self.pool.supervisors, follow=each.follow,
                               wait_for=each.wait_for, prefix="w%d." % number,
                               reach=self.network.reach(each.inside))
                      for number, each in enumerate(scenario.writers)]
        self.struck_at = None
        self.healed_at = None

    @staticmethod
    def now():
        return time.monotonic()

    def strikes(self):
        """Now the trouble begins: what came before prepared it."""
        self.struck_at = self.now()

    def wait_fenced(self):
        """How much a master that is cut off can lose, as the supervisors say
        it once the servers demand replicas; None without fencing."""
        policy = self.scenario.settings.get("fencing")
        if policy is None:
            return None
        for daemon in self.pool.supervisors:
            wait_until(lambda d=daemon: d.master()["fencing-state"] == "held",
                       LIMIT_S, "%s knows that the master is fenced"
                       % daemon.name, seen=daemon.master)
        for server in self.pool.servers if policy == "safety" else []:
            wait_until(lambda s=server: s.look(
                "CONFIG", "GET", "min-replicas-to-write")[1] != "0",
                LIMIT_S, "%s demands replicas" % server.name)
        return max(int(daemon.master()["lost-writes-bound-ms"])
                   for daemon in self.pool.supervisors)

    def cut_off(self):
        self.strikes()
        self.network.cut_off()

    def heal(self):
        self.healed_at = self.now()
        self.network.heal()

    def order(self, *words):
        self.pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster",
                                         *words)

    def outside(self, apart):
        """The supervisors that are not among those names."""
        return [daemon for name, daemon
                in zip(SUPERVISORS, self.pool.supervisors)
                if name not in apart]

    def wait_switched(self, apart=()):
        return self.pool.wait_switched(LIMIT_S,
                                       supervisors=self.outside(apart))

    def has_switched(self):
        return any(daemon.master_port() != self.pool.master_port
                   for daemon in self.pool.supervisors)

    def wait_settled(self):
        """All name one server, it is the only master, the others follow."""
        def settled():
            ports = {daemon.master_port() for daemon in self.pool.supervisors}
            port = ports.pop()
            master = self.pool.server_at(port)
            return (not ports and master.role() == "master"
                    and all(each.follows(port)
                            for each in self.pool.others(master)) and master)
        return wait_until(settled, LIMIT_S, "all servers are in their places",
                          seen=lambda: [(s.name, s.role())
                                        for s in self.pool.servers])

    def play(self):
        """The scenario makes the trouble and returns the moment from which
        the old master counts as one that should be a replica; None when it
        may be master still."""
        time.sleep(self.pace.around_s)
        self.strikes()
        due_at = self.scenario.strike(self)
        if due_at is None:
            time.sleep(self.pace.around_s)
            master, demoted_after_s = self.wait_settled(), None
        else:
            master = self.wait_switched()
            demoted_at = wait_until(lambda: self.watch.first_after(due_at),
                                    LIMIT_S, "the old master is a replica")
            demoted_after_s = demoted_at - due_at
            self.pool.wait_following(master, [self.pool.master], LIMIT_S)
        time.sleep(self.pace.around_s)
        return [self.result(load, master, demoted_after_s)
                for load in self.loads]

    def result(self, load, master, demoted_after_s):
        load.close()
        lost = [at for at, _ in load.lost(master)]
        late = []
        if self.bound_ms:  # which is that of a master that is cut off
            late = [at for at in lost if at > self.healed_at]
        while_cut = lost[:len(lost) - len(late)]
        losing_s = while_cut[-1] - self.struck_at if while_cut else 0.0
        return {"acknowledged": load.count(),
                "lost": len(lost),
                "late": len(late),
                "losing_s": max(0.0, losing_s),
                "bound_ms": self.bound_ms,
                "gap_s": load.longest_gap(self.struck_at - 0.1),
                "demoted_after_s": demoted_after_s}
