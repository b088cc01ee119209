"""An imitation of another supervisor: it answers who it is, and what it
believes - or lies about it. A hello alone makes nobody a peer."""

from .fake_server import FakeServer
from .resp import encode
from .waiting import wait_until


class FakeSupervisor(FakeServer):
    def __init__(self, lab, run_id, master_port, group="mymaster"):
        self.run_id = run_id
        self.groups = {group: master_port}
        self.epoch = 0
        self.fields = {}  # of SENTINEL MASTER, beside the usual ones
        self.opinion = b"*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"
        super().__init__("fake " + run_id[:4])
        lab.closing.append(self)

    def hello(self, group="mymaster", master_port=None, epoch=None):
        epoch = self.epoch if epoch is None else epoch
        return "127.0.0.1,%d,%s,%d,%s,127.0.0.1,%d,%d" % (
            self.port, self.run_id, epoch, group,
            master_port or self.groups[group], epoch)

    def introduce(self, daemon, group="mymaster"):
        """Until it is a peer there."""
        def is_known():
            daemon.command("PUBLISH", "__sentinel__:hello", self.hello(group))
            return self.run_id in [row["runid"]
                                   for row in daemon.peers(group)]
        wait_until(is_known, 10, "%s is known" % self.name)

    def _view(self, group):
        fields = {"name": group, "ip": "127.0.0.1",
                  "port": str(self.groups[group]), "flags": "master",
                  "config-epoch": str(self.epoch)}
        fields.update(self.fields)
        words = [word for pair in fields.items() for word in pair]
        return encode(*words)

    def _reply(self, name, words):
        if name in self.overrides:
            return self.overrides[name]
        what = words[1].upper() if len(words) > 1 else ""
        if name == "SENTINEL" and what == "MYID":
            return encode(self.run_id)[4:]
        if name == "SENTINEL" and what == "MASTER":
            if words[2] in self.groups:
                return self._view(words[2])
            return b"-ERR No such master with that name\r\n"
        if name == "SENTINEL" and what == "IS-MASTER-DOWN-BY-ADDR":
            return self.opinion
        if name == "PUBLISH":
            return b":1\r\n"
        return super()._reply(name, words)
