"""The daemon as a process: background, files, systemd, user, logs."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess

from harness.cases import case
from harness.lab import Skipped
from harness.waiting import wait_until


ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))


def prepared(lab, extra=""):
    """A supervisor with its file written, not started."""
    server = lab.redis("m")
    return lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                          extra=extra)


def run(supervisor, limit_s=10, **more):
    return subprocess.run(supervisor.arguments(), timeout=limit_s,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, **more)


def read_pid(path):
    with open(path) as file:
        text = file.read()
    assert re.fullmatch(r"[0-9]+\n", text), text
    return int(text)


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"


@case("in the background: ready when the command returns")
def background(lab):
    path = os.path.join(lab.directory, "pid")
    log = os.path.join(lab.directory, "log")
    daemon = prepared(lab, 'daemonize = true; pidfile = "%s"; logfile = "%s";'
                      % (path, log))
    done = run(daemon)
    assert done.returncode == 0 and done.stdout == done.stderr == "", done
    pid = read_pid(path)
    try:
        assert daemon.command("PING") == "PONG"
        assert daemon.info("server")["process_id"] == str(pid)
        for number in ("0", "1", "2"):
            target = os.readlink("/proc/%d/fd/%s" % (pid, number))
            assert target == "/dev/null", target
        again = run(daemon)
        assert again.returncode == 1, again
        assert "sentineld: " in again.stderr, again
        assert daemon.command("PING") == "PONG"
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: is_gone(pid), 10, "it ended")
    assert not os.path.exists(path)


class Manager:
    """systemd's end of the notifications."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(10)
        os.environ["NOTIFY_SOCKET"] = path

    def read(self):
        return self.socket.recv(4096).decode().splitlines()


@case("systemd is told of readiness, life and end")
def systemd(lab):
    manager = Manager(os.path.join(lab.directory, "notify"))
    os.environ["WATCHDOG_USEC"] = "100000"
    daemon = prepared(lab)
    daemon.start()
    assert "READY=1" in manager.read()
    assert manager.read() == ["WATCHDOG=1"]
    assert manager.read() == ["WATCHDOG=1"]
    assert daemon.info("server")["process_supervised"] == "systemd"
    daemon.process.stop()
    words = manager.read()
    while words == ["WATCHDOG=1"]:
        words = manager.read()
    assert words == ["STOPPING=1"], words


@case("a start that fails is never reported as ready")
def systemd_failure(lab):
    manager = Manager(os.path.join(lab.directory, "notify"))
    daemon = prepared(lab, 'logfile = "/no/such/directory/log";')
    done = run(daemon)
    assert done.returncode == 1 and "log file" in done.stderr, done
    manager.socket.settimeout(0.2)
    try:
        raise AssertionError(manager.read())
    except socket.timeout:
        pass


@case("log lines as JSON, and a new file on SIGUSR1")
def json_log(lab):
    log = os.path.join(lab.directory, "json.log")
    daemon = prepared(lab, 'log_format = "json"; logfile = "%s";' % log)
    daemon.start()
    os.rename(log, log + ".1")
    daemon.process.signal(signal.SIGUSR1)
    wait_until(lambda: os.path.exists(log), 10, "a new file")
    daemon.command("SENTINEL", "SET", "mymaster", "quorum", "2")
    identity = daemon.command("SENTINEL", "MYID")
    daemon.process.stop()
    rows = []
    for path in (log + ".1", log):
        with open(path) as file:
            rows += [json.loads(line) for line in file]
    for row in rows:
        assert {"level", "message", "pid", "time"} <= set(row), row
        assert re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{3}Z",
                            row["time"]), row
    assert any(row["level"] == "warning" and
               row["message"].startswith("+set master mymaster ") and
               row["event"] == "+set" and row["group"] == "mymaster" and
               row["role"] == "master" and "127.0.0.1:" in row["server"] and
               row["supervisor"] == identity
               for row in rows), rows


@case("a failover's report in a log of JSON lines is an object of its own")
def json_report(lab):
    pool = lab.pool(extra='log_format = "json";')
    pool.master.process.kill()
    pool.wait_switched()

    def lines():
        for daemon in pool.supervisors:
            for line in daemon.process.log_text().splitlines():
                yield json.loads(line)

    def reports():
        return [row for row in lines() if "report" in row]
    wait_until(reports, 20, "the leader's report")
    row = reports()[0]
    assert row["event"] == row["message"] == "+failover-report", row
    assert row["group"] == row["report"]["name"] == "mymaster", row
    assert row["report"]["cause"] == "down", row
    switch = [each for each in lines() if each.get("event") == "+switch-master"]
    assert len({each["supervisor"] for each in switch}) == 3, switch
    assert all(each["epoch"] > 0 for each in switch), switch


@case("a log that was renamed without a signal: a new file within a second")
def rotated(lab):
    log = os.path.join(lab.directory, "sentineld.log")
    daemon = prepared(lab, 'logfile = "%s";' % log)
    daemon.start()

    def written():
        with open(log) as file:
            return file.read()

    def set_and_look(quorum):
        daemon.command("SENTINEL", "SET", "mymaster", "quorum", quorum)
        wait_until(lambda: "quorum %d\n" % quorum in written(), 5,
                   "the line is in the file of that name")

    for number in range(1, 4):
        os.rename(log, "%s.%d" % (log, number))
        wait_until(lambda: os.path.exists(log), 5, "a new file, unasked")
        set_and_look(number)
    # with `create` logrotate makes the new file itself
    os.rename(log, log + ".4")
    with open(log, "w"):
        pass
    set_and_look(1)
    # and copytruncate keeps ours
    os.truncate(log, 0)
    set_and_look(2)
    assert "\0" not in written() and "quorum 1" not in written()


@case("root becomes the user that it is told")
def user(lab):
    if os.geteuid() != 0:
        raise Skipped("only root can try")
    nobody = pwd.getpwnam("nobody")
    daemon = prepared(lab, 'user = "nobody";')
    path = daemon.directory
    while path not in ("/", "/tmp"):
        os.chmod(path, 0o755)
        path = os.path.dirname(path)
    for name in [daemon.directory] + [
            os.path.join(daemon.directory, each)
            for each in os.listdir(daemon.directory)]:
        os.chown(name, nobody.pw_uid, nobody.pw_gid)
    daemon.start()
    with open("/proc/%d/status" % daemon.process.pid) as file:
        status = file.read()
    wanted = "Uid:" + ("\t%d" % nobody.pw_uid) * 4
    assert wanted in status, status
    assert "CapEff:\t0000000000000000" in status, status
    database = os.stat(os.path.join(daemon.directory, "sentineld.db"))
    assert database.st_uid == nobody.pw_uid


@case("no pid file is no reason not to start")
def pidfile_refused(lab):
    daemon = prepared(lab, 'pidfile = "/no/such/directory/pid";')
    daemon.start()
    assert "cannot write the process id" in daemon.process.log_text()


@case("under the name of redis-sentinel, with more lines on standard input")
def other_name(lab):
    server = lab.redis("m")
    directory = os.path.join(lab.directory, "own")
    os.mkdir(directory)
    program = os.path.join(directory, "redis-sentinel")
    os.symlink(os.path.abspath(lab.program), program)
    version = subprocess.run([program, "--version"], capture_output=True,
                             text=True, check=True).stdout
    assert re.match(r"Redis server v=\d+\.\d+\.\d+ sha=\S+ malloc=\S+ "
                    r"bits=\d+ build=\S+$", version), version
    nothing = subprocess.run([program], capture_output=True, text=True,
                             check=False)
    assert nothing.returncode == 1, nothing
    assert "Sentinel needs config file on disk" in nothing.stderr, nothing
    path = os.path.join(directory, "sentinel.conf")
    with open(path, "w") as file:
        file.write("dir %s\n" % directory)
    for arguments in ([path, "--check", "-"],
                      [path, "--port", "1", "-", "--check"],
                      ["-", "--check"]):
        checked = subprocess.run(
            [program] + arguments, text=True, capture_output=True, check=False,
            input="port 26400\nsentinel monitor m 127.0.0.1 %d 1\n"
            % server.port)
        assert checked.returncode == 0, checked
        assert "groups: 1" in checked.stdout, checked


def install(lab, root):
    subprocess.run(
        ["make", "-s", "-C", ROOT, "-o", "all", "install", "DESTDIR=" + root,
         "PREFIX=/usr", "SYSCONFDIR=/etc", "B=" + os.path.dirname(lab.program)],
        check=True, stdout=subprocess.DEVNULL)


@case("make install: all in its place, and it works from there")
def installed(lab):
    root = os.path.join(lab.directory, "root")
    install(lab, root)
    program = root + "/usr/bin/sentineld"
    conf = root + "/etc/sentineld.conf"
    unit = root + "/usr/lib/systemd/system/sentineld.service"
    for path, mode in ((program, 0o755), (conf, 0o640), (unit, 0o644),
                       (root + "/usr/share/man/man8/sentineld.8", 0o644),
                       (root + "/usr/share/man/man5/sentineld.conf.5", 0o644)):
        assert stat.S_IMODE(os.stat(path).st_mode) == mode, path
    with open(conf) as file:  # /var/lib/sentineld is the packager's
        text = file.read().replace('"/var/lib/sentineld"', '"%s"' % root)
    with open(conf, "w") as file:
        file.write(text)
    checked = subprocess.run([program, "-c", conf, "--check"], check=True,
                             capture_output=True, text=True)
    assert "groups: 1" in checked.stdout, checked
    text = open(unit).read()
    assert "ExecStart=/usr/bin/sentineld -c /etc/sentineld.conf\n" in text
    assert "/usr/local" not in text
    with open(conf, "a") as file:
        file.write("# mine\n")
    install(lab, root)
    assert open(conf).read().endswith("# mine\n"), "an operator's file is gone"
    if shutil.which("systemd-analyze"):
        with open(unit, "w") as file:
            file.write(text.replace("/usr/bin/", root + "/usr/bin/"))
        verified = subprocess.run(
            ["systemd-analyze", "--man=no", "verify", unit], check=False,
            capture_output=True, text=True)
        # It may have something to say of other units of this machine.
        assert "sentineld" not in verified.stderr, verified
