"""One test's world: a directory, servers, daemons, helpers, and their end.

A Lab is what each case gets. It starts things, remembers them, and stops them
when the case is over, whatever happened. A Pool is the usual arrangement in
it: groups of one master and some replicas, and some supervisors."""

import shutil
import time

from .events import EventLog
from .load import Load
from .places import HERE
from .proxy import Proxy
from .redis_server import RedisServer
from .supervisors import GroupOptions, Supervisor, supervisor_class
from .waiting import wait_until
from .writer import Writer


VOTE_LEASE_S = 2  # vote_lease_ms, if the configuration says no other


class Skipped(Exception):
    """The case does not apply here; the text says why."""


def redis_sentinel():
    """Path of redis-sentinel, or the case is skipped."""
    path = shutil.which("redis-sentinel")
    if path is None:
        raise Skipped("redis-sentinel is not installed")
    return path


class Lab:
    def __init__(self, directory, program):
        self.directory = directory
        self.program = program
        self.things = []
        self.closing = []

    @property
    def ours(self):
        return supervisor_class(self.program).ours

    def group(self, port, name="mymaster", **options):
        """A group's configuration, with a short down-after: as short as the
        daemon bears without suspecting a server that it only just met."""
        options.setdefault("down_after_ms", 500 if self.ours else 2000)
        return GroupOptions(name, port, **options)

    def redis(self, name, **options):
        """A running redis-server."""
        return self.prepare_redis(name, **options).start()

    def prepare_redis(self, name, kind=RedisServer, **options):
        server = kind(name, self.directory, **options)
        self.things.append(server)
        return server

    def supervisor(self, name, groups, kind=None, program=None, **options):
        """A daemon that is prepared but not started."""
        program = program or self.program
        kind = kind or supervisor_class(program)
        daemon = kind(name, program, self.directory, groups, **options)
        self.things.append(daemon)
        return daemon

    def events(self, supervisors):
        log = EventLog()
        self.closing.append(log)
        for daemon in supervisors:
            log.listen(daemon.name, daemon.port, daemon.login, daemon.place)
        return log

    def writer(self, supervisors, **options):
        writer = Writer([daemon.port for daemon in supervisors], **options)
        self.closing.append(writer)
        return writer

    def load(self, supervisors, **options):
        load = Load([(daemon.place.host, daemon.port)
                     for daemon in supervisors], **options)
        self.closing.append(load)
        return load

    def proxy(self, target_port, kind=Proxy, **options):
        proxy = kind(target_port, **options)
        self.closing.append(proxy)
        return proxy

    def pool(self, **options):
        return Pool(self, **options).start()

    def close(self):
        while self.closing:
            self.closing.pop().close()
        for thing in self.things:
            thing.process.kill()

    def finish(self):
        """The last check of each case: no daemon died on its own, and each
        that runs ends well when it is asked to."""
        for thing in self.things:
            if isinstance(thing, Supervisor):
                thing.process.end_well()

    def last_words(self, lines=12):
        """The ends of all logs, for a failure's report."""
        for thing in self.things:
            process = thing.process
            state = "runs" if process.alive() else "ended with status %s" % (
                process.popen.returncode if process.popen else "(not started)")
            yield "%s (port %d) %s" % (thing.name, thing.port, state)
            for line in process.log_tail(lines):
                yield "    " + line


class Pool:
    """One group with its servers, and the supervisors that watch it.

    `via_proxy` puts a proxy before the master: True, or a kind of one.
    `group` holds further GroupOptions by name, `programs` the program of each
    supervisor when they differ, `server_extra` further configuration lines of
    the servers m, r1, r2 ...; `place_of` gives the Place of a server or a
    supervisor (s1, s2 ...) by its name; `prefix` is put before all names;
    `server_kind` makes servers that are not Redis."""

    def __init__(self, lab, replicas=2, supervisors=3, programs=None,
                 name="mymaster", group=None, via_proxy=False,
                 server_extra=None, prefix="", password=None,
                 place_of=lambda _name: HERE, server_kind=RedisServer,
                 **options):
        self.lab = lab
        self.name = name
        extra = server_extra or {}
        names = ["m"] + ["r%d" % i for i in range(1, replicas + 1)]
        self.master, *self.replicas = [
            lab.prepare_redis(prefix + each, server_kind,
                              extra=extra.get(each, ""), password=password,
                              place=place_of(each))
            for each in names]
        kind = Proxy if via_proxy is True else via_proxy
        self.proxy = lab.proxy(self.master.port, kind) if via_proxy else None
        self.master_port = self.proxy.port if via_proxy else self.master.port
        self.options = lab.group(self.master_port, name=name,
                                 **{"host": self.master.place.host,
                                    **(group or {})})
        programs = programs or [lab.program] * supervisors
        self.supervisors = [
            lab.supervisor(prefix + "s%d" % i, [self.options], program=program,
                           place=place_of("s%d" % i), **options)
            for i, program in enumerate(programs, 1)]
        self.events = None
        self.started_at = 0

    @property
    def servers(self):
        return [self.master] + self.replicas

    def start(self):
        self.start_servers()
        self.start_supervisors()
        self.events = self.lab.events(self.supervisors)
        self.wait_ready()
        self.wait_votes()
        return self

    def start_servers(self):
        self.launch_servers()
        self.wait_servers()

    def start_supervisors(self):
        for daemon in self.supervisors:
            daemon.start()
        self.started_at = time.monotonic()

    def launch_servers(self):
        for server in self.servers:
            server.start()
        if self.proxy:
            self.master.command("CONFIG", "SET", "replica-announce-ip",
                                "127.0.0.1")
            self.master.command("CONFIG", "SET", "replica-announce-port",
                                self.proxy.port)
        for replica in self.replicas:
            replica.follow(self.master_port, self.master.place.host)

    def wait_servers(self):
        for replica in self.replicas:
            wait_until(lambda r=replica: r.follows(self.master_port), 15,
                       "%s follows the master" % replica.name)

    def wait_ready(self, limit_s=20):
        """Everybody knows everybody and finds all well."""
        for daemon in self.supervisors:
            wait_until(lambda d=daemon: self.sees_all(d), limit_s,
                       "%s sees a healthy pool" % daemon.name,
                       seen=lambda d=daemon: self.view(d))

    def wait_votes(self):
        """One that was just started gives no vote before a lease is over."""
        if any(daemon.ours for daemon in self.supervisors):
            over = self.started_at + VOTE_LEASE_S + 0.1
            time.sleep(max(0, over - time.monotonic()))

    def sees_all(self, daemon):
        master, replicas, peers = self.view(daemon)
        return (master == "master"
                and replicas == [("slave", "ok")] * len(self.replicas)
                and peers == ["sentinel"] * (len(self.supervisors) - 1))

    def view(self, daemon):
        master = daemon.master(self.name)["flags"]
        replicas = [(row["flags"], row["master-link-status"])
                    for row in daemon.replicas(self.name)]
        peers = [row["flags"] for row in daemon.peers(self.name)]
        return master, replicas, peers

    def server_at(self, port):
        for server in self.servers:
            if server.port == port:
                return server
        if self.proxy and port == self.proxy.port:
            return self.master
        raise AssertionError("no server of ours at port %s" % port)

    def wait_switched(self, limit_s=20, among=None, supervisors=None):
        """All supervisors name one new master, and it is one; returns its
        server."""
        daemons = supervisors or self.supervisors

        def new_port():
            ports = {daemon.master_port(self.name) for daemon in daemons}
            port = ports.pop()
            return not ports and port != self.master_port and port
        port = wait_until(
            new_port, limit_s, "all supervisors name a new master",
            seen=lambda: [d.master_port(self.name) for d in daemons])
        server = self.server_at(port)
        wait_until(lambda: server.role() == "master", 5,
                   "%s is a master" % server.name)
        if among:
            assert server in among, "%s was promoted" % server.name
        return server

    def wait_following(self, master, servers, limit_s=20):
        for server in servers:
            wait_until(lambda s=server: s.follows(master.port), limit_s,
                       "%s follows %s" % (server.name, master.name),
                       seen=lambda s=server: s.info())

    def others(self, server):
        return [each for each in self.servers if each is not server]
