#!/usr/bin/python3
"""kill -9 of a daemon while it votes, over and over: no vote is given twice in
one epoch of a group, and the epochs that it tells never go back.

    crash_votes.py --daemon PATH [--kills N] [--seed N]

Candidates, each with an id of its own, ask one daemon for votes in ever new
epochs, several at a time for the same one, without pause and over several
connections. At a random moment it is killed and started again on its
directory, and asked again for epochs in which it has voted. What it answered is
kept here, outside: an epoch with two leaders is the end."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import processes  # noqa: E402
from harness.fake_supervisor import FakeSupervisor  # noqa: E402
from harness.lab import Lab  # noqa: E402
from harness.resp import Connection, ReplyError, encode  # noqa: E402

CANDIDATES = ["%040x" % number for number in range(0xa1, 0xa6)]
GROUPS = 10
LEASE_MS = 500  # while a vote binds, its candidate alone gets the next ones
LEAD_S = (0.0, 0.03)  # how long it may vote before it is killed


class Ledger:
    """What was answered: for each group and epoch one leader at most."""

    def __init__(self):
        self.leaders = {}
        self.answers = 0
        self.seen = 0  # the highest epoch told

    def note(self, group, reply):
        if isinstance(reply, ReplyError):
            return  # it says that it cannot save
        _, leader, epoch = reply
        if leader in ("*", ""):
            return
        self.answers += 1
        before = self.leaders.setdefault((group, epoch), leader)
        assert before == leader, (
            "group %d, epoch %d: a vote for %s and one for %s"
            % (group, epoch, before, leader))
        self.seen = max(self.seen, epoch)


def introduce(lab, daemon):
    """Only supervisors that it knows get a vote."""
    for candidate in CANDIDATES:
        peer = FakeSupervisor(lab, candidate, 1, "g0")
        peer.groups = {"g%d" % group: group + 1 for group in range(GROUPS)}
        for group in peer.groups:
            peer.introduce(daemon, group)


def question(port, epoch, candidate):
    return encode("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.2",
                  port, epoch, candidate)


def ask_until_killed(daemon, ledger, rng, first_epoch):
    """Votes until the daemon dies under us. The next epoch to begin with."""
    connections = [Connection(daemon.port, limit_s=10.0)
                   for _ in CANDIDATES]
    ends = time.monotonic() + rng.uniform(*LEAD_S)
    epoch = first_epoch
    try:
        while True:
            epoch += 1
            asked = []
            for connection, candidate in zip(connections, rng.sample(
                    CANDIDATES, len(CANDIDATES))):
                again = rng.randrange(max(1, epoch - 20), epoch + 1)
                for group in range(GROUPS):
                    connection.send(question(group + 1, epoch, candidate)
                                    + question(group + 1, again, candidate))
                    asked += [(connection, group)] * 2
            # Between one answer and the next: what was told must be kept.
            last = (rng.randrange(len(asked))
                    if time.monotonic() > ends else None)
            for number, (connection, group) in enumerate(asked):
                ledger.note(group, connection.read())
                if number == last:
                    daemon.process.kill()
    except OSError:
        return epoch
    finally:
        for connection in connections:
            connection.close()


def ask_again(daemon, ledger, rng):
    """After a restart it stands by the epochs in which it has voted."""
    known = [key for key in ledger.leaders if key[1] > ledger.seen - 50]
    with Connection(daemon.port, limit_s=10.0) as connection:
        for group, epoch in rng.sample(known, min(len(known), 30)):
            for candidate in CANDIDATES:
                ledger.note(group, connection.ask(
                    "SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.2",
                    group + 1, epoch, candidate))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args()


def run(lab, options, rng):
    groups = [lab.group(number + 1, name="g%d" % number, host="127.0.0.2",
                        quorum=1, down_after_ms=3600000)
              for number in range(GROUPS)]
    daemon = lab.supervisor("s1", groups,
                            extra='vote_lease_ms = %d; loglevel = "warning";' % LEASE_MS)
    ledger, epoch = Ledger(), 0
    began = time.monotonic()
    for kill in range(options.kills):
        daemon.start()
        if kill == 0:
            introduce(lab, daemon)
        else:
            ask_again(daemon, ledger, rng)
        epoch = max(ask_until_killed(daemon, ledger, rng, epoch), ledger.seen)
        if (kill + 1) % 100 == 0:
            print("%d kills, %d votes told, epoch %d" % (
                kill + 1, ledger.answers, ledger.seen), flush=True)
    assert ledger.answers > options.kills, "it hardly voted"
    print("crash-votes: %d kills, %d votes told in %d epochs, none twice; "
          "%.0f s" % (options.kills, ledger.answers, len(ledger.leaders),
                      time.monotonic() - began))


def main():
    options = arguments()
    options.daemon = os.path.abspath(options.daemon)
    seed = options.seed or random.SystemRandom().randrange(1 << 32)
    print("seed %d" % seed)
    processes.end_on_signals()
    directory = tempfile.mkdtemp(prefix="sentineld-votes-")
    lab = Lab(directory, options.daemon)
    try:
        run(lab, options, random.Random(seed))
    finally:
        lab.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
