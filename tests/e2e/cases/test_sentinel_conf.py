"""An existing sentinel.conf of Redis, started as it is."""

import os
import subprocess

from harness.cases import case
from harness.lab import redis_sentinel
from harness.ports import free_port
from harness.supervisors import RedisSentinel, SentineldFromRedisConf
from harness.waiting import wait_until


@case("a pool on sentinel.conf files, never rewritten")
def pool_on_sentinel_conf(lab):
    pool = lab.pool(kind=SentineldFromRedisConf)
    before = [open(d.config).read() for d in pool.supervisors]
    pool.master.kill()
    new_master = pool.wait_switched(among=pool.replicas)
    for daemon in pool.supervisors:
        daemon.restart()
        assert daemon.master_port() == new_master.port
    assert [open(d.config).read() for d in pool.supervisors] == before


@case("what redis-sentinel wrote itself is taken over: id, epochs, peers")
def take_over(lab):
    pool = lab.pool(programs=[redis_sentinel()] * 3, kind=RedisSentinel)
    pool.supervisors[0].command("SENTINEL", "FAILOVER", "mymaster")
    new_master = pool.wait_switched(30)
    pool.events.wait("+failover-end", limit_s=30)
    old = pool.supervisors[0]
    wait_until(lambda: len(old.replicas()) == 2, 10, "both are replicas")
    known = (old.my_id(), old.master()["config-epoch"],
             sorted(row["port"] for row in old.replicas()),
             sorted(row["runid"] for row in old.peers()))
    for daemon in pool.supervisors:
        daemon.process.stop()
    text = open(old.config).read()
    ours = lab.supervisor("ours", [pool.options],
                          kind=SentineldFromRedisConf)
    ours.process.argv = [lab.program, old.config, "--port", str(ours.port),
                         "--dir", ours.directory]
    ours.start()
    assert (ours.my_id(), ours.master()["config-epoch"],
            sorted(row["port"] for row in ours.replicas()),
            sorted(row["runid"] for row in ours.peers())) == known
    assert ours.master_port() == new_master.port
    assert open(old.config).read() == text


@case("directives without effect give a warning that names them")
def warnings(lab):
    server = lab.redis("m")
    daemon = lab.supervisor(
        "s1", [lab.group(server.port, quorum=1)], kind=SentineldFromRedisConf,
        extra="# a comment\nloglevel verbose\nhz 128\n"
        "masterauth \"a secret\"\n"
        "sentinel deny-scripts-reconfig yes\n").start()
    log = daemon.process.log_text()
    for word in ("hz has", "masterauth"):
        assert word in log, "no warning about %s in:\n%s" % (word, log)
    assert "a secret" not in log
    assert daemon.command("SENTINEL", "CKQUORUM", "mymaster").startswith("OK")


WRONG = [
    ("sentinel monitor m 127.0.0.1 6379\n", 1),
    ("port 26379\nsentinel monitor m 127.0.0.1 6379 0\n", 2),
    ("sentinel monitor m 127.0.0.1 1 1\nsentinel monitor m 127.0.0.1 2 1\n",
     2),
    ("sentinel down-after-milliseconds nobody 5000\n", 1),
    ("sentinel nosuch m 1\n", 1),
    ("nosuchdirective 1\n", 1),
    ("sentinel monitor m \"127.0.0.1 6379 1\n", 1),
]


@case("a wrong sentinel.conf: exit status 1, file and line")
def wrong_files(lab):
    complaints = []
    for text, line in WRONG:
        path = os.path.join(lab.directory, "sentinel.conf")
        with open(path, "w") as file:
            file.write(text)
        done = subprocess.run(
            [lab.program, path, "--port", str(free_port())], timeout=10,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, cwd=lab.directory)
        if done.returncode != 1 or "%s:%d:" % (path, line) not in done.stderr:
            complaints.append("%r: status %d, %r" % (
                text, done.returncode, done.stderr))
    assert not complaints, "\n".join(complaints)


@case("an imported file is the same configuration, and a right one")
def imported(lab):
    server = lab.redis("m")
    old = os.path.join(lab.directory, "old.conf")
    new = os.path.join(lab.directory, "new.conf")
    part = os.path.join(lab.directory, "part.conf")
    with open(part, "w") as file:
        file.write("sentinel down-after-milliseconds m 7000\n")
    with open(old, "w") as file:
        file.write("port %d\nbind 127.0.0.1\ndir %s\nmaxmemory 3\n"
                   "include %s\nsentinel monitor m 127.0.0.1 %d 1\n"
                   "sentinel notification-script m /not/there\n"
                   % (free_port(), lab.directory, part, server.port))
    done = subprocess.run([lab.program, "--import", old], text=True,
                          capture_output=True, check=True)
    assert "# %s:4: maxmemory has no effect here\n" % old in done.stdout, done
    assert "down_after_ms = 7000;" in done.stdout, done
    assert 'notification_script = "/not/there";' in done.stdout, done
    with open(new, "w") as file:
        file.write(done.stdout.replace("/not/there", "/bin/true"))
    checked = subprocess.run([lab.program, "-c", new, "--check"], text=True,
                             capture_output=True, check=False)
    assert checked.returncode == 0 and "groups: 1" in checked.stdout, checked
    assert checked.stderr == "", checked


@case("relative paths are in dir; options in the forms that Redis takes")
def relative_paths(lab):
    server = lab.redis("m")
    directory = os.path.join(lab.directory, "state")
    os.mkdir(directory)
    for name, text in (("more.conf", "loglevel verbose\n"),
                       ("users.acl", "user default on nopass &* +@all\n"),
                       ("notify.sh", "#!/bin/sh\n")):
        path = os.path.join(directory, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o700)
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            kind=SentineldFromRedisConf)
    conf = os.path.join(lab.directory, "sentinel.conf")
    with open(conf, "w") as file:
        file.write("logfile first.log\ndir %s\ninclude more.conf\n"
                   "pidfile here.pid\naclfile users.acl\n"
                   "sentinel notification-script mymaster notify.sh\n"
                   % directory)
    daemon.process.argv = [
        lab.program, conf, "--port %d" % daemon.port, "--sentinel",
        "--sentinel monitor mymaster 127.0.0.1 %d 1" % server.port,
        "--syslog-ident", "--ident"]
    daemon.start()
    assert daemon.master()["notification-script"] == \
        os.path.join(directory, "notify.sh")
    written = sorted(os.listdir(directory))
    assert "first.log" in written and "here.pid" in written, written
