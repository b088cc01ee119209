#!/usr/bin/python3
"""Measures failovers, beside redis-sentinel's in the same run.

    bench.py [--daemon PATH] [--runs N] [--quick] [--only NAME] [--json FILE]

Each measure is taken with fresh pools of one master, two replicas and three
supervisors on loopback, down after 1000 ms: four pools are started at a time
and then used one after the other. Times are milliseconds since the cause.

  crash      the master is killed (SIGKILL)
  refused    the same with refused_after_ms 200 (sentineld alone has it)
  hang       the master stops answering (SIGSTOP)
  operator   SENTINEL FAILOVER
  leader     crash, and the elected leader is killed as soon as it says so
  fleet      all masters of many groups die in the same moment, down after
             5000 ms; the servers are imitations (fleet.c)

announced: the first +switch-master of any supervisor. told: every supervisor
has published it. known: every supervisor names the new master when asked.
writable: a replica accepts writes."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import processes  # noqa: E402
from harness.lab import Lab, Pool  # noqa: E402
from harness.waiting import TimeLimit  # noqa: E402

from many import ManyGroups  # noqa: E402
from watch import Watch  # noqa: E402

DEFAULT_DAEMON = os.path.join(ROOT, "build", "gcc", "sentineld")
DOWN_AFTER_MS = 1000
BATCH = 4
LIMIT_S = 60
WHATS = ("announced", "told", "known", "writable")


class Measure:
    """One way to make a pool fail over."""

    def __init__(self, name, text, trigger, **options):
        self.name = name
        self.text = text
        self.trigger = trigger
        self.group = options.get("group", {})
        self.on_event = options.get("on_event")
        self.ours_only = options.get("ours_only", False)
        # At most so many runs of redis-sentinel, because it takes so long.
        self.other_runs = options.get("other_runs")


def crash(pool):
    pool.master.process.signal(9)


def hang(pool):
    pool.master.pause()


def operator(pool):
    pool.supervisors[0].command("SENTINEL", "FAILOVER", pool.name)


def kill_the_leader(watch, daemon, channel):
    if channel == "+elected-leader" and not watch.gone:
        daemon.process.signal(9)
        watch.drop(daemon)


MEASURES = [
    Measure("crash", "the master is killed", crash),
    Measure("refused", "the same, refused_after_ms 200", crash,
            group={"refused_after_ms": 200}, ours_only=True),
    Measure("hang", "the master hangs", hang),
    Measure("operator", "SENTINEL FAILOVER", operator),
    Measure("leader", "crash, and the leader is killed once elected", crash,
            on_event=kill_the_leader, other_runs=1),
]


def progress(text):
    print(text, end="", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.number = 0
        self.spoilt = 0
        self.results = {}

    def programs(self, measure):
        ours = [("sentineld", self.options.daemon)]
        other = [("redis-sentinel", self.options.other)]
        if measure.ours_only or not self.options.other:
            return ours
        return other + ours

    def run(self, measure):
        for label, program in self.programs(measure):
            runs = self.options.runs
            if label == "redis-sentinel" and measure.other_runs:
                runs = min(runs, measure.other_runs)
            progress("%s, %s: " % (measure.name, label))
            samples = []
            while len(samples) < runs:
                count = min(BATCH, runs - len(samples))
                samples += self.run_batch(measure, program, count)
            progress("\n")
            self.results.setdefault(measure.name, {})[label] = samples

    def run_batch(self, measure, program, count):
        """Measures so many pools; fewer when preparing them failed."""
        try:
            return self.try_batch(measure, program, count)
        except TimeLimit as reason:
            # A stranger at one of our ports, say. Measuring was not begun.
            self.spoilt += 1
            if self.spoilt > 3:
                raise
            progress("\n%s; again: " % reason)
            return []

    def try_batch(self, measure, program, count):
        pools = [self.new_pool(measure, program) for _ in range(count)]
        try:
            for pool in pools:
                pool.launch_servers()
            for pool in pools:
                pool.wait_servers()
            for pool in pools:
                pool.start_supervisors()
            for pool in pools:
                pool.wait_ready(30)
                pool.wait_votes()
            time.sleep(1.0)  # the first INFO and hellos of all are over
            return [self.run_one(measure, pool) for pool in pools]
        finally:
            for pool in pools:
                pool.lab.close()

    def new_pool(self, measure, program):
        self.number += 1
        directory = os.path.join(self.directory, str(self.number))
        os.mkdir(directory)
        # The daemon's own failover timeout: the benchmark measures defaults.
        group = {"down_after_ms": DOWN_AFTER_MS, "failover_timeout_ms": None}
        return Pool(Lab(directory, program), group={**group, **measure.group})

    def run_one(self, measure, pool):
        watch = Watch(pool, measure.on_event)
        complete = watch.run(lambda: measure.trigger(pool), LIMIT_S)
        progress("." if complete else "!")
        pool.lab.close()
        sample = {what: round(seconds * 1000, 2)
                  for what, seconds in watch.times.items()}
        if self.options.events:
            sample["events"] = watch.events
        return sample


def quantile(values, share):
    """The smallest value that at least this share is not above."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def figure(value):
    return "      -" if value is None else "%7.0f" % value


def values_of(samples, what):
    return [sample[what] for sample in samples if what in sample]


def print_measure(measure, by_program):
    print("\n%s: %s" % (measure.name, measure.text))
    print("  %-10s %-15s %4s %7s %7s %7s %7s" % (
        "", "", "runs", "min", "median", "p99", "max"))
    for what in WHATS:
        medians = {}
        for label, samples in by_program.items():
            values = values_of(samples, what)
            late = len(samples) - len(values)
            row = [None] * 4
            if values:
                row = [min(values), quantile(values, 50),
                       quantile(values, 99), max(values)]
                medians[label] = row[1]
            print("  %-10s %-15s %4d %s%s" % (
                what, label, len(samples), " ".join(map(figure, row)),
                "  (%d not within %d s)" % (late, LIMIT_S) if late else ""))
        if len(medians) == 2:
            print("  %-10s %-15s      %s" % (
                "", "times faster", "%15.1f" % (
                    medians["redis-sentinel"] / medians["sentineld"])))


def print_many(groups, results):
    print("\nfleet: %d masters are killed in the same moment" % groups)
    print("  %-26s %9s %9s %9s" % ("", "first", "median", "last"))
    for label, sample in results.items():
        print("  %-26s %9.0f %9.0f %9.0f%s" % (
            label + ", on all of them", sample["first"], sample["median"],
            sample["last"],
            "" if sample["complete"] else "  (only %d of %d groups in time)"
            % (sample["switched"], groups)))


def arguments():
    parser = argparse.ArgumentParser(
        description="Measures failovers beside redis-sentinel's.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=__doc__.split("\n\n", 2)[2])
    parser.add_argument("--daemon", default=DEFAULT_DAEMON, metavar="PATH",
                        help="sentineld (%(default)s)")
    parser.add_argument("--other", default="redis-sentinel", metavar="PATH",
                        help="what to compare with; '' for nothing")
    parser.add_argument("--runs", type=int, default=10,
                        help="runs of each measure (%(default)s)")
    parser.add_argument("--groups", type=int, default=500,
                        help="groups of the fleet (%(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="3 runs, 50 groups: a minute or two")
    parser.add_argument("--only", action="append", metavar="NAME",
                        help="only this measure; may be repeated")
    parser.add_argument("--json", metavar="FILE",
                        help="write every single number there")
    parser.add_argument("--events", action="store_true",
                        help="and every event, with its time, into it")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.groups = min(options.runs, 3), 50
    return options


def check_programs(options):
    asked_for = options.other
    for name in ("daemon", "other"):
        path = shutil.which(getattr(options, name))
        if path is None and name == "daemon":
            sys.exit("bench.py: no daemon at %s; run make first"
                     % options.daemon)
        setattr(options, name, path and os.path.abspath(path))
    if options.other is None and asked_for:
        print("no %s here: nothing to compare with" % asked_for)


def run_all(options, directory):
    bench = Bench(options, directory)
    wanted = lambda name: not options.only or name in options.only  # noqa
    for measure in MEASURES:
        if wanted(measure.name):
            bench.run(measure)
            print_measure(measure, bench.results[measure.name])
    if wanted("fleet"):
        many = ManyGroups(options.groups, directory, ROOT, progress)
        results = {}
        for label, program in bench.programs(MEASURES[0]):
            results[label] = many.run(label, program)
        bench.results["fleet"] = results
        print_many(options.groups, results)
    return bench.results


def main():
    options = arguments()
    check_programs(options)
    processes.end_on_signals()
    directory = tempfile.mkdtemp(prefix="sentineld-bench-")
    try:
        results = run_all(options, directory)
    except KeyboardInterrupt:
        sys.exit("\ninterrupted")
    finally:
        processes.stop_all()
        shutil.rmtree(directory, ignore_errors=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
