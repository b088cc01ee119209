#!/usr/bin/python3
"""Restarts of a master beside redis-sentinel, in a table.

    restart_matrix.py [--daemon PATH] [--runs N] [--jobs N] [--list]
                      [NAME ...]

A NAME selects the rows whose name contains it (aof,KILL,0.3s,load10s,down5s);
several NAMEs select what any of them selects. Rows run side by side, each in
a process of its own, first with sentineld and then with redis-sentinel. Lost
is what was acknowledged and is not on the master in the end; lacked is what
the restarted master itself did not have. The exit status is 0 only if no rule
of restart_rules.py is broken."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
sys.path.insert(0, HERE)

from harness import processes  # noqa: E402
from harness.lab import Lab  # noqa: E402
from restart_row import Restart, all_rows, name_of, row_named  # noqa: E402
from restart_rules import broken_rules  # noqa: E402

COLUMNS = ["row", "daemon", "acknowledged", "lost", "lacked", "failovers",
           "readers cut", "replicas back", "no writes for", "broken"]
ROW_LIMIT_S = 240.0


def play_one(name, program):
    """In a process of its own: the result as one line of JSON."""
    processes.die_with_parent(os.getppid())
    processes.end_on_signals()
    directory = tempfile.mkdtemp(prefix="sentineld-restart-")
    lab = Lab(directory, program)
    try:
        print(json.dumps(Restart(lab, row_named(name)).play()))
    except AssertionError as error:
        print(json.dumps({"failed": str(error)}))
    finally:
        lab.close()
        shutil.rmtree(directory, ignore_errors=True)


class Play:
    """A row with one daemon, in its process."""

    def __init__(self, row, program):
        self.row = row
        self.program = program
        self.began = time.monotonic()
        self.popen = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "restart_matrix.py"),
             "--one", name_of(row), program],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def ended(self):
        if time.monotonic() - self.began > ROW_LIMIT_S:
            self.stop()
        return self.popen.poll() is not None

    def stop(self):
        """By its signal, so that it ends what it started."""
        if self.popen.poll() is None:
            self.popen.terminate()
        self.popen.wait()

    def result(self):
        text = self.popen.communicate()[0].strip()
        try:
            return json.loads(text.splitlines()[-1])
        except (IndexError, ValueError):
            return {"failed": text or "it ended without a word"}


def play_all(orders, jobs, tell):
    """Plays (row, program) pairs side by side; tell(row, program, result)."""
    waiting, running = list(orders), []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(Play(*waiting.pop(0)))
            for play in [each for each in running if each.ended()]:
                running.remove(play)
                tell(play.row, play.program, play.result())
            time.sleep(0.05)
    finally:
        for play in running:
            play.stop()


def cells(row, program, result, broken):
    head = [name_of(row), os.path.basename(program)]
    if "failed" in result:
        return head + ["-"] * (len(COLUMNS) - 3) + [result["failed"]]
    return head + [
        str(result[key]) for key in
        ("acknowledged", "lost", "lacked", "failovers", "cut")] + [
        "%d ms" % (1000 * result[key]) for key in ("back_s", "gap_s")] + [
        "; ".join(broken) or "-"]


class Table:
    """Prints each row when both daemons have played it."""

    def __init__(self, programs):
        self.ours, *self.others = programs
        self.found = {}
        self.broken = 0
        self.sums = {}

    def take(self, row, program, result):
        results = self.found.setdefault((row, self.run_of(row, program)), {})
        results[program] = result
        self.add(program, result)
        if len(results) == 1 + len(self.others):
            self.show(row, results)

    def run_of(self, row, program):
        return sum(1 for (each, _), results in self.found.items()
                   if each == row and program in results)

    def add(self, program, result):
        sums = self.sums.setdefault(program, dict.fromkeys(
            ("acknowledged", "lost", "failovers", "cut"), 0))
        for key in sums:
            sums[key] += result.get(key, 0)

    def show(self, row, results):
        ours = results[self.ours]
        theirs = results[self.others[0]] if self.others else None
        if theirs is not None and "failed" in theirs:
            theirs = None
        broken = [] if "failed" in ours else broken_rules(ours, theirs)
        self.broken += bool(broken) or "failed" in ours
        for program, result in results.items():
            line(cells(row, program, result,
                       broken if program == self.ours else []))

    def show_sums(self):
        for program, sums in self.sums.items():
            print("%s: %s" % (os.path.basename(program), ", ".join(
                "%s %d" % pair for pair in sums.items())))


def line(words):
    print("| %s |" % " | ".join(words), flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        description="Restarts of a master, beside redis-sentinel.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--daemon", metavar="PATH",
                        default=os.path.join(ROOT, "build", "gcc",
                                             "sentineld"))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4,
                        help="pools at a time (%(default)s)")
    parser.add_argument("--only", choices=["sentineld"],
                        help="without redis-sentinel beside it")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def programs(options):
    found = [os.path.abspath(options.daemon)]
    other = shutil.which("redis-sentinel")
    if options.only:
        return found
    if other is None:
        sys.exit("restart_matrix.py: redis-sentinel is not installed; "
                 "--only sentineld goes without")
    return found + [other]


def main():
    options = arguments()
    if options.one:
        play_one(*options.one)
        return
    rows = [row for row in all_rows() if not options.names or any(
        name in name_of(row) for name in options.names)]
    if options.list:
        print("\n".join(name_of(row) for row in rows))
        return
    processes.end_on_signals()
    table = Table(programs(options))
    line(COLUMNS)
    line(["---"] * len(COLUMNS))
    play_all([(row, program) for row in rows for _ in range(options.runs)
              for program in programs(options)], options.jobs, table.take)
    table.show_sums()
    print("%d of %d rows break a rule" % (table.broken,
                                          len(rows) * options.runs))
    sys.exit(1 if table.broken or not rows else 0)


if __name__ == "__main__":
    main()
