"""Settings of the daemon as a whole, and failures that an operator wants."""

import time

from harness.cases import case
from harness.resp import encode, fields
from harness.waiting import wait_until


def config(daemon):
    return fields(daemon.command("SENTINEL", "CONFIG", "GET", "*"))


@case("CONFIG SET is announced to the peers and survives kill -9")
def config_is_durable(lab):
    pool = lab.pool(supervisors=2, replicas=0, group={"quorum": 1})
    first, second = pool.supervisors
    assert config(first)["announce-ip"] == ""
    first.command("SENTINEL", "CONFIG", "SET", "announce-ip", "localhost",
                  "announce-port", first.port, "loglevel", "debug")
    wait_until(lambda: [row["ip"] for row in second.peers()] == ["localhost"],
               10, "the peer learns the new name",
               seen=lambda: second.peers())
    first.restart()
    now = config(first)
    assert (now["announce-ip"], now["announce-port"], now["loglevel"]) == (
        "localhost", str(first.port), "debug"), now
    assert first.error("SENTINEL", "CONFIG", "SET", "announce-port", 1,
                       "loglevel", "loud").startswith("ERR Invalid value")
    assert config(first) == now


def order_until_dead(daemon):
    try:
        with daemon.connect() as connection:
            connection.send(encode("SENTINEL", "FAILOVER", "mymaster"))
            time.sleep(0.5)
    except OSError:
        pass  # it is just ending
    return daemon.process.popen.poll() is not None


@case("SIMULATE-FAILURE ends the leader with status 99; another one finishes",
      any_daemon=True)
def simulated_failure(lab):
    pool = lab.pool(replicas=1)
    for moment in ("crash-after-election", "crash-after-promotion"):
        daemon = pool.supervisors[0]
        daemon.command("SENTINEL", "SIMULATE-FAILURE", moment)
        daemon.process.ended_by_us = True
        # one that was just started may not stand before its votes are over
        wait_until(lambda: order_until_dead(daemon), 30, "it is dead")
        assert daemon.process.popen.wait(20) == 99
        text = daemon.process.log_text()
        last = {"crash-after-election": "+elected-leader",
                "crash-after-promotion": "+promoted-slave"}[moment]
        assert last in text, text
        if moment == "crash-after-election":
            daemon.start()
            pool.wait_ready(60)


@case("DEBUG changes periods until the next start")
def debug_periods(lab):
    pool = lab.pool(supervisors=1, replicas=0, group={"quorum": 1})
    daemon = pool.supervisors[0]
    before = fields(daemon.command("SENTINEL", "DEBUG"))
    assert len(before) == 13 and before["INFO-PERIOD"] == "10000", before
    daemon.command("SENTINEL", "DEBUG", "default-down-after", 4321,
                   "PING-PERIOD", 50)
    daemon.command("SENTINEL", "MONITOR", "other", "127.0.0.1", 1, 1)
    assert daemon.master("other")["down-after-milliseconds"] == "4321"
    daemon.restart()
    assert fields(daemon.command("SENTINEL", "DEBUG")) == before


@case("GET says where a value comes from; at the start, what SET overrides")
def origin(lab):
    pool = lab.pool(supervisors=1, replicas=0,
                    group={"quorum": 1, "down_after_ms": 4000})
    daemon = pool.supervisors[0]

    def get():
        row = fields(daemon.command("SENTINEL", "GET", "mymaster",
                                    "down-after-*"))
        return fields(row["down-after-milliseconds"])

    assert get() == {"value": "4000", "origin": "file", "set-unix-ms": None}
    daemon.command("SENTINEL", "SET", "mymaster", "down-after-milliseconds",
                   3000)
    now = get()
    assert (now["value"], now["origin"]) == ("3000", "set"), now
    assert now["set-unix-ms"] > 1600000000000, now
    daemon.restart()
    assert get() == now
    sentence = ("mymaster: down-after-milliseconds is 3000 by SENTINEL SET, "
                "not 4000 as in the file")
    assert sentence in daemon.process.log_text(), daemon.process.log_text()
