"""Passwords and users on the supervisors' own port, towards clients and among
each other."""

import subprocess

from harness.cases import case
from harness.waiting import wait_until

from .common import assert_no_failover
from .test_clients import library

PEER = ("on >%s resetchannels &__sentinel__:hello +client|setname +ping"
        " +publish +sentinel")
APP = ("on >apppw resetchannels &* +client +ping +subscribe +psubscribe"
       " +sentinel|get-master-addr-by-name +sentinel|masters"
       " +sentinel|master +sentinel|replicas +sentinel|slaves"
       " +sentinel|sentinels")
USERS = """users = (
  { name = "default"; rules = "off"; },
  { name = "admin"; rules = "on >adminpw ~* &* +@all"; },
  { name = "peer"; rules = "%s"; },
  { name = "app"; rules = "%s"; }
);
sentinel_user = "peer";
sentinel_pass = "%s";
""" % (PEER % "peerpw", APP, "peerpw")


@case("one password for everybody: a pool with requirepass fails over")
def one_password(lab):
    pool = lab.pool(extra='requirepass = "one-for-all";', login=("AUTH", "one-for-all"))
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)
    for daemon in pool.supervisors:
        assert "one-for-all" not in daemon.process.log_text()


def cli(daemon, *words):
    result = subprocess.run(
        ["redis-cli", "-p", str(daemon.port), "--user", "app", "--pass",
         "apppw", "--no-auth-warning", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=10, check=False)
    return result.stdout.split("\n")


@case("users with rules: peers, applications and an operator")
def users(lab):
    pool = lab.pool(extra=USERS, login=("AUTH", "admin", "adminpw"))
    daemon = pool.supervisors[0]
    assert cli(daemon, "sentinel", "get-master-addr-by-name",
               "mymaster")[:2] == ["127.0.0.1", str(pool.master.port)]
    assert cli(daemon, "sentinel", "failover", "mymaster")[0] == (
        "NOPERM User app has no permissions to run the 'sentinel|failover' "
        "command")
    pool.master.kill()
    new_master = pool.wait_switched(among=pool.replicas)
    log = daemon.command("ACL", "LOG")
    assert ["sentinel|failover"] == [
        dict(zip(row[::2], row[1::2]))["object"] for row in log]
    redis = library()
    sentinel = redis.sentinel.Sentinel(
        [("127.0.0.1", each.port) for each in pool.supervisors],
        sentinel_kwargs={"username": "app", "password": "apppw"},
        socket_timeout=1.0, min_other_sentinels=2)
    assert sentinel.discover_master("mymaster") == ("127.0.0.1",
                                                    new_master.port)
    assert sentinel.master_for("mymaster").set("a", "1")


@case("a peers' password is rotated without a failover, and survives kill -9")
def rotate(lab):
    pool = lab.pool(extra=USERS, login=("AUTH", "admin", "adminpw"))
    for daemon in pool.supervisors:
        daemon.command("ACL", "SETUSER", "peer", ">newpw")
    for daemon in pool.supervisors:
        assert daemon.command("SENTINEL", "CONFIG", "SET", "sentinel-pass",
                              "newpw") == "OK"
        assert daemon.command("SENTINEL", "CONFIG", "GET", "sentinel-*") == [
            "sentinel-user", "peer", "sentinel-pass", "******"]
        pool.wait_ready()
    for daemon in pool.supervisors:
        daemon.command("ACL", "SETUSER", "peer", "<peerpw")
        rules = [line for line in daemon.command("ACL", "LIST")
                 if line.startswith("user peer ")][0]
        assert rules.count("#") == 1, rules
        daemon.restart()
        assert rules in daemon.command("ACL", "LIST")
        pool.wait_ready()
    assert_no_failover(pool)


@case("an access list file: loaded as a whole, saved, loaded again")
def access_list_file(lab):
    daemon = lab.supervisor("s1", [], extra='aclfile = "%s/users.acl";\n'
                            % lab.directory, login=None)
    path = "%s/users.acl" % lab.directory
    with open(path, "w") as file:
        file.write("user joe on >pw +ping\n")
    daemon.start()
    assert daemon.command("ACL", "USERS") == ["default", "joe"]
    with open(path, "w") as file:
        file.write("user joe on\nuser bob +nosuch\n")
    error = daemon.error("ACL", "LOAD")
    assert error == (
        "ERR %s:2: Error in applying operation '+nosuch': Unknown command or "
        "category name in ACL. WARNING: ACL errors detected, no change to the "
        "previously active ACL rules was performed" % path), error
    assert daemon.command("ACL", "USERS") == ["default", "joe"]
    assert daemon.command("ACL", "SETUSER", "bob", "on") == "OK"
    assert daemon.command("ACL", "SAVE") == "OK"
    with open(path) as file:
        assert [line.split()[1] for line in file] == ["bob", "default", "joe"]
    with open(path, "w") as file:
        file.write("user default on nopass ~* &* +@all\n")
    joe = daemon.connect()
    assert joe.command("AUTH", "joe", "pw") == "OK"
    assert daemon.command("ACL", "LOAD") == "OK"
    joe.read_until_closed()
    assert daemon.command("ACL", "USERS") == ["default"]
    daemon.restart()
    wait_until(lambda: daemon.command("ACL", "USERS") == ["default"], 5,
               "the file holds")


@case("the servers' password is changed by SENTINEL SET, and kept")
def set_auth_pass(lab):
    pool = lab.pool(password="old", group={"auth_pass": "old"})
    for server in pool.servers:
        server.command("ACL", "SETUSER", "default", ">new")
    for daemon in pool.supervisors:
        assert daemon.command("SENTINEL", "SET", "mymaster", "auth-pass",
                              "new") == "OK"
        pool.events.wait("+set", "auth-pass ******", daemon.name)
    for server in pool.servers:
        server.command("ACL", "SETUSER", "default", "<old")
        server.password = "new"
        server.command("CONFIG", "SET", "masterauth", "new")
        server.command("CLIENT", "KILL", "TYPE", "normal")
        server.command("CLIENT", "KILL", "TYPE", "pubsub")
    pool.wait_ready()
    for daemon in pool.supervisors:
        daemon.restart()
        assert "auth-pass new" not in daemon.process.log_text()
    pool.wait_ready()
    assert_no_failover(pool)
    pool.master.kill()
    pool.wait_switched(among=pool.replicas)


@case("SENTINEL SET with a login: wrong words change nothing")
def set_login_errors(lab):
    server = lab.redis("m")
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)]).start()
    assert daemon.error("SENTINEL", "SET", "nosuch", "auth-pass", "x") == (
        "ERR No such master with that name")
    assert daemon.error("SENTINEL", "SET", "mymaster", "auth-pass", "x",
                        "auth-user") == (
        "ERR Unknown option or number of arguments for SENTINEL SET "
        "'auth-user'")
    assert daemon.error("SENTINEL", "SET", "mymaster", "auth-pass",
                        "x" * 512).startswith("ERR Invalid argument")
    wait_until(lambda: daemon.master()["flags"] == "master", 5, "all is well")
    assert daemon.command("SENTINEL", "SET", "mymaster", "auth-user", "u",
                          "auth-pass", "x") == "OK"
    wait_until(lambda: "password" in daemon.process.log_text(), 10,
               "the new login is used")
    assert daemon.command("SENTINEL", "SET", "mymaster", "auth-user", "",
                          "auth-pass", "") == "OK"
    wait_until(lambda: daemon.master()["flags"] == "master", 10,
               "all is well again")
    assert daemon.command("SENTINEL", "REMOVE", "mymaster") == "OK"
