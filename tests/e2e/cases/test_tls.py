"""TLS towards clients, servers and peers, with real servers and clients."""

import os
import ssl
import time

from harness.cases import case
from harness.certificates import Certificates
from harness.lab import Pool, redis_sentinel
from harness.resp import Connection, ask_once
from harness.supervisors import SentineldFromRedisConf
from harness.waiting import stays, wait_until

from .common import assert_leader_story, assert_no_failover
from .test_clients import library
from .test_config import run, write


class TlsPool(Pool):
    """A pool whose servers speak nothing but TLS, and whose supervisors reach
    each other by it. Their plain ports are for our questions."""

    def __init__(self, lab, certificates, programs=None, name="mymaster",
                 kind=None):
        self.lab = lab
        self.name = name
        self.proxy = None
        self.events = None
        self.master, *self.replicas = [
            lab.prepare_redis(each, tls=certificates)
            for each in ("m", "r1", "r2")]
        self.master_port = self.master.port
        options = {} if programs is None else {"down_after_ms": 2000}
        self.options = lab.group(self.master_port, name=name, **options)
        self.supervisors = [
            lab.supervisor("s%d" % number, [self.options], program=program,
                           tls=certificates, kind=kind)
            for number, program in enumerate(programs or [lab.program] * 3, 1)]


def assert_peers_by_tls(pool):
    """Everybody was told the others' TLS ports, and reaches them there."""
    for daemon in pool.supervisors:
        ports = {int(row["port"]) for row in daemon.peers()}
        assert ports == {other.tls_port for other in pool.supervisors
                         if other is not daemon}, ports


@case("TLS everywhere: discovery, a failover under writes, the old master")
def failover(lab):
    certificates = Certificates(lab)
    pool = TlsPool(lab, certificates).start()
    assert_peers_by_tls(pool)
    writer = lab.writer(pool.supervisors, tls=certificates.context())
    wait_until(writer.last_accepted_port, 5, "a write is accepted")
    pool.master.kill()
    new_master = pool.wait_switched(among=pool.replicas)
    assert_leader_story(pool)
    wait_until(lambda: writer.last_accepted_port() == new_master.port, 10,
               "the writer writes to the new master")
    pool.master.start()
    pool.wait_following(new_master, pool.others(new_master), 30)
    address = certificates.cli(pool.supervisors[0].tls_port, "SENTINEL",
                               "GET-MASTER-ADDR-BY-NAME", "mymaster")
    assert address.split() == ["127.0.0.1", str(new_master.port)], address


@case("TLS: python3-redis follows the master through a failover")
def python_redis(lab):
    redis = library()
    certificates = Certificates(lab)
    pool = TlsPool(lab, certificates).start()
    options = {"ssl": True, "ssl_ca_certs": certificates.ca,
               "ssl_certfile": certificates.cert,
               "ssl_keyfile": certificates.key, "socket_timeout": 1.0}
    sentinel = redis.sentinel.Sentinel(
        [("127.0.0.1", daemon.tls_port) for daemon in pool.supervisors],
        sentinel_kwargs=options, **options)
    assert sentinel.discover_master("mymaster") \
        == ("127.0.0.1", pool.master.port)
    master = sentinel.master_for("mymaster")
    master.set("a", "1")
    pool.master.kill()

    def write_again():
        try:
            return master.set("a", "2")
        except redis.RedisError:
            time.sleep(0.05)
            return False
    wait_until(write_again, 30, "the client writes to the new master")
    assert pool.wait_switched().command("GET", "a") == "2"


@case("one pool watches a group by TLS and another one without")
def mixed_groups(lab):
    certificates = Certificates(lab)
    secure = TlsPool(lab, certificates)
    plain = [lab.prepare_redis(name) for name in ("p", "q")]
    group = lab.group(plain[0].port, name="plain", tls=False)
    for daemon in secure.supervisors:
        daemon.groups.append(group)
        daemon.write_config()
    for server in plain:
        server.start()
    plain[1].follow(plain[0].port)
    secure.start()
    for daemon in secure.supervisors:
        wait_until(lambda d=daemon: d.replica(plain[1].port, "plain")
                   .get("master-link-status") == "ok", 20,
                   "%s sees the plain replica" % daemon.name)
    plain[0].kill()
    secure.master.kill()
    secure.wait_switched(among=secure.replicas)
    for daemon in secure.supervisors:
        wait_until(lambda d=daemon: d.master_port("plain") == plain[1].port,
                   20, "%s names the plain replica" % daemon.name)


@case("TLS: two redis-sentinels and a sentineld, a failover")
def with_redis_sentinel(lab):
    certificates = Certificates(lab)
    theirs = redis_sentinel()
    pool = TlsPool(lab, certificates,
                   programs=[lab.program, theirs, theirs]).start()
    assert_peers_by_tls(pool)
    pool.master.kill()
    pool.wait_switched(among=pool.replicas, limit_s=40)


@case("a sentinel.conf with tls- directives and port 0")
def sentinel_conf(lab):
    certificates = Certificates(lab)
    server = lab.redis("m", tls=certificates)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            kind=SentineldFromRedisConf, tls=certificates,
                            extra="port 0\ntls-auth-clients optional\n")
    daemon.process.start()
    wait_until(lambda: certificates.cli(daemon.tls_port, "PING") == "PONG", 10,
               "it answers by TLS")
    assert ask_once(daemon.port, "PING") is None
    wait_until(lambda: "\nmaster\n" in certificates.cli(
        daemon.tls_port, "SENTINEL", "MASTER", "mymaster"), 10,
        "the master is well")
    anonymous = ssl.create_default_context(cafile=certificates.ca)
    with Connection(daemon.tls_port, tls=anonymous) as connection:
        assert connection.command("PING") == "PONG"


def serial_shown(daemon, certificates):
    """Which certificate the daemon shows a new client."""
    with Connection(daemon.tls_port, tls=certificates.context()) as connection:
        assert connection.command("PING") == "PONG"
        return connection.socket.getpeercert()["serialNumber"]


def our_connections(server):
    """Ids of the supervisors' connections to a server."""
    return {line.split()[0] for line in
            server.command("CLIENT", "LIST").splitlines()
            if "name=sentinel" in line}


@case("SIGHUP: new certificates for new connections, no link is dropped")
def reload(lab):
    certificates = Certificates(lab)
    server = lab.redis("m", tls=certificates)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            tls=certificates).start()
    wait_until(lambda: len(our_connections(server)) == 2, 10,
               "both links are up")
    links = our_connections(server)
    first = serial_shown(daemon, certificates)
    with Connection(daemon.tls_port, tls=certificates.context()) as old:
        certificates.issue()
        daemon.process.signal(1)
        wait_until(lambda: serial_shown(daemon, certificates) != first, 5,
                   "the new certificate is shown")
        assert old.command("PING") == "PONG"
        assert our_connections(server) == links
        second = serial_shown(daemon, certificates)
        os.truncate(certificates.cert, 0)
        daemon.process.signal(1)
        wait_until(lambda: "stay what they were" in daemon.process.log_text(),
                   5, "the log says that the file is bad")
        certificates.issue()
        assert serial_shown(daemon, certificates) == second
        assert old.command("PING") == "PONG"
    assert our_connections(server) == links


@case("servers of another CA: an alarm, with the reason once in the log; no "
      "death, until they fall silent")
def wrong_ca(lab):
    ours, theirs = Certificates(lab), Certificates(lab, "theirs")
    server = lab.redis("m", tls=theirs)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1,
                                             down_after_ms=500)],
                            tls=ours).start()
    wait_until(lambda: daemon.master().get("trouble") == "TLS failed", 10,
               "the row says why")
    reason = "127.0.0.1:%d: TLS failed: its certificate is not accepted" \
        % server.port
    stays(lambda: "s_down" not in daemon.master()["flags"], 3,
          "it lives, and says so")
    log = daemon.process.log_text()
    assert log.count(reason) == 1, log
    assert log.count("+access-denied master mymaster 127.0.0.1 %d TLS failed"
                     % server.port) == 1, log
    server.pause()
    wait_until(lambda: "s_down" in daemon.master()["flags"], 10,
               "a server that hangs is down")


@case("a master with a wrong certificate that serves its clients: no failover")
def no_failover_for_a_certificate(lab):
    certificates, theirs = Certificates(lab), Certificates(lab, "theirs")
    pool = TlsPool(lab, certificates).start()
    for daemon in pool.supervisors:
        daemon.command("SENTINEL", "SET", "mymaster", "detection", "ping")
    with pool.master.connect() as client:
        client.command("CONFIG", "SET", "tls-cert-file", theirs.cert,
                       "tls-key-file", theirs.key)
        client.command("CLIENT", "KILL", "TYPE", "normal")
        client.command("CLIENT", "KILL", "TYPE", "pubsub")
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.master().get("trouble") == "TLS failed",
                   10, "%s sees it" % daemon.name)
    stays(lambda: not pool.events.find("+sdown"), 5,
          "nobody takes that for a death")
    assert_no_failover(pool)


@case("TLS wanted of a plain server, and not wanted of a TLS one")
def wrong_kind(lab):
    certificates = Certificates(lab)
    plain = lab.redis("plain")
    secure = lab.redis("secure", tls=certificates)
    daemon = lab.supervisor(
        "s1", [lab.group(plain.port, name="a", quorum=1),
               lab.group(secure.port, name="b", quorum=1, tls=False)],
        tls=certificates).start()
    # Redis waits for the end of a line that the handshake does not have, and
    # hangs up, without a word, on who does not begin with a handshake.
    for name, trouble in (("a", "timed out"), ("b", "reset")):
        wait_until(lambda n=name: "s_down" in daemon.master(n)["flags"], 10,
                   "%s counts as down" % name)
        wait_until(lambda n=name, t=trouble:
                   daemon.master(n).get("trouble") == t, 10,
                   "%s: %s" % (name, trouble),
                   seen=lambda n=name: daemon.master(n))
    reason = ("127.0.0.1:%d: TLS failed: it accepts the connection but does "
              "not answer" % plain.port)
    wait_until(lambda: reason in daemon.process.log_text(), 10,
               "the log tells what the silence was")


@case("clients that do it wrong: turned away, told why in the log, once")
def wrong_clients(lab):
    certificates, others = Certificates(lab), Certificates(lab, "others")
    server = lab.redis("m", tls=certificates)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            tls=certificates).start()
    others.ca = certificates.ca  # trusts us, but is not trusted
    try:
        with Connection(daemon.tls_port, tls=others.context()) as connection:
            connection.command("PING")
        raise AssertionError("a stranger was served")
    except (OSError, ConnectionError):
        pass
    assert ask_once(daemon.tls_port, "PING") is None
    log = daemon.process.log_text()
    assert log.count("TLS failed") == 1, log  # one address, one minute
    assert "its certificate is not accepted" in log, log
    assert serial_shown(daemon, certificates)


@case("a client that never shakes hands is closed after ten seconds",
      long=True)
def silent_client(lab):
    certificates = Certificates(lab)
    server = lab.redis("m", tls=certificates)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            tls=certificates).start()
    began = time.monotonic()
    with Connection(daemon.tls_port, limit_s=15) as connection:
        assert connection.read_until_closed(15) == b""
    assert 9 < time.monotonic() - began < 14


@case("bad TLS files: no start, and --check names file and fault")
def bad_files(lab):
    certificates, others = Certificates(lab), Certificates(lab, "others")
    complaints = []
    good = 'port = 0; dir = "%s"; %s' % (
        lab.directory, certificates.native_lines(12345))
    rows = [
        (good, certificates.cert, "/nonexistent.pem",
         "/nonexistent.pem: No such file"),
        (good, certificates.key, others.key,
         "%s: it does not belong to the certificate %s"
         % (others.key, certificates.cert)),
        (good, certificates.ca, certificates.key,
         "%s: there is none in PEM form" % certificates.key),
    ]
    done = run(lab, "-c", write(lab, good), "--check")
    assert done.returncode == 0 and "TLS port 12345" in done.stdout, done
    for text, old, new, words in rows:
        path = write(lab, text.replace(old, new, 1))
        for more in ([], ["--check"]):
            done = run(lab, "-c", path, *more)
            if done.returncode != 1 or words not in done.stderr:
                complaints.append("%s: %d %r" % (words, done.returncode,
                                                 done.stderr))
    assert not complaints, "\n".join(complaints)
