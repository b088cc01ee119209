"""Two servers went separate ways while the group had no master."""

from harness.cases import case
from harness.waiting import wait_until

from .common import wait_master_is

WRITES = 2000


# Long: where offsets are equal at the fork, the run id decides.
@case("an operator made a master by hand: who is followed and written to wins",
      long=True)
def by_hand(lab):
    pool = lab.pool(group={"down_after_ms": 1500})
    for daemon in pool.supervisors:
        daemon.pause()
    # The one that a comparison of run ids would not choose.
    chosen, other = sorted(pool.replicas, reverse=True,
                           key=lambda each: each.info("server")["run_id"])
    chosen.command("REPLICAOF", "NO", "ONE")
    pool.master.follow(chosen.port)
    other.follow(1)
    wait_until(lambda: pool.master.follows(chosen.port), 10,
               "the old master follows it")
    with chosen.connect() as connection:
        for number in range(WRITES):
            connection.command("SET", "w:%d" % number, "x")
    for daemon in pool.supervisors:
        daemon.resume()
    wait_master_is(pool, chosen)
    pool.wait_following(chosen, pool.others(chosen), 30)
    for server in pool.servers:
        assert server.command("DBSIZE") == WRITES, server.name
