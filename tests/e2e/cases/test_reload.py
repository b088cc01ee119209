"""SIGHUP: the configuration file is read again."""

import signal

from harness.cases import case
from harness.supervisors import SentineldFromRedisConf
from harness.waiting import wait_until


def write(daemon):
    """The file from the groups and extra lines that `daemon` has now."""
    with open(daemon.config, "w") as file:
        file.write(daemon.config_text())


def hangup(daemon, expected):
    """SIGHUP, and the log lines since; `expected` is in one of them."""
    before = len(daemon.process.log_text())
    daemon.process.signal(signal.SIGHUP)
    wait_until(lambda: expected in daemon.process.log_text()[before:], 10,
               "the log says: %s" % expected,
               seen=lambda: daemon.process.log_text()[before:])
    return daemon.process.log_text()[before:]


def reload(daemon, expected):
    write(daemon)
    return hangup(daemon, expected)


@case("groups come, change and go; what was set last holds, after kill -9 too")
def groups(lab):
    servers = [lab.redis(name) for name in ("a", "b", "c")]
    names = ("one", "two", "three")
    one, two, three = [lab.group(server.port, name=name, quorum=1)
                       for server, name in zip(servers, names)]
    daemon = lab.supervisor("s1", [one, two]).start()
    events = lab.events([daemon])
    hangup(daemon, "SIGHUP: the configuration has not changed")
    assert daemon.command("SENTINEL", "SET", "one", "quorum", "3") == "OK"
    assert daemon.command("SENTINEL", "SET", "one", "failover-timeout",
                          "7000") == "OK"
    one.quorum = 2
    daemon.groups = [one, three]
    log = reload(daemon, "group two is gone")
    assert "SIGHUP: group one: quorum: 1 -> 2" in log, log
    assert "SIGHUP: group three is new" in log, log
    events.wait("+monitor", "master three", daemon.name)
    events.wait("-monitor", "master two", daemon.name)

    def state():
        rows = {name: daemon.master(name) for name in ("one", "three")}
        assert daemon.error("SENTINEL", "MASTER", "two").startswith("ERR No")
        return (rows["one"]["quorum"], rows["one"]["failover-timeout"],
                rows["three"]["port"])
    expected = ("2", "7000", str(servers[2].port))
    assert state() == expected, state()
    daemon.restart()
    assert state() == expected, state()
    assert daemon.command("SENTINEL", "REMOVE", "three") == "OK"
    hangup(daemon, "SIGHUP: the configuration has not changed")
    assert daemon.error("SENTINEL", "MASTER", "three").startswith("ERR No")
    three.quorum = 2
    reload(daemon, "group three: quorum: 1 -> 2")
    wait_until(lambda: daemon.master("three")["flags"] == "master", 10,
               "it is watched again")


@case("a faulty file changes nothing, and says why")
def faulty(lab):
    server = lab.redis("m")
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)]).start()
    good = open(daemon.config).read()
    for text, reason in (
            (good + "nosuch = 1;\n", "unknown key nosuch"),
            (good.replace("quorum = 1", "quorum = -1"), "quorum is -1"),
            (good + "groups = (\n", ":"),
            (good + 'aclfile = "/not/there";\n', "/not/there"),
            (good.replace("quorum = 1", "quorum = 5") +
             'tls_servers = true; tls_ca_cert_file = "/not/there";\n',
             "/not/there")):
        with open(daemon.config, "w") as file:
            file.write(text)
        log = hangup(daemon, "stay what they were: ")
        assert reason in log, log
        assert daemon.master()["quorum"] == "1"
    with open(daemon.config, "w") as file:
        file.write(good.replace("quorum = 1", "quorum = 5"))
    hangup(daemon, "group mymaster: quorum: 1 -> 5")
    assert daemon.master()["quorum"] == "5"


@case("settings of the daemon; what needs a restart is a warning")
def settings(lab):
    server = lab.redis("m")
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            extra="max_clients = 10;").start()
    assert daemon.command("SENTINEL", "CONFIG", "SET", "announce-port",
                          "77") == "OK"
    daemon.extra = ('max_clients = 20; announce_host = "h.example"; '
                    'loglevel = "debug"; tls_port = 1; vote_lease_ms = 3000; '
                    'tls_cert_file = "c"; tls_key_file = "k"; '
                    'tls_auth_clients = "no"; deny_scripts_reconfig = false;')
    log = reload(daemon, "vote_lease_ms")
    for line in ("max_clients: 10 -> 20", 'announce_host: "" -> "h.example"',
                 'loglevel: "notice" -> "debug"',
                 "tls_port: 0 -> 1; it takes effect at the next start",
                 "vote_lease_ms: 2000 -> 3000; it takes effect at the next"):
        assert "SIGHUP: " + line in log, (line, log)
    assert daemon.command("SENTINEL", "CONFIG", "GET", "announce-*",
                          "loglevel") == [
        "announce-hostnames", "yes", "announce-ip", "h.example",
        "announce-port", "77", "loglevel", "debug"]
    assert "maxclients:20" in daemon.command("INFO", "clients")
    assert daemon.command("SENTINEL", "SET", "mymaster",
                          "notification-script", "/bin/true") == "OK"


def denied(daemon):
    return daemon.process.log_text().count(" wrong password\n")


@case("users and passwords of the file; a login that it changes is used")
def users(lab):
    server = lab.redis("m", password="pw")
    daemon = lab.supervisor(
        "s1", [lab.group(server.port, quorum=1, auth_pass="wrong")],
        extra='users = ( { name = "joe"; rules = "on >pw +ping"; }, '
        '{ name = "bob"; rules = "on nopass +ping"; } );').start()
    wait_until(lambda: denied(daemon) == 1, 10, "the password is wrong")
    assert daemon.command("ACL", "SETUSER", "joe", "+role") == "OK"
    assert daemon.command("ACL", "SETUSER", "eve", "on") == "OK"
    joe, bob = daemon.connect(), daemon.connect()
    assert joe.command("AUTH", "joe", "pw") == "OK"
    assert bob.command("AUTH", "bob", "x") == "OK"
    daemon.groups[0].auth_pass = "pw"
    daemon.extra = 'users = ( { name = "joe"; rules = "on >new +info"; } );'
    log = reload(daemon, "group mymaster: auth_pass: changed")
    assert "SIGHUP: users: changed" in log and ">new" not in log, log
    bob.read_until_closed()
    assert daemon.command("ACL", "USERS") == ["default", "eve", "joe"]
    rules = [line for line in daemon.command("ACL", "LIST")
             if line.startswith("user joe ")][0]
    assert "+info" in rules and "+ping" not in rules, rules
    wait_until(lambda: daemon.master()["flags"] == "master", 10,
               "the new password is used")
    assert daemon.command("SENTINEL", "SET", "mymaster", "auth-pass",
                          "other") == "OK"
    wait_until(lambda: denied(daemon) == 2, 10, "the other is wrong")
    daemon.groups[0].auth_user = "default"
    reload(daemon, "auth_user")
    daemon.restart()
    assert daemon.command("ACL", "USERS") == ["default", "eve", "joe"]
    wait_until(lambda: denied(daemon) == 3, 10,
               "the one that was set holds on")
    daemon.groups[0].auth_pass = "pw2"
    reload(daemon, "the login of the file holds again")
    daemon.groups[0].auth_pass = "pw"
    reload(daemon, "auth_pass: changed")
    wait_until(lambda: daemon.master()["flags"] == "master", 10,
               "the file's password is used")


@case("a sentinel.conf is read again, too")
def sentinel_conf(lab):
    server = lab.redis("m")
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            kind=SentineldFromRedisConf).start()
    daemon.extra = "sentinel rename-command mymaster config c\nhz 10\n"
    daemon.groups[0].failover_timeout_ms = 4321
    log = reload(daemon, 'rename_commands: [  ] -> [ "CONFIG c" ]')
    assert "hz has no effect here" in log, log
    assert daemon.master()["failover-timeout"] == "4321"
    daemon.extra = "sentinel monitor other nosuch\n"
    log = reload(daemon, "stay what they were: ")
    assert "Unrecognized sentinel configuration statement" in log, log
