"""A proxy before a master that can cut off everybody but its replicas.

cut(): what supervisors send, and what they would get, is lost; connecting
still works, as with a packet filter that drops what comes later. Afterwards
those connections are reset, because bytes are missing in them.

refuse(): their connections are reset and new ones refused, as by a service
address that has no endpoint; the replicas keep theirs.

refuse_one(id): one supervisor's connections are reset as soon as they say whose
they are."""

from .slow_link import SlowLink


class OnlyReplicas(SlowLink):
    def __init__(self, target_port, port=None):
        self.is_cut = False
        self.is_refusing = False
        self.refused_name = None
        super().__init__(target_port, port)

    def cut(self):
        self._order(lambda: setattr(self, "is_cut", True))

    def refuse(self):
        self._order(self._refuse)

    def refuse_one(self, run_id):
        name = b"sentinel-" + run_id[:8].encode()
        self._order(lambda: self._refuse_one(name))

    def heal(self):
        self._order(self._heal)

    def _refuse(self):
        self.is_refusing = True
        self.selector.unregister(self.listener)
        self.listener.close()
        self._reset_others()

    def _refuse_one(self, name):
        self.refused_name = name
        self._reset_others()  # each comes back and says who it is

    def _heal(self):
        self.is_cut = False
        self.refused_name = None
        self._reset_others()
        if self.is_refusing:
            self.is_refusing = False
            self._listen()

    def _reset_others(self):
        for one in list(self.pairs):
            if not self._is_a_replicas(one):
                self._drop(one, reset=True)

    def _is_a_replicas(self, one):
        return one in self.replicas or self.pairs.get(one) in self.replicas

    def _pass_on(self, one, other, data):
        if self.refused_name is not None and self.refused_name in data:
            self._drop(one, reset=True)
            return
        if not self.is_cut or self._is_a_replicas(one):
            super()._pass_on(one, other, data)
