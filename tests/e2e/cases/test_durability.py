"""`durability`: what WAIT has confirmed survives, or the failover waits."""

from harness.cases import case
from harness.slow_link import SlowLink
from harness.waiting import stays

PRIORITIES = {"r1": "replica-priority 10\n", "r2": "replica-priority 100\n"}


def durable_pool(lab, durability, **options):
    pool = lab.pool(via_proxy=SlowLink, **options)
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", "mymaster", "durability",
                       durability)
    return pool


def write_and_wait(pool, replicas):
    pool.master.write_confirmed("confirmed", "by WAIT", replicas)


def assert_confirmed(server):
    assert server.command("GET", "confirmed") == "by WAIT"


@case("WAIT 1, and the other replica has the better priority", long=True)
def priority_is_no_excuse(lab):
    pool = durable_pool(lab, 1, server_extra=PRIORITIES)
    pool.proxy.hold(pool.replicas[0].port)
    write_and_wait(pool, 1)
    pool.master.kill()
    assert_confirmed(pool.wait_switched())


@case("WAIT 1, and the replica that has the write must not be promoted",
      long=True)
def confirmed_by_priority_zero(lab):
    pool = durable_pool(lab, 1, server_extra={"r2": "replica-priority 0\n"})
    eligible = pool.replicas[0]
    pool.proxy.hold(eligible.port)
    write_and_wait(pool, 1)
    pool.master.kill()
    stays(lambda: eligible.role() == "slave"
          or eligible.command("GET", "confirmed") == "by WAIT", 4.0,
          "none without the write is promoted")


@case("durability 1: a failover waits for the replica that is away")
def waits_for_the_missing(lab):
    pool = durable_pool(lab, 1)
    pool.proxy.hold(pool.replicas[0].port)
    write_and_wait(pool, 1)
    pool.replicas[1].pause()
    pool.master.kill()
    stays(lambda: pool.replicas[0].role() == "slave", 3.0,
          "one without the write is not promoted")
    pool.replicas[1].resume()
    assert_confirmed(pool.wait_switched(among=[pool.replicas[1]]))


@case("durability 2 of two replicas: either alone is enough")
def either_is_enough(lab):
    pool = durable_pool(lab, 2)
    write_and_wait(pool, 2)
    pool.replicas[1].kill()
    pool.master.kill()
    assert_confirmed(pool.wait_switched(among=[pool.replicas[0]]))
