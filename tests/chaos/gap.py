#!/usr/bin/python3
"""How long nobody can write during planned switchovers at full speed.

    gap.py [--daemon PATH] [--switchovers N] [--pause-us N]

Four writers, each a process of its own, write one key after the other and
ask the supervisors again when their connection is closed. Printed: writes per
second, the longest time without any acknowledged write for each switchover,
and how many acknowledged writes are missing in the end."""

import argparse
import array
import multiprocessing
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
from harness.resp import Connection, ReplyError, ask_once, encode  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

WRITERS = 4
AROUND_S = 1.0
CHUNK = 5000


def connect(supervisor_ports):
    for port in supervisor_ports:
        address = ask_once(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME",
                           "mymaster", limit_s=0.5)
        if isinstance(address, list):
            return Connection(int(address[1]), limit_s=2.0)
    return None


def write_on(name, supervisor_ports, ended, pause_s, result):
    """In a process: sends back the times and numbers of what was accepted."""
    processes.die_with_parent(os.getppid())
    times, numbers = array.array("d"), array.array("L")
    connection, number = None, 0
    while not ended.is_set():
        try:
            if connection is None:
                connection = connect(supervisor_ports)
                if connection is None:
                    continue
            number += 1
            connection.command("SET", "%s:%d" % (name, number), "x")
            times.append(time.monotonic())
            numbers.append(number)
            if pause_s:
                time.sleep(pause_s)
        except (OSError, ReplyError):
            if connection is not None:
                connection.close()
            connection = None
            time.sleep(0.001)
    result.send((times, numbers))


def missing(port, name, numbers):
    lost = 0
    with Connection(port, limit_s=30.0) as connection:
        for start in range(0, len(numbers), CHUNK):
            chunk = numbers[start:start + CHUNK]
            connection.send(b"".join(encode("EXISTS", "%s:%d" % (name, each))
                                     for each in chunk))
            lost += sum(connection.read() != 1 for _ in chunk)
    return lost


def switch(pool, number):
    """Orders one and returns when, and the new master."""
    daemon = pool.supervisors[number % len(pool.supervisors)]
    before = daemon.master_port()
    time.sleep(AROUND_S)

    def ordered():
        with daemon.connect(limit_s=20.0) as connection:
            at = time.monotonic()
            reply = connection.ask("SENTINEL", "FAILOVER", "mymaster",
                                   "COORDINATED")
        return reply == "OK" and at
    at = wait_until(ordered, 20, "a switchover is done", interval_s=0.2)
    port = wait_until(lambda: daemon.master_port() != before
                      and daemon.master_port(), 5, "it is told")
    time.sleep(AROUND_S)
    pool.wait_following(pool.server_at(port), pool.others(
        pool.server_at(port)))
    return at, port


def longest_gap(times, around):
    near = [at for at in times if abs(at - around) < AROUND_S]
    return max(later - earlier for earlier, later in zip(near, near[1:]))


def play(lab, options):
    pool = lab.pool(group={"down_after_ms": 2000})
    ports = [daemon.port for daemon in pool.supervisors]
    ended = multiprocessing.Event()
    writers = []
    for index in range(WRITERS):
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.Process(
            target=write_on, args=("w%d" % index, ports, ended,
                                   options.pause_us / 1e6, theirs))
        process.start()
        writers.append((process, ours))
    switches = [switch(pool, number) for number in range(options.switchovers)]
    ended.set()
    results = [ours.recv() for _, ours in writers]
    for process, _ in writers:
        process.join()
    times = sorted(at for each, _ in results for at in each)
    port = switches[-1][1]
    lost = sum(missing(port, "w%d" % index, numbers)
               for index, (_, numbers) in enumerate(results))
    gaps = sorted(longest_gap(times, at) for at, _ in switches)
    print("%d writes at %d/s, %d lost; gaps in ms: %s; median %.1f" % (
        len(times), len(times) / (times[-1] - times[0]), lost,
        " ".join("%.1f" % (1000 * gap) for gap in gaps),
        1000 * gaps[len(gaps) // 2]))
    return lost


def arguments():
    parser = argparse.ArgumentParser(
        description="How long nobody can write during a switchover.")
    parser.add_argument("--daemon", metavar="PATH",
                        default=os.path.join(ROOT, "build", "gcc",
                                             "sentineld"))
    parser.add_argument("--switchovers", type=int, default=10)
    parser.add_argument("--pause-us", type=int, default=0,
                        help="each writer's pause between two writes")
    return parser.parse_args()


def main():
    options = arguments()
    processes.end_on_signals()
    directory = tempfile.mkdtemp(prefix="sentineld-chaos-")
    lab = Lab(directory, os.path.abspath(options.daemon))
    try:
        sys.exit(1 if play(lab, options) else 0)
    finally:
        lab.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
