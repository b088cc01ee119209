"""What must not lead to a failover: refused logins, missing quorum, missing
majority, a pool that is larger than what can be seen."""

from harness.cases import case
from harness.resp import encode, fields
from harness.waiting import stays, wait_until

from .common import assert_no_failover


@case("a wrong password is an alarm, never a death")
def wrong_password(lab):
    pool = lab.pool(password="right", group={"auth_pass": "right"})
    change_passwords(pool, "right", "other")
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: "password" in d.process.log_text(), 10,
                   "%s says that the password is wrong" % daemon.name)
    stays(lambda: not pool.events.find("+sdown", "master mymaster"), 2.5,
          "the master is not down")
    assert_no_failover(pool)
    change_passwords(pool, "other", "right")
    pool.wait_ready()
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)


def change_passwords(pool, old, new):
    """Of all servers; whoever is connected has to log in again."""
    for server in pool.servers:
        server.password = old
        server.command("CONFIG", "SET", "requirepass", new)
        server.password = new
        server.command("CONFIG", "SET", "masterauth", new)
        server.command("CLIENT", "KILL", "TYPE", "normal")
        server.command("CLIENT", "KILL", "TYPE", "pubsub")


@case("a user who may not PING is an alarm, never a death")
def missing_permission(lab):
    user = "user watcher on >secret ~* &* +@all\n"
    pool = lab.pool(group={"auth_user": "watcher", "auth_pass": "secret"},
                    server_extra={name: user for name in ("m", "r1", "r2")})
    pool.master.command("ACL", "SETUSER", "watcher", "-ping", "-info")
    stays(lambda: not pool.events.find("+sdown", "master mymaster"), 2.5,
          "the master is not down")
    assert_no_failover(pool)


RIGHTS = ("user watcher on >secret allchannels +multi +exec +slaveof +role "
          "+ping +info +publish +subscribe +config|rewrite +client|setname "
          "+client|kill +client|pause +client|unpause +script|kill\n")


@case("a right that a failover will need is missed before it is needed")
def missed_in_time(lab):
    pool = lab.pool(group={"auth_user": "watcher", "auth_pass": "secret"},
                    server_extra={
                        "m": RIGHTS.replace("+client|pause ", ""),
                        "r1": RIGHTS.replace("+slaveof ", ""),
                        "r2": RIGHTS})
    first, second = pool.replicas
    for daemon in pool.supervisors:
        pool.events.wait("+access-denied", "CLIENT PAUSE is refused",
                         daemon.name)
        pool.events.wait("+access-denied", "SLAVEOF is refused", daemon.name)
    told = [event.payload for event in pool.events.find("+access-denied")]
    assert not [each for each in told if ":%d" % second.port in each.split(
        "@")[0]], told
    row = fields(pool.supervisors[0].command("SENTINEL", "MASTER", "mymaster"))
    assert row["refused-commands"] == "client-pause", row
    for server in pool.servers:  # nothing was done to any of them
        done = server.info("commandstats")
        for command in ("config|rewrite", "client|pause", "client|kill",
                        "slaveof"):
            assert done.get("cmdstat_" + command, "calls=0,").startswith(
                "calls=0,"), (server.port, command, done)
    first.command("ACL", "SETUSER", "watcher", "+slaveof")
    first.command("CLIENT", "KILL", "TYPE", "normal")
    pool.events.wait("-access-denied", "SLAVEOF is refused",
                     pool.supervisors[0].name)


@case("quorum not reached: no failover", any_daemon=True)
def no_quorum(lab):
    pool = lab.pool(group={"quorum": 3})
    pool.supervisors[2].kill()
    pool.master.kill()
    for daemon in pool.supervisors[:2]:
        pool.events.wait("+sdown", "master mymaster", daemon.name)
    stays(lambda: not pool.events.find("+odown"), 2.5, "it is not o_down")
    assert_no_failover(pool)
    error = pool.supervisors[0].error("SENTINEL", "CKQUORUM", "mymaster")
    assert error == (
        "NOQUORUM 2 usable Sentinels. Not enough available Sentinels to reach "
        "the specified quorum for this master"), error


@case("quorum without majority: no failover until one more is back",
      any_daemon=True)
def no_majority(lab):
    pool = lab.pool(group={"quorum": 1, "failover_timeout_ms": 1000})
    pool.supervisors[1].kill()
    pool.supervisors[2].kill()
    pool.master.kill()
    alone = pool.supervisors[0]
    pool.events.wait("+odown", "", alone.name)
    stays(lambda: alone.master_port() == pool.master_port, 3, "it is alone")
    assert not pool.events.find("+elected-leader")
    for server in pool.replicas:
        assert server.role() == "slave"
    pool.supervisors[1].start()
    pool.wait_switched(30, pool.replicas, pool.supervisors[:2])


@case("pool_size: supervisors that were never seen count for the majority")
def pool_size_counts(lab):
    pool = lab.pool(supervisors=1, group={"quorum": 1, "pool_size": 3})
    pool.master.kill()
    pool.events.wait("+odown")
    stays(lambda: pool.supervisors[0].master_port() == pool.master_port, 3,
          "one of three decides nothing")
    assert not pool.events.find("+elected-leader")
    assert all(each.role() == "slave" for each in pool.replicas)
    pool.master.start()
    pool.wait_ready()


@case("more supervisors than pool_size: one stays out, and that is said")
def pool_is_larger(lab):
    pool = lab.pool(supervisors=2, replicas=1, group={"pool_size": 2})
    third = lab.supervisor(
        "s3", [lab.group(pool.master.port, pool_size=2)])
    third.start()
    for daemon in pool.supervisors + [third]:
        wait_until(lambda d=daemon: "+pool-size-exceeded"
                   in d.process.log_text(), 15,
                   "%s says that there are too many" % daemon.name)
    for daemon, other in zip(pool.supervisors, reversed(pool.supervisors)):
        assert [row["port"] for row in daemon.peers()] == [str(other.port)]


@case("what kind of failure it is, is said")
def kinds_of_failure(lab):
    pool = lab.pool(replicas=1, supervisors=1, via_proxy=True,
                    group={"quorum": 1, "pool_size": 3})
    daemon = pool.supervisors[0]

    def said(word, since):
        lines = daemon.process.log_text().splitlines()[since:]
        return [line for line in lines
                if "subjectively down" in line and word in line]

    def position():
        return len(daemon.process.log_text().splitlines())

    def recover():
        pool.proxy.pass_all()
        pool.master.resume()
        wait_until(lambda: daemon.master()["flags"] == "master", 20,
                   "the master is well again", seen=daemon.master)
        return position()
    since = position()
    pool.master.pause()
    wait_until(lambda: said("no acceptable reply", since), 10, "silence")
    since = recover()
    pool.proxy.black_hole()
    wait_until(lambda: said("timed out", since), 10, "timed out")
    since = recover()
    pool.proxy.reset_all()
    wait_until(lambda: said("reset", since) or said("closed", since), 10,
               "reset")
    since = recover()
    pool.proxy.close()
    wait_until(lambda: said("refused", since), 10, "refused")


@case("a busy or loading master is alive", any_daemon=True)
def busy_script(lab):
    pool = lab.pool(group={"down_after_ms": 3000},
                    server_extra={"m": "lua-time-limit 100\n"})
    connection = pool.master.connect()
    connection.send(b"EVAL 'local t = redis.call(\"TIME\")[1] while "
                    b"redis.call(\"TIME\")[1] - t < 2 do end' 0\r\n")
    stays(lambda: not pool.events.find("+odown"), 3.5, "it is only busy")
    connection.close()
    assert_no_failover(pool)


@case("a restarted master that loads for too long is replaced, if told so")
def restarted_and_loading(lab):
    pool = lab.pool(server_extra={
        "m": "loading-process-events-interval-bytes 1024\n"
             "key-load-delay 1000\n"})
    pool.master.write_confirmed("k", "v", 2)
    with pool.master.connect() as connection:
        count = 10000  # ten seconds of loading
        connection.send(b"".join(encode("SET", "k%d" % i, "x" * 100)
                                 for i in range(count)))
        for _ in range(count):
            connection.read()
        assert connection.command("WAIT", 2, 4000) == 2
        connection.command("SAVE")
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", "mymaster",
                       "master-reboot-down-after-period", 1500)
    pool.master.kill()
    pool.master.process.start()
    pool.events.wait("+reboot", "master mymaster 127.0.0.1 %d"
                     % pool.master.port)
    daemon = pool.supervisors[0]
    wait_until(lambda: "master_reboot" in daemon.master()["flags"].split(","),
               5, "the flags say so", seen=daemon.master)
    assert not pool.events.find("+sdown", "master mymaster")
    pool.wait_switched(among=pool.replicas)
