#!/usr/bin/python3
"""What writers lose when their master goes, in a table.

    writes.py [--daemon PATH] [--runs N] [NAME ...]

Each scenario (a NAME selects those whose title contains it) runs with
sentineld and then with redis-sentinel, on real servers, with four writers of
each kind: those that follow +switch-master, those of a connection pool that
only looks again when its connection breaks, and those that confirm each write
by WAIT 1; "inside" is who is cut off together with the master. Lost is what
was acknowledged and is not on the master in the end."""

import argparse
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

import networks  # noqa: E402
import scenarios  # noqa: E402
from harness import processes  # noqa: E402
from harness.lab import Lab  # noqa: E402
from scene import Scene  # noqa: E402

COLUMNS = ["scenario", "daemon", "writers", "acknowledged", "lost",
           "losing for", "gap", "demoted after"]
KINDS = {"namespaces": networks.Namespaces, "proxies": networks.Proxies}


def play_once(scenario, program, network):
    directory = tempfile.mkdtemp(prefix="sentineld-chaos-")
    lab = Lab(directory, program)
    try:
        return Scene(lab, scenario, network).play()
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
            "{:,}".format(sum(each["acknowledged"] for each in results)),
            "{:,}".format(sum(each["lost"] for each in results)),
            losing(results),
            span(max(each["gap_s"] for each in results)),
            demoted(results)]


def losing(results):
    """The longest, and what was the bound that the supervisors told."""
    if not any(each["lost"] for each in results):
        return "-"
    bound_ms = results[0]["bound_ms"]
    late = sum(each["late"] for each in results)
    return (span(max(each["losing_s"] for each in results),
                 " of {:,}".format(bound_ms) if bound_ms else "")
            + (", {:,} when healed".format(late) if late else ""))


def demoted(results):
    """The longest; none when the old master is the master still."""
    times = [each["demoted_after_s"] for each in results]
    return "-" if None in times else span(max(times))


def span(seconds, told=""):
    return "{:,.0f}{} ms".format(1000 * seconds, told)


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
    parser.add_argument("--network", choices=sorted(KINDS),
                        help="what partitions are made of (default: network "
                        "namespaces where they are allowed)")
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


def network_for(options):
    """Says which one it is: numbers of one kind compare with no other's."""
    if options.network:
        chosen, reason = KINDS[options.network], "as asked for"
    else:
        chosen, reason = networks.best()
    print("Partitions: %s%s\n" % (chosen.title,
                                  " (%s)" % reason if reason else ""),
          flush=True)
    return chosen


def chosen_scenarios(options, network):
    for scenario in scenarios.ALL:
        if options.names and not any(name in scenario.title
                                     for name in options.names):
            continue
        if scenario.fits(network):
            yield scenario
        else:
            print("%s: not with %s" % (scenario.title, network.title),
                  file=sys.stderr)


def play(scenario, program, options, network):
    """Prints its rows; returns how many runs failed."""
    runs = [play_once(scenario, program, network)
            for _ in range(options.runs)]
    good = [each for each in runs if each is not None]
    for index, writers in enumerate(scenario.writers if good else []):
        print_row(row(scenario, program, writers.label,
                      [each[index] for each in good]))
    return len(runs) - len(good)


def main():
    options = arguments()
    processes.end_on_signals()
    network = network_for(options)
    failed = 0
    print_row(COLUMNS)
    print_row(["---"] * len(COLUMNS))
    for scenario in chosen_scenarios(options, network):
        for program in programs(options):
            if scenario.settings and "redis-sentinel" in program:
                continue
            failed += play(scenario, program, options, network)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
