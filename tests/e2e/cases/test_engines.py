"""Servers that speak Redis' protocol and are not Redis. Nobody may lose a key
because we asked one for something that it does in its own way.

redis-sentinel stands before the same imitations, too: so it is known that
they are as the engines are that people run behind it."""

from harness.cases import case
from harness.engine_kinds import KINDS
from harness.engine_server import engines
from harness.lab import Pool, redis_sentinel
from harness.resp import ReplyError
from harness.waiting import stays, wait_until

from .common import wait_master_is
from .telling import Log

KEYS = 50


class EnginePool(Pool):
    """redis-sentinel reads the state of a replica's link only where it knows
    the word for its role."""

    def view(self, daemon):
        master, replicas, peers = super().view(daemon)
        if not daemon.ours:
            replicas = [(flags, "ok") for flags, _ in replicas]
        return master, replicas, peers


def engine_pool(lab, kinds, program=None):
    """They may block for seconds, which is no death."""
    programs = [program] * 3 if program else None
    down_after_ms = 2000 if program or "blocks" not in kinds else 5000
    pool = EnginePool(lab, server_kind=engines(*kinds), programs=programs,
                      group={"down_after_ms": down_after_ms}).start()
    for number in range(KEYS):
        pool.master.command("SET", "key:%d" % number, number)
    pool.master.write_confirmed("last", "yes", len(pool.replicas))
    return pool


def assert_keys(servers):
    for server in servers:
        wait_until(lambda s=server: s.command("DBSIZE") == KEYS + 1, 10,
                   "%s has all keys" % server.name,
                   seen=lambda s=server: s.command("DBSIZE"))


def crash(lab, kinds, program=None):
    """A replica takes over, the other one follows it, and so does the old
    master when it is back; no key is lost on the way."""
    pool = engine_pool(lab, kinds, program)
    pool.master.kill()
    new_master = pool.wait_switched(30, pool.replicas)
    rest = [each for each in pool.replicas if each is not new_master]
    pool.wait_following(new_master, rest, 30)
    assert_keys(pool.replicas)
    pool.master.start()
    pool.wait_following(new_master, [pool.master], 30)
    assert_keys(pool.servers)
    stays(lambda: new_master.role() == "master", 1, "it stays master")


def ordered(lab, kinds, program=None):
    """It switches, or says why it does not; either way nobody loses keys and
    there is one master that all know."""
    pool = engine_pool(lab, kinds, program)
    with pool.supervisors[0].connect(limit_s=20.0) as connection:
        reply = connection.ask("SENTINEL", "FAILOVER", "mymaster")
    if isinstance(reply, ReplyError):
        assert len(str(reply).split()) > 3, "no reason: %s" % reply
        master = pool.master
    else:
        master = pool.wait_switched(30, pool.replicas)
    wait_master_is(pool, master)
    pool.wait_following(master, pool.others(master), 30)
    assert_keys(pool.servers)
    master.write_confirmed("last", "again", 2)


# Long, because nothing is said yet.
@case("what an unknown engine costs in protection is said once")
def said_once(lab):
    pool = EnginePool(lab, server_kind=engines())
    logs = []
    pool.start_servers()
    for daemon in pool.supervisors:
        daemon.start()
        logs.append(Log(daemon))
        logs[-1].start = 0  # it may have been said already
    pool.wait_ready()
    for log in logs:
        log.wait("not surely a redis-server", limit_s=5)
        assert log.count_for(3, "not surely a redis-server") == 0


def define(what, kinds, title, program_of=lambda: None, **options):
    def play(lab):
        what(lab, kinds, program_of())
    prefix = "sentinel_" if program_of is redis_sentinel else ""
    play.__name__ = "%s%s_%s" % (prefix, what.__name__, "_".join(
        each.replace("-", "_") for each in kinds) or "plain")
    case("%s: %s%s" % (", ".join(kinds) or "like Redis", title,
                       " (redis-sentinel)" if prefix else ""),
         **options)(play)


MIXTURES = [(), *((name,) for name in KINDS),
            ("flushes", "no-role", "no-pause"),
            ("refuses-dead", "active-replica"),
            ("flushes", "bare-info", "no-multi", "no-config")]

# Long, because they take their time.
SLOW = {"refuses-dead", "changes-role", "blocks", "no-multi"}

for _kinds in MIXTURES:
    _is_long = bool(SLOW.intersection(_kinds))
    define(crash, _kinds, "the master crashes, keys are kept", long=_is_long)
    define(ordered, _kinds, "SENTINEL FAILOVER, keys are kept", long=_is_long)
    define(crash, _kinds, "the master crashes", redis_sentinel, long=True)
    define(ordered, _kinds, "SENTINEL FAILOVER", redis_sentinel, long=True)
