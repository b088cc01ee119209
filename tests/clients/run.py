#!/usr/bin/python3
"""Drives real client libraries through failovers under writes.

    run.py [--daemon PATH] [--setting NAME] [--markdown FILE] [CLIENT ...]

For each setting (plain, password, ACL user, TLS) a pool of one master, two
replicas and three supervisors is started on loopback, down after 1000 ms, and
with it all clients at once, each in every protocol that it speaks. They write
a numbered key every 20 ms (redis-cli: 50 ms). Then the master is killed
(crash), and when it is back as a replica, SENTINEL FAILOVER is said to one
supervisor (operator). A client passes if it writes to the new master both
times.

  gap    the longest time without an acknowledged write
  kept   the longest time without one that the new master has
  lost   acknowledged writes that the new master does not have

Missing clients are installed (see install.py). The exit status is 0 only if no
client failed; a skipped one, with its reason, is no failure."""

import argparse
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import processes  # noqa: E402
from harness.lab import Lab  # noqa: E402
from harness.resp import ReplyError  # noqa: E402

import table  # noqa: E402
from kinds import KINDS  # noqa: E402
from pool import SETTINGS, ClientsPool  # noqa: E402
from writers import WriterProgram, longest_gap_ms, now_ms  # noqa: E402

DEFAULT_DAEMON = os.path.join(ROOT, "build", "gcc", "sentineld")
START_LIMIT_S = 30
REACH_LIMIT_S = 30
SETTLE_S = 1.5


def arguments():
    parser = argparse.ArgumentParser(
        description="Client libraries through failovers.")
    parser.add_argument("clients", nargs="*", metavar="CLIENT",
                        help="only clients whose name contains this")
    parser.add_argument("--daemon", default=DEFAULT_DAEMON, metavar="PATH")
    parser.add_argument("--setting", help="only this setting")
    parser.add_argument("--packages", metavar="DIR",
                        default=os.path.join(ROOT, "build", "clients"),
                        help="where npm installs (%(default)s)")
    parser.add_argument("--markdown", metavar="FILE",
                        help="replace the table in this file")
    return parser.parse_args()


class Trial:
    """All clients in one setting."""

    def __init__(self, lab, setting, results):
        self.lab = lab
        self.results = results
        self.setting = setting
        self.pool = ClientsPool(lab, setting)
        self.writers = []

    def run(self, kinds, packages):
        self.pool.start()
        self.start_writers(kinds, packages)
        try:
            if self.writers:
                self.fail_over("crash", self.crash)
                self.bring_back()
                self.fail_over("operator", self.order)
        finally:
            for writer in self.writers:
                writer.stop()

    def start_writers(self, kinds, packages):
        directory = os.path.join(self.lab.directory, "clients")
        os.mkdir(directory)
        for kind in kinds:
            for protocol in kind.protocols:
                writer = WriterProgram(
                    kind, protocol, directory,
                    dict(self.pool.environment(),
                         **kind.environment(packages)))
                writer.start()
                self.writers.append(writer)
        self.wait_writers(START_LIMIT_S, lambda w: len(w.accepted) >= 20,
                          "start")

    def wait_writers(self, limit_s, check, phase):
        """Those that do not get there in time are noted and stopped."""
        waiting = list(self.writers)
        end = time.monotonic() + limit_s
        while waiting and time.monotonic() < end:
            time.sleep(0.2)
            for writer in self.writers:
                writer.take()
            waiting = [writer for writer in waiting if not check(writer)]
        for writer in waiting:
            writer.stop()
            self.writers.remove(writer)
            self.results.fail(self.setting, writer, phase,
                              writer.complaints())

    def crash(self):
        self.pool.master.process.signal(9)

    def order(self):
        self.pool.supervisors[0].command("SENTINEL", "FAILOVER",
                                         self.pool.name)

    def fail_over(self, phase, cause):
        since = now_ms()
        cause()
        master = self.pool.wait_switched()
        switched = now_ms()
        with master.connect() as connection:
            self.wait_writers(
                REACH_LIMIT_S,
                lambda w: self.writes_to(w, switched, connection), phase)
            time.sleep(SETTLE_S)
        with master.connect() as connection:
            for writer in self.writers:
                writer.take()
                self.measure(phase, writer, since, connection)
        self.pool.become(master)

    @staticmethod
    def writes_to(writer, since, connection):
        """Its last write is there, and it reads if it is one that reads."""
        recent = writer.accepted[-1:]
        return (recent and recent[0][0] > since
                and not writer.lost(recent, connection)
                and (not writer.reads or writer.reads[-1] > since))

    def measure(self, phase, writer, since, connection):
        writes = writer.accepted_since(since)
        lost = writer.lost(writes, connection)
        kept = [write for write in writes if write not in lost]
        self.results.succeed(self.setting, writer, phase,
                             (longest_gap_ms(writes), longest_gap_ms(kept),
                              len(lost)))

    def bring_back(self):
        """Whoever was killed returns as a replica."""
        for server in self.pool.servers:
            if not server.process.alive():
                server.start()
        self.pool.wait_following(self.pool.master, self.pool.replicas, 30)
        self.pool.wait_ready()


def try_setting(options, setting, kinds, results, top):
    directory = os.path.join(top, setting.name.replace(" ", "-"))
    os.mkdir(directory)
    lab = Lab(directory, options.daemon)
    try:
        Trial(lab, setting, results).run(kinds, options.packages)
        lab.finish()
    except (OSError, ReplyError, AssertionError) as error:
        results.fail_setting(setting, error)
        print("\n".join(lab.last_words()))
    finally:
        lab.close()


def prepare(options, results):
    """The clients that can be had."""
    wanted = [kind for kind in KINDS if not options.clients or
              any(word in kind.name for word in options.clients)]
    ready = []
    for kind in wanted:
        reason = kind.prepare(options.packages)
        if reason:
            results.skip(SETTINGS, kind, reason)
        else:
            ready.append(kind)
    return ready


def run_all(options, results, top):
    kinds = prepare(options, results)
    for setting in SETTINGS:
        if options.setting not in (None, setting.name):
            continue
        able = []
        for kind in kinds:
            if setting.name in kind.cannot:
                results.skip([setting], kind, kind.cannot[setting.name])
            else:
                able.append(kind)
        if able:
            print("clients: %s ..." % setting.name, flush=True)
            try_setting(options, setting, able, results, top)


def main():
    options = arguments()
    if shutil.which(options.daemon) is None:
        sys.exit("run.py: no daemon at %s" % options.daemon)
    options.daemon = os.path.abspath(options.daemon)
    options.packages = os.path.abspath(options.packages)
    processes.end_on_signals()
    results = table.Results()
    top = tempfile.mkdtemp(prefix="sentineld-clients-")
    try:
        run_all(options, results, top)
    except KeyboardInterrupt:
        sys.exit("interrupted")
    finally:
        processes.stop_all()
        shutil.rmtree(top, ignore_errors=True)
    print(results.text())
    if options.markdown:
        results.write_into(options.markdown)
    sys.exit(1 if results.failed() else 0)


if __name__ == "__main__":
    main()
