"""The clients' programs while they run.

Each prints a line for everything it did: its monotonic clock in milliseconds
(one clock for all processes of a machine) and `ok NUMBER`, `error TEXT`,
`read-ok` or `read-error TEXT`. The key of write NUMBER is CLIENT:NUMBER."""

import os
import time

from harness.processes import Process
from harness.resp import encode

SHOWN = 4


def now_ms():
    return time.monotonic_ns() // 1000000


class WriterProgram:
    """One client's program, and what it said so far."""

    def __init__(self, kind, protocol, directory, environment):
        self.kind = kind
        self.protocol = protocol
        self.name = "%s RESP%d" % (kind.name, protocol)
        self.key = self.name.replace(" ", "-").lower()
        self.log_path = os.path.join(directory, self.key)
        values = dict(environment, CLIENT=self.key, RESP=protocol)
        argv = ["/usr/bin/env"]
        argv += ["%s=%s" % pair for pair in sorted(values.items())]
        self.process = Process(self.name, argv + kind.argv, self.log_path)
        self.file = None
        self.rest = ""
        self.accepted = []  # (ms, number)
        self.errors = []    # (ms, text)
        self.reads = []     # ms of reads from a replica that succeeded

    def start(self):
        self.process.start()
        self.file = open(self.log_path, errors="replace")

    def stop(self):
        self.process.kill()
        if self.file:
            self.take()
            self.file.close()
            self.file = None

    def take(self):
        """Reads what it said meanwhile."""
        *lines, self.rest = (self.rest + self.file.read()).split("\n")
        for line in lines:
            words = line.split(" ", 2)
            if len(words) < 2 or not words[0].isdigit():
                self.errors.append((now_ms(), line))
            elif words[1] == "ok":
                self.accepted.append((int(words[0]), int(words[2])))
            elif words[1] == "read-ok":
                self.reads.append(int(words[0]))
            else:
                self.errors.append((int(words[0]), " ".join(words[1:])))

    def complaints(self):
        """Its last errors, each once, in order."""
        texts = dict.fromkeys(text for _, text in self.errors[-SHOWN * 100:])
        return "; ".join(list(texts)[-SHOWN:]) or "it said nothing"

    def accepted_since(self, since_ms):
        """The last accepted write before that, and all after."""
        before = [write for write in self.accepted if write[0] <= since_ms]
        after = [write for write in self.accepted if write[0] > since_ms]
        return before[-1:] + after

    def lost(self, writes, connection):
        """Those of the writes that this server does not have."""
        connection.send(b"".join(
            encode("EXISTS", "%s:%d" % (self.key, number))
            for _, number in writes))
        return [write for write in writes if connection.read() != 1]


def longest_gap_ms(writes):
    times = [at for at, _ in writes]
    return max((b - a for a, b in zip(times, times[1:])), default=0)
