"""Which replica is promoted, and which must never be.

Replicas log in to their master as a user of their own, so that a single one
can be cut off from the data (its user is switched off) while supervisors
still reach it."""

from harness.cases import case
from harness.waiting import stays, wait_until

from .common import wait_master_is

USERS = "".join("user %s on >pw ~* &* +@all\n" % name
                for name in ("link-m", "link-r1", "link-r2", "link-r3"))


def extra_lines(name, more=""):
    return USERS + "masteruser link-%s\nmasterauth pw\n%s" % (name, more)


def pool_with_users(lab, replicas=2, more=None, **options):
    more = more or {}
    names = ["m"] + ["r%d" % number for number in range(1, replicas + 1)]
    return lab.pool(replicas=replicas, server_extra={
        name: extra_lines(name, more.get(name, "")) for name in names},
        **options)


def cut_from_data(pool, replica):
    """The replica keeps what it has and gets nothing more."""
    user = "link-" + replica.name
    pool.master.command("ACL", "SETUSER", user, "off")
    pool.master.command("CLIENT", "KILL", "USER", user)
    wait_until(lambda: replica.info()["master_link_status"] == "down", 10,
               "%s lost its master" % replica.name)


def write_more(server, count=50):
    for number in range(count):
        server.command("SET", "more:%d" % number, "x" * 100)


def chosen(pool):
    event = pool.events.wait("+selected-slave", limit_s=15)
    return pool.server_at(int(event.payload.split()[3]))


@case("the replica with more data wins, whatever its run id",
      any_daemon=True)
def larger_offset(lab):
    pool = pool_with_users(lab)
    behind, ahead = sorted(pool.replicas,
                           key=lambda r: r.info("server")["run_id"])
    cut_from_data(pool, behind)
    write_more(pool.master)
    wait_until(lambda: ahead.follows(pool.master.port), 5, "it follows")
    wait_until(lambda: ahead.command("EXISTS", "more:49") == 1, 5,
               "it has the data")
    pool.master.kill()
    assert chosen(pool) is ahead
    wait_master_is(pool, ahead)
    pool.wait_following(ahead, [behind])
    assert behind.command("EXISTS", "more:49") == 1


@case("priority goes before offset", any_daemon=True)
def priority_first(lab):
    pool = pool_with_users(lab, more={"r1": "replica-priority 10\n"})
    preferred = pool.replicas[0]
    wait_priority(pool, preferred, "10")
    cut_from_data(pool, preferred)
    write_more(pool.master)
    pool.master.kill()
    assert chosen(pool) is preferred
    wait_master_is(pool, preferred)


def set_option(pool, *words):
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", "mymaster", *words)


@case("order = freshest: offset before priority")
def freshest_first(lab):
    pool = pool_with_users(lab, more={"r1": "replica-priority 10\n"})
    preferred, ahead = pool.replicas
    set_option(pool, "order", "freshest")
    wait_priority(pool, preferred, "10")
    cut_from_data(pool, preferred)
    write_more(pool.master)
    wait_until(lambda: ahead.command("EXISTS", "more:49") == 1, 5,
               "it has the data")
    pool.master.kill()
    assert chosen(pool) is ahead
    wait_master_is(pool, ahead)
    pool.wait_following(ahead, [preferred])


@case("one that is further behind than max-lag-bytes is waited with, until "
      "an operator takes the loss")
def too_far_behind(lab):
    pool = pool_with_users(lab, replicas=1)
    behind = pool.replicas[0]
    set_option(pool, "max-lag-bytes", 1000)
    cut_from_data(pool, behind)
    write_more(pool.master)
    written = int(pool.master.info()["master_repl_offset"])
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: dict(
            zip(*[iter(d.command("SENTINEL", "MASTER", "mymaster"))] * 2))
            and int(d.command("SENTINEL", "INFO-CACHE", "mymaster")[1][0][1]
                    .split("master_repl_offset:")[1].split()[0]) >= written,
            15, "%s knows what the master has" % daemon.name)
    pool.master.kill()
    pool.events.wait("-failover-abort-no-good-slave", limit_s=15)
    stays(lambda: behind.role() == "slave", 4, "it is not promoted")
    assert any("further behind than" in daemon.process.log_text()
               for daemon in pool.supervisors)
    set_option(pool, "max-lag-bytes", 0)
    wait_master_is(pool, behind)


def wait_priority(pool, replica, priority):
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.replica(replica.port).get(
            "slave-priority") == priority, 15, "%s knows the priority of %s"
            % (daemon.name, replica.name))


@case("priority 0 is never promoted", any_daemon=True)
def priority_zero(lab):
    pool = pool_with_users(lab, replicas=1,
                           more={"r1": "replica-priority 0\n"})
    never = pool.replicas[0]
    wait_priority(pool, never, "0")
    assert pool.supervisors[0].error(
        "SENTINEL", "FAILOVER", "mymaster").startswith("NOGOODSLAVE ")
    pool.master.kill()
    pool.events.wait("+odown")
    stays(lambda: never.role() == "slave", 3, "it stays a replica")
    pool.master.start()
    wait_until(lambda: pool.sees_all(pool.supervisors[0]), 20,
               "the old master serves again")


@case("a replica that restarted empty and never synced is not promoted")
def never_synced(lab):
    pool = pool_with_users(lab, replicas=1)
    replica = pool.replicas[0]
    write_more(pool.master)
    cut_from_data(pool, replica)
    replica.command("CONFIG", "REWRITE")  # so that it starts as a replica
    replica.kill()
    replica.remove_data()
    replica.start()
    assert replica.role() == "slave"
    pool.master.kill()
    pool.events.wait("+odown")
    stays(lambda: replica.role() == "slave", 4, "the empty one stays")
    assert not pool.events.find("+promoted-slave")


@case("a server with another history is not promoted, not even with a better "
      "priority")
def foreign_history(lab):
    pool = pool_with_users(lab, more={"r1": "replica-priority 1\n"})
    foreign, own = pool.replicas
    wait_priority(pool, foreign, "1")
    stranger = lab.redis("stranger", extra=extra_lines("m"))
    write_more(stranger, 200)
    foreign.follow(stranger.port)
    wait_until(lambda: foreign.follows(stranger.port), 10,
               "r1 has the stranger's data")
    pool.master.kill()
    assert chosen(pool) is own
    wait_master_is(pool, own)


@case("a replica that refuses the promotion is replaced by the next")
def refuses_promotion(lab):
    pool = lab.pool(server_extra={"r1": "replica-priority 1\n"})
    stubborn, willing = pool.replicas
    # What cannot be configured from outside is in its file: it follows the
    # master from the start, and knows no command to stop that.
    stubborn.process.stop()
    with open(stubborn.config, "a") as file:
        file.write("rename-command SLAVEOF \"\"\n"
                   "rename-command REPLICAOF \"\"\n"
                   "replicaof 127.0.0.1 %d\n" % pool.master.port)
    stubborn.start()
    pool.wait_following(pool.master, [stubborn])
    pool.wait_ready()
    wait_priority(pool, stubborn, "1")
    pool.master.kill()
    wait_master_is(pool, willing)
    assert stubborn.role() == "slave"
    assert not pool.events.find("+promoted-slave", str(stubborn.port))


@case("a replica whose user may not be promoted is replaced by the next")
def may_not_promote(lab):
    user = "user watcher on >secret ~* &* +@all\n"
    pool = lab.pool(
        group={"auth_user": "watcher", "auth_pass": "secret"},
        server_extra={"m": user, "r2": user,
                      "r1": user + "replica-priority 1\n"})
    first, second = pool.replicas
    wait_priority(pool, first, "1")
    first.command("ACL", "SETUSER", "watcher", "-slaveof", "-replicaof")
    pool.master.kill()
    wait_master_is(pool, second)
    assert first.role() == "slave"


@case("a hung replica is not chosen and delays nobody", any_daemon=True)
def hung_replica(lab):
    pool = pool_with_users(lab, more={"r1": "replica-priority 1\n"})
    hung, other = pool.replicas
    wait_priority(pool, hung, "1")
    hung.pause()
    pool.master.kill()
    wait_master_is(pool, other)
    hung.resume()
    pool.wait_following(other, [hung], 30)
