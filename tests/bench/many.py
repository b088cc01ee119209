"""Many groups at once, with imitation servers: how long until the last one
has its new master, as every supervisor tells it."""

import glob
import os
import re
import selectors
import shutil
import socket
import subprocess
import time

from harness.lab import Lab
from harness.ports import free_ports
from harness.processes import Process
from harness.resp import Connection, Incomplete, ask_once, fields, parse
from harness.waiting import wait_until

REPLICAS = 2
SUPERVISORS = 3
DOWN_AFTER_MS = 5000
READY_LIMIT_S = 300
LIMIT_S = 240


class Fleet:
    """The imitation servers' process and its control port."""

    def __init__(self, program, groups, directory):
        self.groups = groups
        count = groups * (1 + REPLICAS)
        self.control_port = free_ports(count + 1)
        self.base = self.control_port + 1
        self.process = Process("fleet", [program, self.base, groups, REPLICAS],
                               os.path.join(directory, "fleet.log"))

    def start(self):
        self.process.start()
        wait_until(lambda: "ready" in self.process.log_text(), 10,
                   "the fleet is ready")

    def master_port(self, group):
        return self.base + group * (1 + REPLICAS)

    def order(self, words):
        with socket.create_connection(("127.0.0.1", self.control_port),
                                      10) as control:
            control.sendall(words.encode() + b"\n")
            return control.recv(200).decode().strip()


class ManyGroups:
    def __init__(self, groups, directory, root, progress):
        self.groups = groups
        self.directory = directory
        self.progress = progress
        self.program = build_fleet(root)

    def run(self, label, program):
        """Times in milliseconds since all masters were killed."""
        directory = os.path.join(self.directory, "fleet-" + label)
        os.mkdir(directory)
        lab = Lab(directory, program)
        fleet = Fleet(self.program, self.groups, directory)
        self.progress("fleet, %s: " % label)
        try:
            fleet.start()
            daemons = self.start_supervisors(lab, fleet)
            self.wait_ready(daemons)
            sample = self.measure(fleet, daemons)
        finally:
            lab.close()
            fleet.process.kill()
        self.progress("\n")
        return sample

    def start_supervisors(self, lab, fleet):
        options = [lab.group(fleet.master_port(number), "g%d" % number,
                             down_after_ms=DOWN_AFTER_MS,
                             failover_timeout_ms=None)
                   for number in range(self.groups)]
        daemons = [lab.supervisor("s%d" % number, options)
                   for number in range(1, SUPERVISORS + 1)]
        for daemon in daemons:
            daemon.start(120)
        return daemons

    def wait_ready(self, daemons):
        for daemon in daemons:
            wait_until(lambda d=daemon: self.is_ready(d), READY_LIMIT_S,
                       "%s knows all groups" % daemon.name, 1.0)
            self.progress("r")
        time.sleep(2.0)

    def is_ready(self, daemon):
        # redis-sentinel may be busy for long, writing its file again and again.
        text = ask_once(daemon.port, "INFO", "sentinel", limit_s=30)
        rows = re.findall(r"^master\d+:name=.*status=ok,.*slaves=(\d+),"
                          r"sentinels=(\d+)", str(text), re.M)
        return rows == [(str(REPLICAS), str(SUPERVISORS))] * self.groups

    def measure(self, fleet, daemons):
        watch = SwitchWatch(daemons, self.groups)
        start = time.monotonic()
        fleet.order("kill 0 %d" % self.groups)
        watch.run(start + LIMIT_S, self.progress)
        complete = watch.complete() and self.all_moved(fleet, daemons)
        everywhere = sorted(watch.everywhere.values()) or [start + LIMIT_S]
        ms = [(at - start) * 1000 for at in everywhere]
        return {"complete": complete, "switched": len(watch.everywhere),
                "first": ms[0], "median": ms[len(ms) // 2], "last": ms[-1],
                "masters": int(fleet.order("masters"))}

    def all_moved(self, fleet, daemons):
        """The events are true: no row names an old master any more."""
        old = {fleet.master_port(number) for number in range(self.groups)}
        for daemon in daemons:
            rows = ask_once(daemon.port, "SENTINEL", "MASTERS", limit_s=30)
            if any(int(fields(row)["port"]) in old for row in rows):
                return False
        return True


class SwitchWatch:
    """Counts +switch-master until each supervisor told it of each group."""

    def __init__(self, daemons, groups):
        self.groups = groups
        self.count = len(daemons)
        self.told = {}
        self.everywhere = {}
        self.selector = selectors.DefaultSelector()
        self.buffers = {}
        for daemon in daemons:
            line = Connection(daemon.port)
            line.command("SUBSCRIBE", "+switch-master")
            self.buffers[line.socket] = line.buffer
            self.selector.register(line.socket, selectors.EVENT_READ, line)

    def complete(self):
        return len(self.everywhere) >= self.groups

    def run(self, end, progress):
        next_dot = 0.0
        while not self.complete() and time.monotonic() < end:
            for key, _ in self.selector.select(0.1):
                self.read(key.fileobj, time.monotonic())
            if time.monotonic() > next_dot:
                next_dot = time.monotonic() + 1.0
                progress(".")
        for key in list(self.selector.get_map().values()):
            key.data.close()
        self.selector.close()

    def read(self, line, now):
        data = line.recv(1 << 20)
        assert data, "a supervisor closed its subscriber"
        data, at = self.buffers[line] + data, 0
        while at < len(data):
            try:
                frame, at = parse(data, at)
            except Incomplete:
                break
            self.note(line, frame, now)
        self.buffers[line] = data[at:]

    def note(self, line, frame, now):
        if frame[0] != "message":
            return
        name = frame[2].split()[0]
        told = self.told.setdefault(name, set())
        told.add(line)
        if len(told) == self.count:
            self.everywhere.setdefault(name, now)


def build_fleet(root):
    """Compiles fleet*.c when one is newer than its program."""
    sources = sorted(glob.glob(os.path.join(root, "tests", "bench", "fleet*")))
    program = os.path.join(root, "build", "bench", "fleet")
    newest = max(os.path.getmtime(source) for source in sources)
    if os.path.exists(program) and os.path.getmtime(program) >= newest:
        return program
    os.makedirs(os.path.dirname(program), exist_ok=True)
    compiler = os.environ.get("CC") or shutil.which("cc") or "gcc"
    files = [source for source in sources if source.endswith(".c")]
    subprocess.run([compiler, "-std=c11", "-O2", "-o", program, *files],
                   check=True)
    return program
