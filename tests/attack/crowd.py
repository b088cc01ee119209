"""What attacks on the port are made of: connections that do one bad thing,
and a client beside them that only wants its PING answered."""

import multiprocessing
import os
import select
import socket
import time

from harness.resp import Connection, encode


class PingWatch:
    """Pings a daemon all the time, from a process of its own so that it does
    not wait for the attacker; remembers the longest answer."""

    def __init__(self, daemon, pause_s=0.005):
        self.daemon = daemon
        self.pause_s = pause_s
        self.worst_s = 0.0
        self.count = 0
        self.error = None
        self.ended = multiprocessing.Event()
        self.told, self.tells = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=self._run, daemon=True)

    def __enter__(self):
        self.process.start()
        assert self.told.recv() == "begun"
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.worst_s, self.count, self.error = self.told.recv()
        self.process.join()

    def _run(self):
        worst_s, count, error = 0.0, 0, None
        try:
            with self.daemon.connect(limit_s=30.0) as connection:
                connection.command("PING")
                self.tells.send("begun")
                while not self.ended.is_set():
                    began = time.monotonic()
                    connection.command("PING")
                    worst_s = max(worst_s, time.monotonic() - began)
                    count += 1
                    time.sleep(self.pause_s)
        except OSError as trouble:
            error = str(trouble)
        self.tells.send((worst_s, count, error))

    def assert_below(self, limit_s):
        assert self.error is None, "PING: %s" % self.error
        assert self.count > 10, "only %d PINGs were answered" % self.count
        assert self.worst_s < limit_s, \
            "a PING took %.3f s, at most %.3f s are allowed" % (self.worst_s,
                                                                limit_s)


def resident_bytes(daemon):
    """What the daemon holds in memory."""
    with open("/proc/%d/status" % daemon.process.popen.pid) as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def processor_s(daemon):
    """Processor time that the daemon has used."""
    with open("/proc/%d/stat" % daemon.process.popen.pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def open_sockets(daemon, count):
    """Connections that have said nothing yet."""
    sockets = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", daemon.port), 10)
        one.setblocking(False)
        sockets.append(one)
    return sockets


def _pour(one, data, at):
    """Where the sending goes on; None when the daemon has closed."""
    try:
        return (at + one.send(data[at:])) % len(data)
    except BlockingIOError:
        return at
    except OSError:
        return None


def flood(sockets, request, seconds, reads=False):
    """Sends the request without end on all of them; with `reads` they take
    what comes, too. How many the daemon closed, and the bytes that came."""
    data = request * max(1, 65536 // len(request))
    places = {one: 0 for one in sockets}
    closed = came = 0
    end = time.monotonic() + seconds
    while places and time.monotonic() < end:
        readable, writable, _ = select.select(
            list(places) if reads else [], list(places), [], 0.05)
        for one in writable:
            places[one] = _pour(one, data, places[one])
            if places[one] is None:
                closed += 1
        for one in readable:
            if places.get(one) is not None:
                came += _take(one)
        places = {one: at for one, at in places.items() if at is not None}
    return closed, came


def _take(one):
    try:
        return len(one.recv(1 << 20))
    except OSError:
        return 0


def close_all(sockets):
    for one in sockets:
        one.close()


def request(*words):
    return encode(*words)


def login(daemon, sockets, *words):
    """Each of the connections logs in."""
    for one in sockets:
        connection = Connection.__new__(Connection)
        one.setblocking(True)
        one.settimeout(10)
        connection.socket, connection.buffer = one, b""
        connection.command(*words)
        one.setblocking(False)
