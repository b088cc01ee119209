"""Places that are network namespaces, with a router between them.

Each place has an address of its own and one cable, to the router, which
throws away without a word what goes from one place to another that it shall
not reach: packets are lost on the way, in one direction or in both, and nobody
hears of it.

The namespaces have no names. They live as long as this process has them open
or something runs in them, and everything that runs in them dies with this
process, so nothing is left behind, not even after SIGKILL; and nothing of them
can be seen from the network of the machine. It needs root and `ip`; `unshare
-Urn` makes a root where there is none."""

import contextlib
import ctypes
import os
import subprocess
import threading

from harness.places import Place

CLONE_NEWNET = 0x40000000
OURS = "/proc/thread-self/ns/net"
FORWARDING = "/proc/sys/net/ipv4/ip_forward"
COMMAND_LIMIT_S = 10.0
_libc = ctypes.CDLL(None, use_errno=True)


def _check(status, what):
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))


def _enter(descriptor):
    """This thread, and no other."""
    _check(_libc.setns(descriptor, CLONE_NEWNET), "setns")


def _open_new():
    """A descriptor of a new namespace; the thread stays where it was."""
    home = os.open(OURS, os.O_RDONLY)
    try:
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        try:
            return os.open(OURS, os.O_RDONLY)
        finally:
            _enter(home)
    finally:
        os.close(home)


class Namespace(Place):
    """One network of its own."""

    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.hosts = (host, "127.0.0.1")
        self.descriptor = _open_new()

    @contextlib.contextmanager
    def inside(self):
        home = os.open(OURS, os.O_RDONLY)
        try:
            _enter(self.descriptor)
            try:
                yield
            finally:
                _enter(home)
        finally:
            os.close(home)

    def path(self):
        return "/proc/%d/fd/%d" % (os.getpid(), self.descriptor)

    def ip(self, lines):
        """Commands of `ip` in this namespace."""
        with self.inside():
            done = subprocess.run(["ip", "-batch", "-"], text=True,
                                  input="\n".join(lines) + "\n",
                                  capture_output=True, timeout=COMMAND_LIMIT_S)
        if done.returncode != 0:
            raise OSError("ip: %s" % done.stderr.strip())

    def close(self):
        os.close(self.descriptor)


class Router:
    """Places with these names, each of which reaches all others."""

    def __init__(self, names):
        self.places = {}
        self.cuts = []  # pairs of names: what goes from one to the other
        self.middle = Namespace()
        try:
            self.middle.ip(["link set lo up"])
            with self.middle.inside(), open(FORWARDING, "w") as file:
                file.write("1")
            for number, name in enumerate(names):
                self._connect(name, number)
        except BaseException:
            self.close()
            raise

    def _connect(self, name, number):
        gateway = "10.0.%d.1" % number
        place = self.places[name] = Namespace("10.0.%d.2" % number)
        self.middle.ip([
            "link add cable%d type veth peer name cable netns %s"
            % (number, place.path()),
            "addr add %s/24 dev cable%d" % (gateway, number),
            "link set cable%d up" % number])
        place.ip(["link set lo up",
                  "addr add %s/24 dev cable" % place.host,
                  "link set cable up",
                  "route add default via %s" % gateway])

    def cut(self, sources, targets):
        """What sources send to targets is lost from now on."""
        fresh = [(source, target) for source in sources for target in targets
                 if (source, target) not in self.cuts]
        self._rule("add", fresh)
        self.cuts += fresh

    def isolate(self, names):
        """They reach each other, and nobody else."""
        others = [each for each in self.places if each not in names]
        self.cut(names, others)
        self.cut(others, names)

    def heal(self):
        self._rule("del", self.cuts)
        self.cuts = []

    def _rule(self, verb, pairs):
        self.middle.ip(["rule %s from %s to %s blackhole" % (
            verb, self.places[source].host, self.places[target].host)
            for source, target in pairs])

    def close(self):
        for place in self.places.values():
            place.close()
        self.middle.close()


def obstacle():
    """Why there can be none here, in a sentence; None when there can. A thread
    tries it, because whoever may leave but not come back is lost."""
    found = []
    thread = threading.Thread(target=lambda: found.append(_try_out()))
    thread.start()
    thread.join()
    return found[0]


def _try_out():
    try:
        router = Router(["one", "other"])
        try:
            router.isolate(["one"])
        finally:
            router.close()
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None
