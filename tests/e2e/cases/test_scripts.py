"""Scripts: what they are told, and what they find when they begin."""

import json
import os

from harness.cases import case
from harness.resp import ReplyError
from harness.waiting import wait_until


# Notes where its descriptors lead; its own look at them is not one of them.
DESCRIPTORS = """
import json, os
own = os.open("/proc/self/fd", os.O_RDONLY)
found = {}
for name in os.listdir(own):
    try:
        found[name] = os.readlink(name, dir_fd=own)
    except FileNotFoundError:
        pass
del found[str(own)]
with open(%r, "a") as out:
    print(json.dumps(found), file=out)
"""


def write_script(lab, name, body, interpreter="/bin/sh"):
    path = os.path.join(lab.directory, name)
    with open(path, "w") as file:
        file.write("#!%s\n%s" % (interpreter, body))
    os.chmod(path, 0o755)
    return path


def recorder(lab, name):
    """A script that notes its words, one line for each start."""
    out = os.path.join(lab.directory, name + ".out")
    return write_script(lab, name, 'echo "$@" >> %s\n' % out), out


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return file.read().splitlines()


@case("scripts are told of a failover", any_daemon=True)
def a_failover_is_told(lab):
    notify, told = recorder(lab, "notify.sh")
    reconf, moved = recorder(lab, "reconf.sh")
    pool = lab.pool(replicas=1, group={
        "down_after_ms": 1000, "notification_script": notify,
        "client_reconfig_script": reconf})
    old = pool.master
    old.process.kill()
    new = pool.wait_switched()
    words = "start 127.0.0.1 %d 127.0.0.1 %d" % (old.port, new.port)
    wanted = sorted(["mymaster leader " + words]
                    + ["mymaster observer " + words] * 2)
    wait_until(lambda: sorted(lines(moved)) == wanted, 10,
               "one leader, two observers", seen=lambda: lines(moved))
    for line in ("+sdown master mymaster 127.0.0.1 %d" % old.port,
                 "+elected-leader master mymaster 127.0.0.1 %d" % old.port,
                 "+switch-master mymaster 127.0.0.1 %d 127.0.0.1 %d"
                 % (old.port, new.port)):
        wait_until(lambda: line in lines(told), 10, line,
                   seen=lambda: lines(told))
    assert not [line for line in lines(told) if line.startswith("+slave")]


@case("a script finds no descriptor of the daemon")
def no_descriptor_leaks(lab):
    out = os.path.join(lab.directory, "descriptors.out")
    path = write_script(lab, "descriptors.py", DESCRIPTORS % out,
                        "/usr/bin/python3 -I")
    pool = lab.pool(replicas=1, supervisors=2,
                    group={"notification_script": path})
    wait_until(lambda: len(lines(out)) >= 1, 10, "the script ran")
    daemon = pool.supervisors[0]
    clients = [daemon.connect() for _ in range(3)]
    before = len(lines(out))
    daemon.command("SENTINEL", "SET", "mymaster", "quorum", "1")
    wait_until(lambda: len(lines(out)) > before, 10, "it ran again")
    for line in lines(out):
        found = json.loads(line)
        assert sorted(found) == ["0", "1", "2"], found
        assert found["0"] == "/dev/null", found
    for client in clients:
        client.close()


@case("scripts are set at run time only where that is allowed")
def set_at_run_time(lab):
    notify, told = recorder(lab, "notify.sh")
    pool = lab.pool(replicas=1, supervisors=1)
    daemon = pool.supervisors[0]
    try:
        daemon.command("SENTINEL", "SET", "mymaster", "notification-script",
                       notify)
        raise AssertionError("it was allowed")
    except ReplyError as error:
        assert "denied for security reasons" in str(error), error
    daemon.process.stop()
    daemon.extra = "deny_scripts_reconfig = false;"
    daemon.write_config()
    daemon.start()
    daemon.command("SENTINEL", "SET", "mymaster", "notification-script",
                   notify)
    text = "master mymaster 127.0.0.1 %d" % pool.master.port
    wait_until(lambda: "+set %s notification-script %s" % (text, notify)
               in lines(told), 10, "the new script hears of itself")
    daemon.process.kill()
    daemon.start()
    wait_until(lambda: "+monitor %s quorum 2" % text in lines(told), 10,
               "it is remembered", seen=lambda: lines(told))
    assert daemon.command("SENTINEL", "PENDING-SCRIPTS") == []


@case("a script that waits for its next attempt can be seen",
      any_daemon=True)
def a_waiting_script_is_shown(lab):
    path = write_script(lab, "fails.sh", "exit 1\n")
    pool = lab.pool(replicas=1, supervisors=1,
                    group={"notification_script": path})
    daemon = pool.supervisors[0]

    def waiting():
        rows = daemon.command("SENTINEL", "PENDING-SCRIPTS")
        return [dict(zip(row[::2], row[1::2])) for row in rows
                if "run-delay" in row and row[-1] == "1"]

    wait_until(lambda: len(waiting()) >= 1, 10, "it waits")
    row = waiting()[0]
    assert row["argv"][0] == path, row
    assert row["flags"] == "scheduled" and row["pid"] == "0", row
    assert 0 < int(row["run-delay"]) <= 30000, row
    info = daemon.command("INFO", "sentinel")
    assert "sentinel_running_scripts:0" in info, info
    assert "sentinel_scripts_queue_length:0" not in info, info
