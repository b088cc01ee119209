#!/usr/bin/python3
"""How many keys are left when a master restarts at once, with nothing.

    empty.py [--daemon PATH] [--runs N] [--keys N] [--delays MS,MS...]
             [--alone-runs N] [--rest-ms MS]

Each run fills the master, waits until the replicas have it all, kills the
master with SIGKILL and starts it again after the delay, without its data. A
key is lost when no server that everybody follows in the end has it. For each
delay the same is done without supervisors, to see what they are up against."""

import argparse
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness.lab import Lab  # noqa: E402
from harness.vanishing import fill, restart_empty  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

ALONE_S = 3.0


def guarded_runs(lab, options, delay_ms):
    """Keys that were lost in each run, and how long until all was well."""
    pool = lab.pool(group={"down_after_ms": options.down_after_ms},
                    prefix="d%d" % delay_ms)
    lost, times = [], []
    for number in range(options.runs):
        master = settled_master(pool)
        # With no rest the next end comes while all find their places after
        # the last one, which is the hardest moment.
        time.sleep(options.rest_ms / 1000.0)
        fill(master, options.keys, "run%d" % number, len(pool.replicas))
        began = time.monotonic()
        restart_empty(master, delay_ms / 1000.0)
        time.sleep(0.1)  # until the end of it has been seen
        winner = settled_master(pool)
        times.append(time.monotonic() - began)
        lost.append(options.keys - winner.command("DBSIZE"))
    return lost, times


def settled_master(pool):
    return pool.server_at(wait_until(lambda: agreed(pool), 30,
                                     "one master that all follow"))


def agreed(pool):
    try:
        return port_of_agreed(pool)
    except OSError:
        return None  # the dead one is still named


def port_of_agreed(pool):
    ports = {daemon.master_port() for daemon in pool.supervisors}
    port = ports.pop()
    if ports:
        return None
    server = pool.server_at(port)
    if not server.process.alive() or server.role() != "master":
        return None
    rest = [each for each in pool.servers if each is not server]
    return port if all(each.follows(port) for each in rest) else None


def alone_runs(lab, options, delay_ms):
    """Runs in which a replica lost all, without supervisors."""
    emptied = 0
    for number in range(options.alone_runs):
        prefix = "a%d-%d" % (delay_ms, number)
        master = lab.redis(prefix + "m")
        replica = lab.redis(prefix + "r")
        replica.follow(master.port)
        wait_until(lambda: replica.follows(master.port), 15, "in step")
        fill(master, options.keys, "run", 1)
        restart_empty(master, delay_ms / 1000.0)
        time.sleep(ALONE_S)
        emptied += replica.command("DBSIZE") < options.keys
        master.kill()
        replica.kill()
    return emptied


def row(lab, options, delay_ms):
    lost, times = guarded_runs(lab, options, delay_ms)
    alone = alone_runs(lab, options, delay_ms)
    times.sort()
    print("| %d ms | %d | %d | %d | %d ms | %d ms | %d of %d |" % (
        delay_ms, len(lost), sum(1 for each in lost if each), sum(lost),
        1000 * times[len(times) // 2], 1000 * times[-1], alone,
        options.alone_runs), flush=True)
    return sum(lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemon",
                        default=os.path.join(ROOT, "build", "sentineld"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--alone-runs", type=int, default=5)
    parser.add_argument("--keys", type=int, default=5000)
    parser.add_argument("--delays", default="0,25,100,250,1000")
    parser.add_argument("--rest-ms", type=int, default=0,
                        help="between two runs")
    parser.add_argument("--down-after-ms", type=int, default=2000)
    options = parser.parse_args()
    print("| restart after | runs | with loss | keys lost | all well after "
          "(median) | (longest) | emptied without sentineld |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    lost = 0
    for delay_ms in [int(each) for each in options.delays.split(",")]:
        directory = tempfile.mkdtemp(prefix="sentineld-empty-")
        lab = Lab(directory, options.daemon)
        try:
            lost += row(lab, options, delay_ms)
        finally:
            lab.close()
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
