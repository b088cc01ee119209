"""What a pool under load is connected by, and how that fails.

Namespaces is the real thing: each server, each supervisor and each of the two
groups of clients has an address of its own, and packets are lost on their way.
Proxies needs no rights: everything is on loopback, with a proxy before each
server that is to be cut off, and a supervisor that is to be stands still
meanwhile. It cannot cut one direction.

Both are made for the processes that will be `apart`, the master `m` first of
all: those are cut off together, with the clients that are `inside`."""

import threading

from harness.lab import Pool
from harness.ports import free_port
from harness.resp import Connection
from island import Island
from namespaces import Router, obstacle

SERVERS = ["m", "r1", "r2"]
SUPERVISORS = ["s1", "s2", "s3"]
CLIENTS = ["inside", "outside"]


class Namespaces:
    title = "network namespaces"
    cuts_one_way = True

    def __init__(self, lab, apart):
        self.lab = lab
        self.apart = apart
        self.router = Router(SERVERS + SUPERVISORS + CLIENTS)
        lab.closing.append(self.router)

    def pool(self, **options):
        return Pool(self.lab, place_of=self.router.places.get, **options)

    def reach(self, inside):
        """How clients connect; see Load."""
        place = self.router.places["inside" if inside else "outside"]

        def connect(port, host, limit_s):
            return Connection(port, host, limit_s, place=place)
        return connect

    def hold(self):
        """The first replica gets nothing of what the master sends it."""
        self.router.cut(["m"], ["r1"])

    def cut_off(self):
        self.router.isolate(["inside", *self.apart])

    def mute(self, targets=None):
        """What the master sends is lost; or what it sends to these."""
        self.router.cut(["m"], targets or [
            each for each in self.router.places
            if each not in ("m", "inside")])

    def isolate(self, name):
        self.router.isolate([name])

    def heal(self):
        self.router.heal()


class ProxiedPool(Pool):
    """Its first replica may be known by the port of a proxy, too."""

    replica_port = None

    def server_at(self, port):
        if port == self.replica_port:
            return self.replicas[0]
        return super().server_at(port)


class Proxies:
    title = "TCP proxies and SIGSTOP"
    cuts_one_way = False

    def __init__(self, lab, apart):
        self.lab = lab
        self.apart = apart
        self.supervisors = {}  # by name
        self.stopped = []
        self.replica = None
        self.proxy = None
        self.replica_proxy = None
        self.ports = {}  # of the master, told: its own
        self.is_cut = threading.Event()

    def pool(self, **options):
        port = free_port()
        if "r1" in self.apart:
            options["server_extra"] = {"r1": "replica-announce-ip 127.0.0.1\n"
                                       "replica-announce-port %d\n" % port}
        pool = ProxiedPool(self.lab, via_proxy=bool(self.apart) and Island,
                           **options)
        self.supervisors = dict(zip(SUPERVISORS, pool.supervisors))
        self.replica = pool.replicas[0]
        self.proxy = pool.proxy
        self.ports = {pool.master_port: pool.master.port}
        if "r1" in self.apart:
            self.replica_proxy = self.lab.proxy(self.replica.port, port=port)
            pool.replica_port = port
        return pool

    def reach(self, inside):
        return self._connect_inside if inside else Connection

    def _connect_inside(self, port, host, limit_s):
        """From the master's side it is reached without the proxy, and in a
        partition nobody else is."""
        if port not in self.ports and self.is_cut.is_set():
            raise OSError("on the other side")
        return Connection(self.ports.get(port, port), host, limit_s)

    def hold(self):
        self.proxy.hold(self.replica.port)

    def cut_off(self):
        self.is_cut.set()
        for name in SUPERVISORS:
            if name in self.apart:
                self.isolate(name)
        if self.replica_proxy:
            self.proxy.keep(self.replica_proxy.port)
            self.replica_proxy.black_hole()
        self.proxy.black_hole()

    def isolate(self, name):
        self.stopped.append(self.supervisors[name])
        self.stopped[-1].pause()

    def heal(self):
        while self.stopped:
            self.stopped.pop().resume()
        if self.proxy:
            self.proxy.release()
            self.proxy.pass_all()
        if self.replica_proxy:
            self.replica_proxy.pass_all()
        self.is_cut.clear()


def best():
    """The better one that is possible here, and why not the other."""
    reason = obstacle()
    return (Proxies, reason) if reason else (Namespaces, None)
