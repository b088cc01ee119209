"""Watches one failover closely and says when what became true.

One thread, one loop, non-blocking sockets: to each supervisor a subscription
and a connection that asks for the master's address again and again; to each
replica a connection that tries to write. Times are taken with
time.monotonic() when bytes arrive; questions go out every two milliseconds,
so that is how exact the answers are. (Events are exact to the loop's turn.)"""

import selectors
import socket
import time

from harness.resp import Incomplete, ReplyError, encode, parse

ASK_EVERY_S = 0.002


class _Line:
    """A connection that is opened again whenever it is closed."""

    def __init__(self, selector, port, greeting=b""):
        self.selector = selector
        self.port = port
        self.greeting = greeting
        self.socket = None
        self.buffer = b""
        self.waiting = False
        self.next_ask = 0.0
        self.open()

    def open(self):
        connection = socket.socket()
        try:
            connection.connect(("127.0.0.1", self.port))
        except OSError:
            connection.close()
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        if self.greeting:
            connection.send(self.greeting)
        self.socket, self.buffer, self.waiting = connection, b"", False
        self.selector.register(connection, selectors.EVENT_READ, self)

    def close(self):
        if self.socket is not None:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None

    def ask(self, question, now):
        if self.socket is None and now >= self.next_ask:
            self.next_ask = now + ASK_EVERY_S
            self.open()
        if self.socket is None or self.waiting or now < self.next_ask:
            return
        self.next_ask = now + ASK_EVERY_S
        try:
            self.socket.send(question)
            self.waiting = True
        except OSError:
            self.close()

    def read(self):
        """The whole replies that have arrived."""
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
            return []
        self.buffer += data
        replies, at = [], 0
        while at < len(self.buffer):
            try:
                reply, at = parse(self.buffer, at)
            except Incomplete:
                break
            replies.append(reply)
        self.buffer = self.buffer[at:]
        self.waiting = self.waiting and not replies
        return replies


class Watch:
    """Measures one failover of one pool.

    After run(), `times` has seconds since the start for: announced (first
    +switch-master), told (all supervisors published it), known (all name the
    new master when asked), writable (a replica accepts a write)."""

    def __init__(self, pool, on_event=None):
        self.pool = pool
        self.on_event = on_event
        self.selector = selectors.DefaultSelector()
        self.times = {}
        self.events = []
        self.told = set()
        self.names = {}
        self.gone = set()
        ask = encode("SENTINEL", "GET-MASTER-ADDR-BY-NAME", pool.name)
        self.subscriptions = {
            _Line(self.selector, each.port, encode("PSUBSCRIBE", "*")): each
            for each in pool.supervisors}
        self.questions = {_Line(self.selector, each.port): (each, ask)
                          for each in pool.supervisors}
        self.probes = {
            _Line(self.selector, each.port):
                (each, encode("SET", "bench:probe", "1"))
            for each in pool.replicas}
        self.start = None

    def run(self, trigger, limit_s):
        """Pulls the trigger and watches; True when all became true in time."""
        self._turn(0.05)  # confirmations of the subscriptions
        self.start = time.monotonic()
        trigger()
        end = self.start + limit_s
        while time.monotonic() < end and not self._complete():
            self._turn(0.0005)
        complete = self._complete()
        for line in self._lines():
            line.close()
        self.selector.close()
        return complete

    def drop(self, supervisor):
        """It was killed: no answer is expected from it any more."""
        self.gone.add(supervisor)

    def _lines(self):
        return [*self.subscriptions, *self.questions, *self.probes]

    def _complete(self):
        return {"announced", "told", "known", "writable"} <= set(self.times)

    def _turn(self, wait_s):
        now = time.monotonic()
        if self.start is not None:
            for line, (_, question) in (*self.questions.items(),
                                        *self.probes.items()):
                line.ask(question, now)
        for key, _ in self.selector.select(wait_s):
            line, now = key.data, time.monotonic()
            for reply in line.read():
                self._note(line, reply, now)

    def _note(self, line, reply, now):
        if self.start is None:
            return
        if line in self.subscriptions:
            self._note_event(self.subscriptions[line], reply, now)
        elif line in self.questions:
            self._note_answer(self.questions[line][0], reply, now)
        elif reply == "OK":
            self._first("writable", now)
        elif not isinstance(reply, ReplyError):
            raise AssertionError("a probe was answered %r" % (reply,))

    def _note_event(self, daemon, frame, now):
        if frame[0] != "pmessage":
            return
        channel, payload = frame[2], frame[3]
        self.events.append((now - self.start, daemon.name, channel, payload))
        if channel == "+switch-master":
            self._first("announced", now)
            self.told.add(daemon)
            self._check_all(self.told, "told", now)
        if self.on_event:
            self.on_event(self, daemon, channel)

    def _note_answer(self, daemon, reply, now):
        if isinstance(reply, list) and int(reply[1]) != self.pool.master_port:
            self.names[daemon] = int(reply[1])
            self._check_all(set(self.names), "known", now)

    def _check_all(self, having, what, now):
        if set(self.pool.supervisors) <= having | self.gone:
            self._first(what, now)

    def _first(self, what, now):
        self.times.setdefault(what, now - self.start)
