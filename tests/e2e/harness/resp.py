"""RESP by hand: bytes in, bytes out, nothing hidden.

Replies become Python values: bulk strings and status lines str, integers int,
nulls None, arrays list, maps list of pairs, errors a ReplyError *value* (it is
raised only by Connection.command). Each parsed reply's own bytes are kept, for
tests that compare to the byte."""

import socket
import time

from .places import HERE


class ReplyError(Exception):
    """An error reply."""


class NullArray:
    """Told apart from a null string, because clients do."""

    def __repr__(self):
        return "*-1"

    def __bool__(self):
        return False


NULL_ARRAY = NullArray()


class Incomplete(Exception):
    """More bytes are needed."""


def encode(*words):
    """A request as clients send it."""
    out = [b"*%d\r\n" % len(words)]
    for word in words:
        if not isinstance(word, bytes):
            word = str(word).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(out)


def _line(data, at):
    end = data.find(b"\r\n", at)
    if end < 0:
        raise Incomplete
    return data[at:end].decode(errors="replace"), end + 2


def parse(data, at=0):
    """One reply that begins at `at`: (value, where it ends)."""
    line, end = _line(data, at)
    kind, text = line[:1], line[1:]
    if kind == "+":
        return text, end
    if kind == "-":
        return ReplyError(text), end
    if kind == ":":
        return int(text), end
    if kind == "_":
        return None, end
    if kind == ",":
        return float(text), end
    if kind in "$=":
        return _bulk(data, end, int(text))
    if kind in "*>~":
        return _items(data, end, int(text))
    if kind == "%":
        flat, end = _items(data, end, 2 * int(text))
        return list(zip(flat[::2], flat[1::2])), end
    raise ValueError("not RESP: %r" % (data[at:at + 40],))


def _bulk(data, at, length):
    if length < 0:
        return None, at
    if len(data) < at + length + 2:
        raise Incomplete
    return data[at:at + length].decode(errors="replace"), at + length + 2


def _items(data, at, count):
    if count < 0:
        return NULL_ARRAY, at
    items = []
    for _ in range(count):
        item, at = parse(data, at)
        items.append(item)
    return items, at


class Connection:
    """One blocking connection with a limit on every read."""

    def __init__(self, port, host="127.0.0.1", limit_s=5.0, tls=None,
                 place=HERE):
        """`tls` is an ssl.SSLContext, or None for a plain connection. It is
        made from `place`."""
        with place.inside():
            self.socket = socket.create_connection((host, port), limit_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(limit_s)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_with_bytes(self):
        """The next reply and the very bytes it came as."""
        while True:
            try:
                value, end = parse(self.buffer)
            except Incomplete:
                self._receive()
                continue
            raw, self.buffer = self.buffer[:end], self.buffer[end:]
            return value, raw

    def read(self):
        return self.read_with_bytes()[0]

    def raw(self, *words):
        """Sends a request, returns the reply's bytes."""
        self.send(encode(*words))
        return self.read_with_bytes()[1]

    def ask(self, *words):
        """Like command, but an error reply is returned, not raised."""
        self.send(encode(*words))
        return self.read()

    def command(self, *words):
        reply = self.ask(*words)
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def read_until_closed(self, limit_s=5.0):
        """Everything that comes until the other side closes."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            try:
                self._receive()
            except ConnectionError:
                data, self.buffer = self.buffer, b""
                return data
        raise AssertionError("the connection was not closed within %.1f s"
                             % limit_s)

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed by the other side")
        self.buffer += data


def fields(row):
    """A flat instance row as a dictionary."""
    return dict(zip(row[::2], row[1::2]))


def ask_once(port, *words, limit_s=2.0):
    """Connects, asks one thing, closes. Errors are returned; no connection
    gives None."""
    try:
        with Connection(port, limit_s=limit_s) as connection:
            return connection.ask(*words)
    except OSError:
        return None
