"""A proxy before a master that can hold up replication alone.

Supervisors and clients go through as ever; what the master sends to a replica
is kept while that is held, and arrives afterwards, so the replica falls
behind without anybody else noticing. A replica is recognised by the port that
it announces before it asks for the data."""

import re

from .proxy import Proxy

ANNOUNCED_PORT = re.compile(rb"listening-port\r\n\$\d+\r\n(\d+)\r\n")


class SlowLink(Proxy):
    def __init__(self, target_port, port=None):
        self.replicas = {}  # the replica's side: its port
        self.kept = {}      # the replica's side: bytes kept for it
        self.is_held = lambda _port: False
        super().__init__(target_port, port)

    def hold(self, port=None):
        """Holds up this replica, or all."""
        self._order(lambda: setattr(
            self, "is_held", lambda each: port in (None, each)))

    def release(self):
        self._order(self._release)

    def _release(self):
        self.is_held = lambda _port: False
        kept, self.kept = self.kept, {}
        for near, data in kept.items():
            try:
                near.sendall(data)
            except OSError:
                self._drop(near)

    def _carry(self, one):
        try:
            data = one.recv(65536)
            if data:
                self._pass_on(one, self.pairs[one], data)
                return
        except OSError:
            pass
        self._drop(one)

    def _pass_on(self, one, other, data):
        announced = ANNOUNCED_PORT.search(data)
        if announced:
            self.replicas[one] = int(announced.group(1))
        if other in self.replicas and self.is_held(self.replicas[other]):
            self.kept[other] = self.kept.get(other, b"") + data
        else:
            other.sendall(data)

    def _drop(self, one, reset=False):
        for each in (one, self.pairs.get(one)):
            self.replicas.pop(each, None)
            self.kept.pop(each, None)
        super()._drop(one, reset)
