"""Configuration files: what is refused, with which words, and what is not."""

import os
import subprocess

from harness.cases import case
from harness.ports import free_port
from harness.waiting import wait_until

GROUP = ('groups = ( { name = "m"; host = "127.0.0.1"; port = 6379; '
         'quorum = 2; } );')

# (text, line that must be named, words that must be in the message)
WRONG = [
    ("prot = 1;\n", 1, ["prot", "port"]),
    ("\n\nport = \"x\";\n", 3, ["port", "integer"]),
    ("port = 70000;\n", 1, ["port", "65535"]),
    ("port = 1;\nport = 2;\n", 2, ["twice"]),
    ("port = ;\n", 1, []),
    ('bind = [ "nowhere.example" ];\n', 1, ["bind"]),
    ('loglevel = "loud";\n', 1, ["loglevel", "notice"]),
    ("groups = 3;\n", 1, ["groups"]),
    ('groups = (\n { name = "m"; host = "h"; quorum = 1; }\n);\n', 2,
     ["port is missing"]),
    ('groups = (\n { name = "m"; host = "h"; port = 1; quorum = 65; }\n);\n',
     2, ["quorum", "64"]),
    ('defaults = {\n down_after_ms = 1; };\n', 2,
     ["defaults.down_after_ms", "10"]),
    ('groups = (\n { name = "m"; host = "h"; port = 1; quorum = 1;\n'
     '   down_after_ms = 1; }\n);\n', 3, ["down_after_ms", "10"]),
    ('groups = (\n { name = "m"; host = "h"; port = 1; quorum = 1; },\n'
     ' { name = "m"; host = "h"; port = 2; quorum = 1; }\n);\n', 3,
     ["m", "line 2"]),
    ('groups = (\n { name = "a,b"; host = "h"; port = 1; quorum = 1; }\n);\n',
     2, ["name"]),
    ('groups = (\n { name = "m"; host = "h"; port = 1; quorum = 1;\n'
     '   auth_pass_file = "/nonexistent/secret"; }\n);\n', 3,
     ["/nonexistent/secret"]),
    ('@include "other.conf"\n', 1, ["include"]),
]


def run(lab, *arguments, limit_s=10):
    return subprocess.run([lab.program, *arguments], timeout=limit_s,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, cwd=lab.directory)


def write(lab, text, name="test.conf"):
    path = os.path.join(lab.directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path


@case("a wrong file: exit status 1, file:line, what is wrong")
def wrong_files(lab):
    complaints = []
    for text, line, words in WRONG:
        path = write(lab, text)
        for more in ([], ["--check"]):
            done = run(lab, "-c", path, *more)
            place = "%s:%d:" % (path, line)
            missing = [word for word in [place, *words]
                       if word not in done.stderr]
            if done.returncode != 1 or missing:
                complaints.append("%r: status %d, without %s: %r" % (
                    text, done.returncode, missing, done.stderr))
    assert not complaints, "\n".join(complaints)


@case("--check: an empty file, a redis.conf, no dir, no such address; all faults")
def check_refuses(lab):
    directory = os.path.join(lab.directory, "state")
    os.mkdir(directory)
    redis = "port 6379\nsave 900 1\nappendonly yes\ndir %s\n" % directory
    good = "sentinel monitor m 127.0.0.1 1 1\n"
    rows = (
        ("# nothing\n\n", [], ["the file is empty"]),
        (redis, [], ["redis.conf"]),
        ("dir /nonexistent\n" + good, [], ["dir '/nonexistent'"]),
        ("dir %s\nbind 192.0.2.77\n%s" % (directory, good), [],
         ["this machine has no address 192.0.2.77"]),
        ("prot 1\ndaemonize maybe\n" + good, [],
         ["test.conf:1:", "did you mean port?", "test.conf:2:"]),
        ('port = 70000;\nloglevl = "debug";\n', ["-c"],
         ["test.conf:1:", "test.conf:2:", "did you mean loglevel?"]),
    )
    for text, option, words in rows:
        path = write(lab, text)
        done = run(lab, *option, path, "--check")
        assert done.returncode == 1, (text, done.stdout)
        assert all(word in done.stderr for word in words), done.stderr
    done = run(lab, write(lab, "dir %s\n%s" % (directory, good)), "--check")
    assert done.returncode == 0 and "read as a sentinel.conf" in done.stdout, (
        done.stdout + done.stderr)


@case("--check, --version, --help")
def options(lab):
    done = run(lab, "-c", write(lab, 'dir = ".";\n' + GROUP), "--check")
    assert done.returncode == 0, done
    assert not os.path.exists(os.path.join(lab.directory, "sentineld.db"))
    done = run(lab, "--version")
    assert done.returncode == 0 and done.stdout.startswith("sentineld "), done
    done = run(lab, "--help")
    assert done.returncode == 0 and "--check" in done.stdout, done
    for wrong in (["--nosuch"], [], ["-c"], ["-c", "/nonexistent"]):
        done = run(lab, *wrong)
        assert done.returncode == 1 and done.stderr.strip(), (wrong, done)


@case("the documented configuration file is right as it is")
def documented_file(lab):
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    with open(os.path.join(root, "conf", "sentineld.conf")) as file:
        text = file.read()
    # The directory is there where it is installed.
    there = text.replace('"/var/lib/sentineld";', '".";')
    assert there != text
    done = run(lab, "-c", write(lab, there), "--check")
    assert done.returncode == 0, done.stderr


def expect_no_start(lab, text, *words):
    done = run(lab, "-c", write(lab, text))
    assert done.returncode == 1, done
    missing = [word for word in words if word not in done.stderr]
    assert not missing, (missing, done.stderr)


@case("state directory: missing, no directory, in use, damaged")
def state_directory(lab):
    port = free_port()
    head = 'port = %d; bind = ["127.0.0.1"]; dir = "%s"; ' + GROUP
    missing = os.path.join(lab.directory, "nosuch")
    expect_no_start(lab, head % (port, missing), missing)
    plain = write(lab, "x", "plain-file")
    expect_no_start(lab, head % (port, plain), plain)
    expect_no_start(lab, head % (port, "/proc"), "/proc")
    server = lab.redis("m")
    running = lab.supervisor("s1", [lab.group(server.port)]).start()
    expect_no_start(lab, head % (port, running.directory), running.directory)
    running.process.stop()
    database = os.path.join(running.directory, "sentineld.db")
    with open(database, "wb") as file:
        file.write(b"this is no database" * 500)
    expect_no_start(lab, head % (port, running.directory), "sentineld.db")


@case("a port that is in use is a clear error")
def port_in_use(lab):
    server = lab.redis("m")
    state = os.path.join(lab.directory, "state")
    os.mkdir(state)
    expect_no_start(lab, 'port = %d; bind = ["127.0.0.1"]; dir = "%s"; %s' % (
        server.port, state, GROUP), str(server.port))


@case("a password from a file; the log file's mode")
def secrets_and_log(lab):
    secret = write(lab, "right\n", "secret")
    os.chmod(secret, 0o600)
    server = lab.redis("m", password="right")
    group = lab.group(server.port)
    daemon = lab.supervisor("s1", [group])
    log = os.path.join(daemon.directory, "own.log")
    text = open(daemon.config).read()
    text = text.replace("quorum =", 'auth_pass_file = "%s"; quorum =' % secret)
    text += 'logfile = "%s";\n' % log
    with open(daemon.config, "w") as file:
        file.write(text)
    daemon.start()
    wait_until(lambda: daemon.master().get("role-reported") == "master"
               and daemon.master()["flags"] == "master"
               and daemon.master()["runid"], 10, "it logs in")
    mode = os.stat(log).st_mode & 0o777
    assert mode == 0o640, oct(mode)
    assert "right" not in open(log).read()
    daemon.process.stop()
