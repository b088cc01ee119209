"""A proxy before a master that can be cut off together with one replica:
nothing passes but what goes between those two."""

import selectors

from harness.slow_link import SlowLink


class Island(SlowLink):
    def __init__(self, target_port, port=None):
        self.kept_port = None
        self.carried = []
        super().__init__(target_port, port)

    def keep(self, port):
        """The replica that announces this port stays connected."""
        self.kept_port = port

    def _enter_black_hole(self):
        super()._enter_black_hole()
        for one, port in self.replicas.items():
            if port == self.kept_port:
                self.carried += [one, self.pairs[one]]
        for one in self.carried:
            self.selector.register(one, selectors.EVENT_READ)

    def _reopen_after_black_hole(self):
        for one in self.carried:
            if one in self.selector.get_map():
                self.selector.unregister(one)
        self.carried = []
        super()._reopen_after_black_hole()
