"""One restart of a master under load, and what became of it.

A Row says how the master keeps its data, how it ends, when it is started
again and how long it loads then. Writers of both kinds go on all the time,
and one client reads from each replica. What the disk of the master held when
it ended is copied, so that afterwards it is known what the restarted master
lacked of what it had confirmed."""

import collections
import os
import shutil
import signal
import time

from harness.reader import Reader
from harness.vanishing import fill
from harness.waiting import wait_until

LIMIT_S = 90.0
AROUND_S = 1.0       # of writes, before the end and after all is well
SAVED_BEFORE_S = 0.5  # the last save of a master that writes no AOF
WRITERS = 2          # of each kind
WRITE_PAUSE_S = 0.005
KEYS = 20000         # what there is to load
VALUE = "x" * 64
LOOK_AGAIN_S = 0.02
# What was confirmed this long before the end had reached the replicas.
REPLICATED_S = 0.25

Row = collections.namedtuple(
    "Row", "persistence signal delay_s loading_s down_after_s")
SIGNALS = {"TERM": signal.SIGTERM, "KILL": signal.SIGKILL}
PERSISTENCE = {
    "aof": "appendonly yes\nappendfsync everysec\n",
    "rdb": "save 3600 1\n",
    "both": "appendonly yes\nappendfsync everysec\nsave 3600 1\n",
    "none": "",
}


def slow_loading(loading_s):
    """It answers now and then meanwhile, and is slow only from files: what it
    begins with is nothing."""
    if not loading_s:
        return ""
    return ("key-load-delay %d\nloading-process-events-interval-bytes 1024\n"
            % int(1e6 * loading_s / KEYS))


def all_rows():
    return [Row(persistence, ending, delay_s, loading_s, down_after_s)
            for persistence in PERSISTENCE
            for ending in SIGNALS
            for delay_s in (0.05, 0.3, 1, 3)
            for loading_s in ((0, 10) if PERSISTENCE[persistence] else (0,))
            for down_after_s in (5, 30)]


def name_of(row):
    return "%s,%s,%gs,load%gs,down%gs" % row


def row_named(name):
    """Any row, not only those of the matrix."""
    persistence, ending, *times = name.split(",")
    return Row(persistence, ending, *(
        float(each.strip("abcdefghijklmnopqrstuvwxyz")) for each in times))


class Restart:
    """Plays one row with one daemon."""

    def __init__(self, lab, row):
        self.lab = lab
        self.row = row
        extra = PERSISTENCE[row.persistence]
        self.pool = lab.pool(
            group={"down_after_ms": int(1000 * row.down_after_s)},
            server_extra={"m": extra + slow_loading(row.loading_s),
                          "r1": extra, "r2": extra})
        self.master = self.pool.master
        self.copy = os.path.join(self.master.directory, "copy")
        fill(self.master, KEYS, VALUE, len(self.pool.replicas))
        if "appendonly" in extra:
            self.rewrite()
        self.loads = [lab.load(self.pool.supervisors, follow=follow,
                               writers=WRITERS, pause_s=WRITE_PAUSE_S,
                               prefix="w%d." % number)
                      for number, follow in enumerate((True, False))]
        self.readers = {}
        for replica in self.pool.replicas:
            self.readers[replica] = Reader(replica)
            lab.closing.append(self.readers[replica])
        self.ended_at = None

    def rewrite(self):
        self.master.command("BGREWRITEAOF")
        wait_until(lambda: self.master.info("persistence")[
            "aof_rewrite_in_progress"] == "0", LIMIT_S, "the AOF is rewritten")

    def play(self):
        time.sleep(AROUND_S)
        if self.row.persistence == "rdb":
            self.master.command("SAVE")
            time.sleep(SAVED_BEFORE_S)
        since = self.pool.events.mark()
        self.end_master()
        time.sleep(self.row.delay_s)
        self.master.process.start()
        ready_at = self.wait_loaded()
        self.wait_settled()
        back_s = time.monotonic() - ready_at
        time.sleep(AROUND_S)
        return self.result(self.wait_settled(), since, back_s)

    def end_master(self):
        self.ended_at = time.monotonic()
        process = self.master.process
        process.ended_by_us = True
        os.killpg(process.pid, SIGNALS[self.row.signal])
        wait_until(lambda: not process.alive(), LIMIT_S, "the master has ended")
        shutil.copytree(self.master.directory, self.copy,
                        ignore=lambda _, names: [
                            each for each in names
                            if each in ("log", "redis.conf", "copy")])

    def wait_loaded(self):
        def loaded():
            try:
                return self.master.info("persistence")["loading"] == "0"
            except OSError:
                return False
        wait_until(loaded, LIMIT_S, "the master has loaded", LOOK_AGAIN_S)
        return time.monotonic()

    def wait_settled(self):
        """All name one server, it is a master, and the others follow it."""
        return wait_until(self.settled, LIMIT_S, "all are in their places",
                          LOOK_AGAIN_S, self.places)

    def settled(self):
        try:
            ports = {daemon.master_port() for daemon in self.pool.supervisors}
            master = self.pool.server_at(ports.pop())
            return (not ports and master.role() == "master"
                    and all(each.follows(master.port)
                            for each in self.pool.others(master)) and master)
        except OSError:
            return None

    def places(self):
        return [(server.name, server.role()) for server in self.pool.servers]

    def result(self, master, since, back_s):
        for each in [*self.loads, *self.readers.values()]:
            each.close()
        lost = [at for load in self.loads for at, _ in load.lost(master)]
        switches = {event.payload for event in
                    self.pool.events.find("+switch-master", since=since)}
        return {
            "acknowledged": sum(load.count() for load in self.loads),
            "lost": len(lost),
            "replicated_lost": sum(
                1 for at in lost if at < self.ended_at - REPLICATED_S),
            "lacked": self.count_lacked(),
            "failovers": len(switches),
            "cut": self.count_cut(master),
            "back_s": round(back_s, 3),
            "gap_s": round(max(load.longest_gap(self.ended_at - 0.1)
                               for load in self.loads), 3),
        }

    def count_lacked(self):
        """Confirmed writes that the master's disk did not have."""
        server = self.lab.prepare_redis(
            "copy", extra=PERSISTENCE[self.row.persistence])
        for name in os.listdir(self.copy):
            shutil.move(os.path.join(self.copy, name), server.directory)
        server.start(LIMIT_S)
        return sum(1 for load in self.loads for at, _ in load.lost(server)
                   if at < self.ended_at)

    def count_cut(self, master):
        """A server whose role changes may cut its readers off."""
        return sum(reader.disconnections()
                   for server, reader in self.readers.items()
                   if server is not master)
