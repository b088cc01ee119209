"""A failover that need not be: the path to the master is at fault, the master
is busy, or failovers follow each other."""

import threading

from harness.cases import case
from harness.only_replicas import OnlyReplicas
from harness.waiting import stays, wait_until

from .common import assert_no_failover


class Writing:
    """Somebody writes to this server all the time, past any proxy."""

    def __init__(self, server):
        self.server = server
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(5.0)

    def _run(self):
        while not self.ended.wait(0.02):
            try:
                self.server.command("INCR", "written")
            except OSError:
                pass  # it was stopped


def cut_pool(lab, **group):
    return lab.pool(via_proxy=OnlyReplicas,
                    group={"down_after_ms": 1500, **group})


def wait_path_fault(pool):
    for daemon in pool.supervisors:
        pool.events.wait("+path-fault", "master mymaster", daemon.name)


@case("nobody reaches the master but its replicas: an alarm, no failover")
def only_replicas_reach_it(lab):
    pool = cut_pool(lab)
    with Writing(pool.master):
        pool.proxy.cut()
        wait_path_fault(pool)
        daemon = pool.supervisors[0]
        assert "replicas hear it" in daemon.master()["trouble"]
        assert "s_down" in daemon.master()["flags"]
        stays(lambda: not pool.events.find("+odown"), 4, "it is not o_down")
        pool.proxy.heal()
        pool.events.wait("-path-fault", "", daemon.name)
        pool.wait_ready()
    assert_no_failover(pool)


@case("behind such a path the master hangs: a failover after all")
def hangs_behind_it(lab):
    pool = cut_pool(lab)
    with Writing(pool.master):
        pool.proxy.cut()
        wait_path_fault(pool)
        pool.master.pause()
    pool.wait_switched(among=pool.replicas)


@case("detection = ping: who cannot be reached by a quorum is down")
def by_ping(lab):
    pool = cut_pool(lab, native={"detection": "ping"})
    with Writing(pool.master):
        pool.proxy.cut()
        pool.wait_switched(among=pool.replicas)
    assert not pool.events.find("+path-fault")


@case("busy_after_ms: a script may take longer than silence")
def busy_budget(lab):
    pool = lab.pool(group={"down_after_ms": 1000,
                           "native": {"busy_after_ms": 20000}},
                    server_extra={"m": "lua-time-limit 100\n"})
    connection = pool.master.connect()
    connection.send(b"EVAL 'local t = redis.call(\"TIME\")[1] while "
                    b"redis.call(\"TIME\")[1] - t < 4 do end' 0\r\n")
    wait_until(lambda: pool.supervisors[0].master().get("trouble") == "busy",
               3, "it is seen to be busy")
    stays(lambda: not pool.events.find("+sdown", "master mymaster"), 4.5,
          "it is only busy")
    connection.close()
    assert_no_failover(pool)


@case("the third failover in a row waits, until it is acknowledged")
def flapping(lab):
    pool = lab.pool(replicas=3, group={"failover_timeout_ms": 60000})
    dying = pool.master
    for _ in range(2):
        since = pool.events.mark()
        dying.kill()
        for daemon in pool.supervisors:
            pool.events.wait("+switch-master", "", daemon.name, since)
        pool.events.wait("+failover-end", "", None, since)
        dying = pool.server_at(pool.supervisors[0].master_port())
    dying.kill()
    pool.events.wait("+failover-paused", "#failovers 2")
    daemon = pool.supervisors[0]
    wait_until(lambda: "ACKNOWLEDGE" in daemon.master().get("trouble", ""), 5,
               "the row says what it waits for", seen=daemon.master)
    since = pool.events.mark()
    assert daemon.command("SENTINEL", "ACKNOWLEDGE", "mymaster") == "OK"
    for daemon in pool.supervisors:
        pool.events.wait("+switch-master", "", daemon.name, since, limit_s=8)
    assert daemon.error("SENTINEL", "ACKNOWLEDGE", "nobody") == \
        "ERR No such master with that name"
