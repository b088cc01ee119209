"""A client that reads from one server and counts how often it was cut off.

Applications that read from replicas keep their connections for days. An error
reply is no end of one; a closed connection is, and so is one that was taken
and refused at once."""

import threading
import time

from .resp import Connection, ReplyError

PAUSE_S = 0.01
CONNECT_LIMIT_S = 1.0
REPLY_LIMIT_S = 5.0


class Reader:
    """Reads from a thread of its own until close()."""

    def __init__(self, server, key="w0.0:1"):
        self.port = server.port
        self.key = key
        self.replies = 0
        self.cut_at = []  # time.monotonic()
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def disconnections(self):
        return len(self.cut_at)

    def close(self):
        self.ended = True
        self.thread.join(REPLY_LIMIT_S + 1.0)

    def _run(self):
        while not self.ended:
            try:
                connection = Connection(self.port, limit_s=CONNECT_LIMIT_S)
            except OSError:
                time.sleep(PAUSE_S)
                continue
            with connection:
                connection.socket.settimeout(REPLY_LIMIT_S)
                self._read(connection)

    def _read(self, connection):
        while not self.ended:
            try:
                reply = connection.ask("GET", self.key)
            except OSError:
                self.cut_at.append(time.monotonic())
                return
            if not isinstance(reply, ReplyError):
                self.replies += 1
            time.sleep(PAUSE_S)
