"""`fencing`: a master that is cut off stops by itself; who is not, goes on."""

import threading
import time

from harness.cases import case
from harness.resp import Connection, ReplyError
from harness.waiting import stays, wait_until

HELD = {"min-replicas-to-write": "1", "min-replicas-max-lag": "2"}
NOTHING = {"min-replicas-to-write": "0", "min-replicas-max-lag": "10"}


class Client:
    """Beside the master: writes to that port and no other, and notes when
    that was acknowledged last."""

    def __init__(self, port):
        self.port = port
        self.last_at = 0.0
        self.refusal = ""
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join(5.0)

    def _run(self):
        while not self.ended:
            try:
                self._write()
            except (OSError, ReplyError) as error:
                self.refusal = str(error)
            time.sleep(0.005)

    def _write(self):
        with Connection(self.port, limit_s=1.0) as connection:
            while not self.ended:
                connection.command("SET", "key", "value")
                self.last_at = time.monotonic()
                time.sleep(0.005)


def client_of(lab, server):
    client = Client(server.port)
    lab.closing.append(client)
    return client


def demand(server):
    words = server.look("CONFIG", "GET", "min-replicas-*")
    return dict(zip(words[::2], words[1::2]))


def wait_demand(server, wanted, limit_s=25):
    wait_until(lambda: demand(server) == wanted, limit_s,
               "%s demands %s" % (server.name, wanted),
               seen=lambda: demand(server))


def fence(pool, policy):
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", "mymaster", "fencing", policy)


def fenced_pool(lab, policy, **options):
    pool = lab.pool(**options)
    fence(pool, policy)
    wait_demand(pool.master, HELD)
    return pool


@case("a master that is cut off stops within the bound that is shown")
def cut_off_master_stops(lab):
    pool = fenced_pool(lab, "availability", via_proxy=True)
    with open(pool.master.config) as file:
        assert "min-replicas-to-write 1" in file.read()
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master()["fencing-state"] == "held", 15,
                   "%s knows that it holds" % daemon.name)
        bound_s = int(daemon.master()["lost-writes-bound-ms"]) / 1000
    assert [demand(replica) for replica in pool.replicas] == [NOTHING] * 2
    client = client_of(lab, pool.master)
    wait_until(lambda: client.last_at > 0, 5, "the client writes")
    cut_at = time.monotonic()
    pool.proxy.black_hole()
    wait_until(lambda: "NOREPLICAS" in client.refusal, 15,
               "the master refuses writes")
    stopped_s = client.last_at - cut_at
    assert stopped_s < bound_s + 0.5
    new = pool.wait_switched()
    wait_demand(new, HELD)
    stays(lambda: demand(pool.master) == HELD, 1.0, "it is not relaxed")
    pool.proxy.pass_all()
    wait_until(lambda: pool.master.role() == "slave", 20, "it is demoted")
    wait_demand(pool.master, NOTHING)


@case("a master that loses its replicas goes on, and demands them again")
def relaxed_and_restored(lab):
    pool = fenced_pool(lab, "availability")
    client = client_of(lab, pool.master)
    for replica in pool.replicas:
        replica.kill()
    wait_demand(pool.master, {"min-replicas-to-write": "1",
                              "min-replicas-max-lag": "0"})
    back_at = time.monotonic()
    wait_until(lambda: client.last_at > back_at, 5, "writes go on")
    for replica in pool.replicas:
        replica.start()
    wait_demand(pool.master, HELD)


@case("what an operator sets by hand is left alone, after restarts too")
def operator_is_left_alone(lab):
    pool = fenced_pool(lab, "availability")
    pool.master.command("CONFIG", "SET", "min-replicas-to-write", "0")
    pool.events.wait("+fencing-operator", "left alone", limit_s=25)
    for daemon in pool.supervisors:
        daemon.restart()
    pool.wait_ready()
    stays(lambda: demand(pool.master)["min-replicas-to-write"] == "0", 12.0,
          "it stays as the operator wants it")
    fence(pool, "availability")
    wait_demand(pool.master, HELD)


@case("a server that refuses CONFIG SET is named")
def refusal_is_named(lab):
    pool = lab.pool(server_extra={
        "m": "user default on nopass ~* &* +@all -config|set\n"})
    fence(pool, "availability")
    pool.events.wait("+access-denied", "CONFIG is refused", limit_s=15)
    assert pool.supervisors[0].master_port() == pool.master_port


@case("switched off, servers are set free")
def switched_off(lab):
    pool = fenced_pool(lab, "safety")
    for server in pool.servers:
        wait_demand(server, HELD)
    fence(pool, "off")
    for server in pool.servers:
        wait_demand(server, NOTHING)
    with open(pool.master.config) as file:
        assert "min-replicas-to-write 1" not in file.read()


@case("safety: the old master has stopped before another is promoted")
def stopped_before_promotion(lab):
    pool = fenced_pool(lab, "safety", via_proxy=True)
    for replica in pool.replicas:
        wait_demand(replica, HELD)
    client = client_of(lab, pool.master)
    wait_until(lambda: client.last_at > 0, 5, "the client writes")
    pool.proxy.black_hole()
    promoted = pool.events.wait("+promoted-slave", limit_s=30)
    new = pool.wait_switched()
    assert client.last_at < promoted.at
    assert demand(new) == HELD
    pool.proxy.pass_all()
    wait_until(lambda: pool.master.role() == "slave", 20, "it is demoted")
    assert client.last_at < promoted.at


@case("safety: nobody waits for a master whose process is gone")
def dead_master_needs_no_time(lab):
    pool = fenced_pool(lab, "safety")
    for replica in pool.replicas:
        wait_demand(replica, HELD)
    killed_at = time.monotonic()
    pool.master.kill()
    promoted = pool.events.wait("+promoted-slave", limit_s=15)
    assert promoted.at - killed_at < 3.0
