"""Hellos beyond every limit: a few lines in the log, the daemon answers, and
nobody is a supervisor because he says so."""

import os
import time

from harness.cases import case
from harness.resp import encode

from .crowd import PingWatch

GROUPS = 6  # of 64 supervisors each: more than the daemon knows in all
HELLOS = 20000
LOG_BYTES_MAX = 200 * 1024


def hello(number, servers):
    group = number % GROUPS
    return encode(
        "PUBLISH", "__sentinel__:hello",
        "127.%d.%d.1,26379,%040x,0,g%d,127.0.0.1,%d,0"
        % (number // 200 % 200 + 1, number % 200, number + 1, group,
           servers[group].port))


@case("twenty thousand hellos of strangers: few lines of each kind",
      limit_s=180, alone=True)
def hellos_over_the_limit(lab):
    servers = [lab.redis("m%d" % i) for i in range(GROUPS)]
    daemon = lab.supervisor("s1", [
        lab.group(server.port, name="g%d" % i, quorum=1)
        for i, server in enumerate(servers)]).start()
    time.sleep(1.0)
    log = os.path.join(daemon.directory, "log")
    before = os.path.getsize(log)
    with PingWatch(daemon) as watch, servers[0].connect(30.0) as connection:
        for start in range(0, HELLOS, 500):
            connection.send(b"".join(
                hello(number, servers)
                for number in range(start, start + 500)))
            for _ in range(500):
                connection.read()
        time.sleep(8.0)
    grown = os.path.getsize(log) - before
    print("log grown by %.1f kB, worst PING %.1f ms"
          % (grown / 1024, watch.worst_s * 1000))
    watch.assert_below(1.0)
    assert daemon.command("PING") == "PONG"
    for group in range(GROUPS):
        assert daemon.peers("g%d" % group) == []
    assert "counts for nothing" in daemon.process.log_text()
    assert grown < LOG_BYTES_MAX, grown
