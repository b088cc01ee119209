"""Clients as people use them: redis-cli and python3-redis."""

import subprocess
import time

from harness.cases import case
from harness.lab import Skipped
from harness.waiting import wait_until

from .common import wait_replica_well


def library():
    try:
        import redis
        import redis.sentinel
    except ImportError:
        raise Skipped("python3-redis is not installed")
    return redis


@case("python3-redis: discovery and writes through a failover",
      any_daemon=True)
def python_redis(lab):
    redis = library()
    pool = lab.pool()
    sentinel = redis.sentinel.Sentinel(
        [("127.0.0.1", daemon.port) for daemon in pool.supervisors],
        socket_timeout=1.0, min_other_sentinels=2)
    assert sentinel.discover_master("mymaster") \
        == ("127.0.0.1", pool.master.port)
    assert sorted(sentinel.discover_slaves("mymaster")) \
        == sorted(("127.0.0.1", each.port) for each in pool.replicas)
    master = sentinel.master_for("mymaster")
    replica = sentinel.slave_for("mymaster")
    master.set("a", "1")
    wait_until(lambda: replica.get("a") == b"1", 5, "a replica has it")
    pool.master.kill()

    def write():
        try:
            return master.set("a", "2")
        except redis.RedisError:
            time.sleep(0.05)
            return False
    wait_until(write, 30, "the client writes to the new master")
    new_master = pool.wait_switched()
    assert sentinel.discover_master("mymaster") \
        == ("127.0.0.1", new_master.port)
    assert new_master.command("GET", "a") == "2"
    pool.master.start()
    pool.wait_following(new_master, [pool.master], 30)
    wait_replica_well(pool, pool.master_port, 30)
    assert ("127.0.0.1", pool.master_port) \
        in sentinel.discover_slaves("mymaster")


@case("python3-redis: unknown names and typed sentinel commands",
      any_daemon=True)
def python_redis_commands(lab):
    redis = library()
    pool = lab.pool(replicas=1)
    sentinel = redis.sentinel.Sentinel([("127.0.0.1",
                                         pool.supervisors[0].port)])
    try:
        sentinel.discover_master("nobody")
        raise AssertionError("an unknown name was found")
    except redis.sentinel.MasterNotFoundError:
        pass
    client = redis.Redis(port=pool.supervisors[0].port)
    assert client.ping()
    assert client.sentinel_get_master_addr_by_name("mymaster") \
        == (b"127.0.0.1", pool.master.port)
    row = client.sentinel_master("mymaster")
    assert row["is_master"] and not row["is_sdown"] and row["num-slaves"] == 1
    assert client.sentinel_slaves("mymaster")[0]["is_slave"]
    assert len(client.sentinel_sentinels("mymaster")) == 2
    assert "sentinel_masters" in client.info()
    events = client.pubsub(ignore_subscribe_messages=True)
    events.psubscribe("*")
    events.get_message(timeout=1)
    client.sentinel_set("mymaster", "quorum", 1)

    def told():
        message = events.get_message(timeout=0.1)
        return message and message["channel"] == b"+set"
    wait_until(told, 5, "the event arrives")


def redis_cli(daemon, *words, stdin=None):
    done = subprocess.run(
        ["redis-cli", "-p", str(daemon.port), *words], input=stdin,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
        universal_newlines=True)
    return done.stdout


@case("redis-cli: one command, many from a pipe, INFO", any_daemon=True)
def cli(lab):
    pool = lab.pool(replicas=1, supervisors=2)
    daemon = pool.supervisors[0]
    assert redis_cli(daemon, "PING") == "PONG\n"
    address = redis_cli(daemon, "SENTINEL", "get-master-addr-by-name",
                        "mymaster")
    assert address == "127.0.0.1\n%d\n" % pool.master.port
    assert "num-other-sentinels\n1\n" in redis_cli(
        daemon, "SENTINEL", "MASTERS")
    assert redis_cli(daemon, "SENTINEL", "MASTER", "nobody").startswith(
        "ERR No such master")
    assert "redis_mode:sentinel" in redis_cli(daemon, "INFO")
    several = redis_cli(daemon, stdin="PING\nsentinel ckquorum mymaster\n"
                        "SENTINEL myid\n")
    lines = several.split("\n")
    assert lines[0] == "PONG" and lines[1].startswith("OK 2 usable"), several
    assert lines[2] == daemon.my_id()
