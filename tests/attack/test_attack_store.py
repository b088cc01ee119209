"""A state directory that is deleted under the daemon, or holds what nobody
wrote: told at once, and nothing is done by what could not be kept."""

import os
import shutil
import subprocess
import time

from harness.cases import case
from harness.resp import ReplyError
from harness.waiting import wait_until


@case("the state directory is deleted: changes are refused, votes too, and an"
      " alarm is raised")
def deleted(lab):
    pool = lab.pool(supervisors=1, replicas=1, group={"quorum": 1})
    daemon = pool.supervisors[0]
    assert daemon.command("SENTINEL", "SET", "mymaster", "parallel-syncs",
                          "2") == "OK"
    for name in os.listdir(daemon.directory):
        if name.startswith("sentineld."):
            os.unlink(os.path.join(daemon.directory, name))
    for words in (("SENTINEL", "SET", "mymaster", "parallel-syncs", "3"),
                  ("SENTINEL", "MONITOR", "x", "127.0.0.1", "1", "1"),
                  ("ACL", "SETUSER", "x", "on"),
                  ("SENTINEL", "FLUSHCONFIG")):
        with daemon.connect() as connection:
            reply = connection.ask(*words)
        assert isinstance(reply, ReplyError), (words, reply)
    assert daemon.info("everything")["state_save_failing"] == "1"
    assert "was deleted or replaced while in use" in daemon.process.log_text()
    assert "x" not in daemon.command("ACL", "USERS")
    assert daemon.command("SENTINEL", "MASTER", "mymaster")
    since = pool.events.mark()
    pool.master.kill()
    time.sleep(3)
    assert not pool.events.find("+switch-master", since=since)


def sql(daemon, text):
    subprocess.run(["sqlite3", os.path.join(daemon.directory, "sentineld.db"),
                    text], check=True, stdin=subprocess.DEVNULL)


@case("a database with absurd epochs is refused at the start, with advice")
def absurd_epochs(lab):
    if shutil.which("sqlite3") is None:
        import sqlite3

        def run(daemon, text):
            with sqlite3.connect(os.path.join(daemon.directory,
                                              "sentineld.db")) as database:
                database.execute(text)
    else:
        run = sql
    pool = lab.pool(supervisors=1, replicas=1, group={"quorum": 1})
    daemon = pool.supervisors[0]
    for epoch in (-1, 2 ** 62, 2 ** 63 - 1):
        for text in ("UPDATE self SET current_epoch = %d" % epoch,
                     "UPDATE groups SET vote_epoch = %d" % epoch):
            daemon.process.end_well()
            saved = os.path.join(daemon.directory, "sentineld.db")
            shutil.copy(saved, saved + ".good")
            run(daemon, text)
            daemon.process.start()
            wait_until(lambda: not daemon.process.alive(), 10,
                       "the daemon ends")
            said = daemon.process.log_text()
            assert "no election can have reached" in said, said[-500:]
            assert "Restore it from a backup" in said, said[-500:]
            os.replace(saved + ".good", saved)
            for name in (saved + "-wal", saved + "-shm"):
                if os.path.exists(name):
                    os.unlink(name)
            daemon.start()
            assert daemon.master_port() == pool.master.port
