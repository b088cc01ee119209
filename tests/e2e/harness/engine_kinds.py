"""What engines do that Redis does not, one class for each kind. They may be
mixed: engine_of(["flushes", "no-multi"]) is both. A kind that changes the same
method as another stands before it."""

import time

from harness.engine import OK, Engine, error

CANNOT_CONNECT = error("ERR could not connect to master")
BLOCKED_S = 3.0


class FlushesFirst(Engine):
    """SLAVEOF empties it before it connects; when nobody is there it is a
    master, and empty."""

    def follow(self, host, port):
        self.set_master((host, port))
        self.keys.clear()
        if self.connect_to_master():
            return OK
        self.promote()
        return CANNOT_CONNECT


class RefusesTheDead(Engine):
    """SLAVEOF to an address where nobody listens is an error and changes
    nothing."""

    def follow(self, host, port):
        before = self.master
        self.set_master((host, port))
        if self.connect_to_master():
            return OK
        self.set_master(before)
        return CANNOT_CONNECT


class ChangesRole(Engine):
    """It becomes a master, with its keys, when the one it is to follow is
    not there."""

    def follow(self, host, port):
        self.set_master((host, port))
        if not self.connect_to_master():
            self.promote()
        return OK


class Blocks(Engine):
    """It answers nobody until it has given up on a master that is not
    there."""

    def follow(self, host, port):
        self.set_master((host, port))
        if not self.connect_to_master():
            time.sleep(BLOCKED_S)
        return OK


class ActiveReplica(Engine):
    """KeyDB's words: its INFO is that of Redis 6, almost."""

    def role_word(self):
        return "active-replica"

    def server_lines(self):
        return ["redis_version:6.3.4", "redis_git_sha1:00000000",
                "redis_git_dirty:0", "redis_build_id:1a2b3c4d5e6f7a8b",
                "redis_mode:standalone", "os:Linux 6.1.0 x86_64",
                "arch_bits:64", "multiplexing_api:epoll",
                "atomicvar_api:c11-builtin", "gcc_version:12.2.0",
                "process_id:1", "process_supervised:no",
                "run_id:" + self.run_id, "tcp_port:%d" % self.port,
                "server_time_usec:1700000000000000", "uptime_in_seconds:10",
                "uptime_in_days:0", "hz:10", "configured_hz:10",
                "lru_clock:1", "executable:/usr/bin/keydb-server",
                "config_file:", "availability_zone:",
                "features:cluster_mget"]


class BareInfo(Engine):
    """INFO says neither which process it is nor what history it has, nor how
    far it is in it."""

    def server_lines(self):
        return ["redis_version:7.4.0", "tcp_port:%d" % self.port]

    def history_lines(self):
        return []


class NoMulti(Engine):
    without = frozenset(["MULTI", "EXEC", "DISCARD"])

    def answer(self, client, words):
        if words[0].upper() == "EXEC":
            return error("ERR unknown command 'EXEC'")
        return super().answer(client, words)


class NoRole(Engine):
    without = frozenset(["ROLE"])


class NoPause(Engine):
    without = frozenset(["CLIENT PAUSE", "CLIENT UNPAUSE"])


class NoConfig(Engine):
    without = frozenset(["CONFIG"])


KINDS = {
    "flushes": FlushesFirst,
    "active-replica": ActiveReplica,
    "refuses-dead": RefusesTheDead,
    "changes-role": ChangesRole,
    "blocks": Blocks,
    "no-multi": NoMulti,
    "no-role": NoRole,
    "no-pause": NoPause,
    "no-config": NoConfig,
    "bare-info": BareInfo,
}


def engine_of(names):
    """A class that is all these kinds; none: like Redis, under another
    name."""
    kinds = tuple(KINDS[name] for name in names)
    lacking = frozenset().union(*(kind.without for kind in kinds))
    return type("Composed", kinds + (Engine,) if kinds else (Engine,),
                {"without": lacking})
