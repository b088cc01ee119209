"""A proxy before a master that can hold up replication alone.

Supervisors and clients go through as ever; what the master sends to replicas
is kept while `held`, and arrives afterwards, so a replica falls behind without
anybody else noticing."""

from .proxy import Proxy


class SlowLink(Proxy):
    def __init__(self, target_port, port=None):
        self.replicas = {}  # the replica's side: bytes kept for it
        self.held = False
        super().__init__(target_port, port)

    def hold(self):
        self._order(lambda: setattr(self, "held", True))

    def release(self):
        self._order(self._release)

    def _release(self):
        self.held = False
        for near, kept in list(self.replicas.items()):
            self.replicas[near] = b""
            try:
                near.sendall(kept)
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
        if b"PSYNC" in data.upper():
            self.replicas[one] = b""
        if self.held and other in self.replicas:
            self.replicas[other] += data
        else:
            other.sendall(data)

    def _drop(self, one, reset=False):
        for each in (one, self.pairs.get(one)):
            self.replicas.pop(each, None)
        super()._drop(one, reset)
