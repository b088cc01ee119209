"""Events of supervisors as they arrive.

One thread listens to all of them with PSUBSCRIBE * and notes (time, source,
channel, payload); a supervisor that goes away is connected to again when it
is back. Times are time.monotonic() at arrival."""

import collections
import selectors
import socket
import threading
import time

from .places import HERE
from .resp import Incomplete, encode, parse
from .waiting import TimeLimit

Event = collections.namedtuple("Event", "at source channel payload")
RECONNECT_S = 0.05


class _Source:
    def __init__(self, name, port, login, place):
        self.name = name
        self.port = port
        self.login = login
        self.place = place
        self.socket = None
        self.buffer = b""
        self.subscribed = False
        self.next_try = 0.0


class EventLog:
    """All events of some supervisors, in order of arrival."""

    def __init__(self):
        self.events = []
        self.sources = []
        self.condition = threading.Condition()
        self.selector = selectors.DefaultSelector()
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def listen(self, name, port, login=None, place=HERE, limit_s=5.0):
        """Adds a source; returns when its subscription is confirmed. `login`
        are the words that are said first, or None."""
        source = _Source(name, port, login, place)
        with self.condition:
            self.sources.append(source)
            if not self.condition.wait_for(lambda: source.subscribed, limit_s):
                raise TimeLimit("no subscription to %s within %.1f s"
                                % (name, limit_s))

    def close(self):
        self.ended = True
        self.thread.join(2.0)

    def mark(self):
        """A position; what comes later is `since` it."""
        with self.condition:
            return len(self.events)

    def find(self, channel, text="", source=None, since=0):
        """Matching events; `text` is part of the payload."""
        with self.condition:
            return [event for event in self.events[since:]
                    if event.channel == channel and text in event.payload
                    and source in (None, event.source)]

    def wait(self, channel, text="", source=None, since=0, limit_s=10.0):
        """The first matching event."""
        end = time.monotonic() + limit_s
        with self.condition:
            while True:
                found = self.find(channel, text, source, since)
                if found:
                    return found[0]
                left = end - time.monotonic()
                if left <= 0:
                    break
                self.condition.wait(left)
        raise TimeLimit("no %s %r%s within %.1f s"
                        % (channel, text,
                           " from %s" % source if source else "", limit_s))

    def channels(self, source, since=0, text=""):
        """Names of a source's events in order."""
        with self.condition:
            return [event.channel for event in self.events[since:]
                    if event.source == source and text in event.payload]

    def lines(self, count=40):
        with self.condition:
            return ["%.3f %s %s %s" % event for event in self.events[-count:]]

    def _run(self):
        while not self.ended:
            self._connect_missing()
            for key, _ in self.selector.select(RECONNECT_S):
                self._read(key.data, time.monotonic())
        for source in self.sources:
            self._drop(source)
        self.selector.close()

    def _connect_missing(self):
        now = time.monotonic()
        with self.condition:
            sources = list(self.sources)
        for source in sources:
            if source.socket is None and now >= source.next_try:
                self._connect(source, now)

    def _connect(self, source, now):
        source.next_try = now + RECONNECT_S
        with source.place.inside():
            connection = socket.socket()
        connection.settimeout(0.5)
        try:
            connection.connect(("127.0.0.1", source.port))
            if source.login:
                connection.sendall(encode(*source.login))
            connection.sendall(encode("PSUBSCRIBE", "*"))
        except OSError:
            connection.close()
            return
        connection.setblocking(False)
        source.socket, source.buffer = connection, b""
        self.selector.register(connection, selectors.EVENT_READ, source)

    def _drop(self, source):
        if source.socket is not None:
            self.selector.unregister(source.socket)
            source.socket.close()
            source.socket = None
            source.subscribed = False

    def _read(self, source, now):
        try:
            data = source.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(source)
            return
        source.buffer += data
        with self.condition:
            self._take(source, now)
            self.condition.notify_all()

    def _take(self, source, now):
        at = 0
        while at < len(source.buffer):
            try:
                frame, at = parse(source.buffer, at)
            except Incomplete:
                break
            if isinstance(frame, list) and frame[0] == "pmessage":
                self.events.append(Event(now, source.name, frame[2], frame[3]))
            elif isinstance(frame, list) and frame[0] == "psubscribe":
                source.subscribed = True
        source.buffer = source.buffer[at:]
