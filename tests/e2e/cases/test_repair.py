"""Servers that are not what the supervisors agreed on are put right."""

from harness.cases import case
from harness.waiting import wait_until

from .common import wait_master_is


@case("one hung replica does not keep the others from following")
def hung_while_repointing(lab):
    pool = lab.pool(replicas=4, group={"parallel_syncs": 1,
                                       "failover_timeout_ms": 60000})
    hung = pool.replicas[0]
    hung.pause()
    pool.master.kill()
    new_master = pool.wait_switched(among=pool.replicas[1:])
    others = [each for each in pool.replicas
              if each not in (hung, new_master)]
    pool.wait_following(new_master, others, 15)
    hung.resume()
    pool.wait_following(new_master, [hung], 30)


@case("a replica that hangs while it is repointed blocks nobody")
def hangs_in_the_middle(lab):
    pool = lab.pool(replicas=4, group={"parallel_syncs": 1,
                                       "failover_timeout_ms": 60000})
    pool.master.kill()
    sent = pool.events.wait("+slave-reconf-sent")
    hung = pool.server_at(int(sent.payload.split()[3]))
    hung.pause()
    new_master = pool.wait_switched()
    others = [each for each in pool.replicas
              if each not in (hung, new_master)]
    pool.wait_following(new_master, others, 25)
    hung.resume()
    pool.wait_following(new_master, [hung], 30)


@case("an old master that returns empty does not stay a master",
      any_daemon=True)
def old_master_returns_empty(lab):
    pool = lab.pool()
    pool.master.write_confirmed("kept", "yes", 2)
    pool.master.kill()
    new_master = pool.wait_switched()
    pool.master.start()  # with nothing, and for some milliseconds only
    pool.wait_following(new_master, [pool.master], 30)
    assert pool.master.command("GET", "kept") == "yes"
    assert new_master.command("GET", "kept") == "yes"


@case("a replica that was made a master by hand is made a replica again",
      any_daemon=True)
def replica_turned_master(lab):
    pool = lab.pool()
    rebel = pool.replicas[0]
    rebel.command("REPLICAOF", "NO", "ONE")
    pool.wait_following(pool.master, [rebel], 40)
    pool.events.wait("+convert-to-slave", str(rebel.port))
    assert not pool.events.find("+try-failover")


@case("a replica of the wrong master is pointed to the right one",
      any_daemon=True)
def replica_of_wrong_master(lab):
    pool = lab.pool(group={"failover_timeout_ms": 2000})
    first, second = pool.replicas
    first.follow(second.port)
    wait_until(lambda: first.info()["master_port"] == str(second.port), 5,
               "the replica follows the other one")
    pool.wait_following(pool.master, [first], 40)
    pool.events.wait("+fix-slave-config", str(first.port))


@case("the master follows a replica of its own: somebody is master again")
def circle_with_the_master(lab):
    pool = lab.pool(group={"down_after_ms": 20000})
    pool.master.write_confirmed("kept", "yes", 2)
    pool.master.follow(pool.replicas[0].port)
    # down_after_ms is ten times as long
    master = wait_until(
        lambda: next((each for each in pool.servers
                      if each.role() == "master"), None), 8, "a master")
    pool.wait_following(master, pool.others(master))
    wait_master_is(pool, master)
    assert master.command("GET", "kept") == "yes"


@case("two replicas that follow each other are given back to the master")
def circle_of_replicas(lab):
    pool = lab.pool()
    first, second = pool.replicas
    first.follow(second.port)
    second.follow(first.port)
    pool.wait_following(pool.master, pool.replicas, 8)
    wait_master_is(pool, pool.master)
    assert not pool.events.find("+try-failover")


@case("a master that restarts at once, with its data, stays the master",
      any_daemon=True)
def quick_restart(lab):
    pool = lab.pool(group={"down_after_ms": 5000})
    pool.master.write_confirmed("kept", "yes", len(pool.replicas))
    pool.master.command("SAVE")
    pool.master.kill()
    pool.master.start()
    pool.wait_following(pool.master, pool.replicas, 20)
    assert pool.master.command("GET", "kept") == "yes"
    wait_master_is(pool, pool.master)
    pool.wait_ready()
    assert not pool.events.find("+try-failover")
