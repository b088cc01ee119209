"""Tools that people have around Sentinel, used as they are used there."""

import os
import re
import shutil
import urllib.request

from harness.cases import case
from harness.lab import Skipped
from harness.ports import free_port
from harness.processes import Process
from harness.waiting import wait_until


def program(name):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        raise Skipped("%s is not installed" % name)
    return path


def run(lab, name, *argv):
    """A tool that goes on until the case is over."""
    thing = Thing(name, Process(name, list(argv),
                                os.path.join(lab.directory, name + ".log")))
    lab.things.append(thing)
    thing.process.start()
    return thing


class Thing:
    def __init__(self, name, process):
        self.name, self.process, self.port = name, process, 0


MASTER_LINE = re.compile(
    r"master(\d+):name=([^,]+),status=(ok|sdown|odown),"
    r"address=([0-9.]+):(\d+),slaves=(\d+),sentinels=(\d+)")


def check_sentinel(text):
    """What monitoring plugins make of INFO sentinel: a state and a reason."""
    fields = dict(line.split(":", 1) for line in text.split("\r\n")
                  if ":" in line and not line.startswith("#"))
    rows = [MASTER_LINE.fullmatch(line) for line in text.split("\r\n")
            if re.match(r"master\d+:", line)]
    assert len(rows) == int(fields["sentinel_masters"]) and all(rows), text
    if fields["sentinel_tilt"] != "0":
        return "WARNING", "tilt"
    for row in rows:
        if row[3] != "ok":
            return "CRITICAL", "%s is %s" % (row[2], row[3])
        if int(row[7]) < 3 or int(row[6]) == 0:
            return "WARNING", "too few"
    return "OK", ""


@case("a monitoring check that reads INFO sentinel", any_daemon=True)
def monitoring(lab):
    pool = lab.pool()

    def states():
        return [check_sentinel(d.command("INFO", "sentinel"))[0]
                for d in pool.supervisors]
    wait_until(lambda: states() == ["OK"] * 3, 20, "all is well")
    for server in pool.servers:
        server.kill()
    wait_until(lambda: states() == ["CRITICAL"] * 3, 30, "nothing is")


HAPROXY = """\
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
backend sentinels
  option tcp-check
  tcp-check connect
  tcp-check send PING\\r\\n
  tcp-check expect string +PONG
  tcp-check send SENTINEL\\ MASTER\\ mymaster\\r\\n
  tcp-check expect string mymaster
  tcp-check send SENTINEL\\ GET-MASTER-ADDR-BY-NAME\\ mymaster\\r\\n
  tcp-check expect rstring \\*2\\r\\n\\$[0-9]+\\r\\n127.0.0.1\\r\\n
  tcp-check send QUIT\\r\\n
  tcp-check expect string +OK
%(sentinels)s
frontend redis
  bind 127.0.0.1:%(port)d
  default_backend master
backend master
%(backends)s
"""

def haproxy_conf(pool, port, stats):
    sentinels = "".join(
        "  server %s 127.0.0.1:%d check inter 100 rise 1 fall 1\n"
        % (daemon.name, daemon.port) for daemon in pool.supervisors)
    text = HAPROXY % {"sentinels": sentinels, "port": port, "backends":
                      "  option tcp-check\n  tcp-check connect\n"
                      "  tcp-check send PING\\r\\n\n"
                      "  tcp-check expect string +PONG\n"
                      "  tcp-check send info\\ replication\\r\\n\n"
                      "  tcp-check expect string role:master\n" +
                      "".join("  server %s 127.0.0.1:%d check inter 100 rise "
                              "1 fall 1\n" % (server.name, server.port)
                              for server in pool.servers)}
    return text + ("listen stats\n  mode http\n  bind 127.0.0.1:%d\n"
                   "  stats enable\n  stats uri /\n" % stats)


@case("HAProxy's tcp-check of supervisors, and the master behind it")
def haproxy(lab):
    path = program("haproxy")
    pool = lab.pool()
    port, stats = free_port(), free_port()
    conf = os.path.join(lab.directory, "haproxy.cfg")
    with open(conf, "w") as file:
        file.write(haproxy_conf(pool, port, stats))
    run(lab, "haproxy", path, "-db", "-f", conf)

    def status(backend):
        with urllib.request.urlopen("http://127.0.0.1:%d/;csv" % stats,
                                    timeout=5) as answer:
            rows = [line.split(",") for line in
                    answer.read().decode().splitlines()]
        return {row[1]: row[17].split()[0] for row in rows
                if row[0] == backend and row[1] not in ("BACKEND", "FRONTEND")}

    def up(backend):
        try:
            return sorted(name for name, state in status(backend).items()
                          if state == "UP")
        except OSError:
            return None
    names = sorted(daemon.name for daemon in pool.supervisors)
    wait_until(lambda: up("sentinels") == names, 20, "all checks pass",
               seen=lambda: status("sentinels"))
    wait_until(lambda: up("master") == [pool.master.name], 20,
               "the master serves")
    pool.supervisors[0].process.pause()
    wait_until(lambda: up("sentinels") == names[1:], 20, "one hangs")
    pool.supervisors[0].process.resume()
    pool.master.kill()
    master = pool.wait_switched(among=pool.replicas)
    wait_until(lambda: up("master") == [master.name], 20,
               "HAProxy sends clients to the new master")
    wait_until(lambda: up("sentinels") == names, 20, "all checks pass")


@case("prometheus-redis-exporter reads a supervisor")
def exporter(lab):
    path = program("prometheus-redis-exporter")
    pool = lab.pool()
    daemon = pool.supervisors[0]
    port = free_port()
    run(lab, "exporter", path, "-web.listen-address", "127.0.0.1:%d" % port,
        "-redis.addr", "redis://127.0.0.1:%d" % daemon.port)

    def metrics():
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port,
                                        timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""
    text = wait_until(lambda: "redis_up 1" in metrics() and metrics(), 20,
                      "the exporter can read it")
    for line in ("redis_sentinel_masters 1",
                 'redis_sentinel_master_status{master_address="127.0.0.1:%d",'
                 'master_name="mymaster",master_status="ok"} 1'
                 % pool.master.port,
                 'redis_sentinel_master_slaves{master_address="127.0.0.1:%d",'
                 'master_name="mymaster"} 2' % pool.master.port,
                 'redis_sentinel_master_sentinels{master_address='
                 '"127.0.0.1:%d",master_name="mymaster"} 3'
                 % pool.master.port,
                 "redis_sentinel_tilt 0"):
        assert line in text, "%s is not in\n%s" % (line, text)
    assert "redis_exporter_last_scrape_error{err=\"\"} 0" in text, text
