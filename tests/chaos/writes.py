#!/usr/bin/python3
"""What writers lose when their master goes, in a table.

    writes.py [--daemon PATH] [--runs N] [NAME ...]

Each scenario (a NAME selects those whose title contains it) runs with
sentineld and then with redis-sentinel, on real servers, with four writers
that follow +switch-master and four of a connection pool that only looks again
when its connection breaks. Lost is what was acknowledged and is not on the
master in the end."""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

import scenarios  # noqa: E402
from harness import processes  # noqa: E402
from harness.lab import Lab  # noqa: E402
from harness.resp import Connection, ReplyError  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

DOWN_AFTER_MS = 2000  # redis-sentinel does not bear much less
WARM_UP_S = 2.0
AFTER_S = 2.0
LIMIT_S = 60.0
COLUMNS = ["scenario", "daemon", "writers", "acknowledged", "lost", "gap",
           "demoted after"]


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
    """One run: a pool under load."""

    def __init__(self, lab, options):
        self.lab = lab
        self.ours = lab.ours
        self.pool = lab.pool(group={"down_after_ms": DOWN_AFTER_MS}, **options)
        self.watch = RoleWatch(self.pool.master.port)
        lab.closing.append(self.watch)
        self.following = lab.load(self.pool.supervisors, prefix="f")
        self.pooled = lab.load(self.pool.supervisors, prefix="p",
                               follow=False)

    @staticmethod
    def now():
        return time.monotonic()

    def order(self, *words):
        self.pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster",
                                         *words)

    def wait_switched(self):
        return self.pool.wait_switched(LIMIT_S)

    def play(self, strike):
        time.sleep(WARM_UP_S)
        struck_at = self.now()
        due_at = strike(self)
        new_master = self.wait_switched()
        demoted_at = wait_until(lambda: self.watch.first_after(due_at),
                                LIMIT_S, "the old master is a replica")
        self.pool.wait_following(new_master, [self.pool.master], LIMIT_S)
        time.sleep(AFTER_S)
        return [self.result(load, new_master, struck_at, demoted_at - due_at)
                for load in (self.following, self.pooled)]

    def result(self, load, new_master, struck_at, demoted_after):
        load.close()
        return {"acknowledged": load.count(),
                "lost": len(load.lost(new_master.port)),
                "gap": load.longest_gap(struck_at - 0.1),
                "demoted": demoted_after}


def play_once(scenario, program):
    directory = tempfile.mkdtemp(prefix="sentineld-chaos-")
    lab = Lab(directory, program)
    try:
        return Scene(lab, scenario.pool_options).play(scenario.strike)
    except AssertionError as error:
        print("%s, %s: %s" % (scenario.title, os.path.basename(program),
                              error), file=sys.stderr)
        return None
    finally:
        lab.close()
        shutil.rmtree(directory, ignore_errors=True)


def row(scenario, program, writers, results):
    """Sums of writes, the worst of times."""
    return [scenario.title, os.path.basename(program), writers,
            "%d" % sum(each["acknowledged"] for each in results),
            "%d" % sum(each["lost"] for each in results),
            "%.0f ms" % (1000 * max(each["gap"] for each in results)),
            "%.0f ms" % (1000 * max(each["demoted"] for each in results))]


def print_row(cells):
    print("| %s |" % " | ".join(cells), flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        description="What writers lose, beside redis-sentinel.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--daemon", metavar="PATH",
                        default=os.path.join(ROOT, "build", "gcc",
                                             "sentineld"))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only", choices=["sentineld", "redis-sentinel"])
    return parser.parse_args()


def programs(options):
    found = [os.path.abspath(options.daemon)]
    other = shutil.which("redis-sentinel")
    if other is None:
        print("redis-sentinel is not installed: without it", file=sys.stderr)
    else:
        found.append(other)
    return [program for program in found
            if options.only in (None, os.path.basename(program))]


def main():
    options = arguments()
    processes.end_on_signals()
    failed = 0
    print_row(COLUMNS)
    print_row(["---"] * len(COLUMNS))
    for scenario in scenarios.ALL:
        if options.names and not any(name in scenario.title
                                     for name in options.names):
            continue
        for program in programs(options):
            runs = [play_once(scenario, program)
                    for _ in range(options.runs)]
            failed += runs.count(None)
            runs = [each for each in runs if each is not None]
            for index, writers in enumerate(["follow", "pooled"]):
                if runs:
                    print_row(row(scenario, program, writers,
                                  [each[index] for each in runs]))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
