"""Who is believed: lines that anybody can publish on a watched server."""

import time

from harness.cases import case
from harness.fake_supervisor import FakeSupervisor

HELLO = "__sentinel__:hello"


def publish(pool, text):
    pool.master.command("PUBLISH", HELLO, text)


def assert_unmoved(pool, epoch_max=100):
    for daemon in pool.supervisors:
        assert daemon.master_port() == pool.master.port
        assert int(daemon.master()["config-epoch"]) < epoch_max


@case("forged hellos, in a voter's name and with absurd epochs, that name an"
      " empty server: nothing moves, it is told no password, and a failover"
      " goes as usual")
def forged_hello(lab):
    pool = lab.pool()
    pool.master.command("SET", "key", "value")
    trap = FakeSupervisor(lab, "e" * 40, 1)  # whatever: it notes what it hears
    row = pool.supervisors[0].peers()[0]
    for epoch in (9, 2 ** 32 - 1, 2 * (2 ** 32 - 1)):
        for run_id, port in ((row["runid"], int(row["port"])),
                             ("d" * 40, trap.port)):
            publish(pool, "127.0.0.1,%d,%s,%d,mymaster,127.0.0.1,%d,%d" % (
                port, run_id, epoch, trap.port, epoch))
    time.sleep(3.0)
    assert_unmoved(pool)
    assert pool.master.command("GET", "key") == "value"
    assert not [line for line in trap.seen
                if line.startswith(("AUTH", "INFO", "SLAVEOF"))], trap.seen
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)


@case("ten ghosts that answer nothing, and 62 at a peer's address: the peers"
      " stay, and a failover goes as usual")
def ghosts(lab):
    pool = lab.pool()
    row = pool.supervisors[0].peers()[0]
    for number in range(72):
        port = int(row["port"]) if number >= 10 else 30000 + number
        publish(pool, "127.0.0.1,%d,%040x,0,mymaster,127.0.0.1,%d,0" % (
            port, number + 1, pool.master.port))
    time.sleep(1.0)
    for daemon in pool.supervisors:
        assert len(daemon.peers()) == 2, daemon.peers()
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)


@case("ghosts that answer, in a pool whose size is set: they stay out")
def ghosts_that_answer(lab):
    pool = lab.pool(group={"pool_size": 3})
    for number in range(10):
        publish(pool, FakeSupervisor(lab, "%040x" % (number + 1),
                                     pool.master.port).hello())
    pool.events.wait("+pool-size-exceeded")
    for daemon in pool.supervisors:
        assert len(daemon.peers()) == 2, daemon.peers()
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)


@case("one voter that lies about the master moves nobody")
def one_liar(lab):
    pool = lab.pool()
    liar = FakeSupervisor(lab, "e" * 40, pool.master.port)
    for daemon in pool.supervisors:
        liar.introduce(daemon)
    liar.groups["mymaster"], liar.epoch = liar.port, 50
    publish(pool, liar.hello())
    time.sleep(2.0)
    assert_unmoved(pool, 50)
    assert not [line for line in liar.seen if line.startswith("INFO")]
