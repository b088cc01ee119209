"""Supervisors that share one id: a machine was cloned with its state."""

import os
import shutil

from harness.cases import case
from harness.waiting import wait_until

from .telling import Log


def clone_state(source, target):
    for name in os.listdir(source.directory):
        if ".db" in name:
            shutil.copy(os.path.join(source.directory, name),
                        os.path.join(target.directory, name))


@case("two supervisors with one id: a warning with both addresses on each, "
      "once a minute", long=True)
def cloned(lab):
    pool = lab.pool(replicas=1, supervisors=1)
    first = pool.supervisors[0]
    first.process.stop()
    second = lab.supervisor("clone", [pool.options])
    clone_state(first, second)
    logs = [Log(first), Log(second)]
    first.start()
    second.start()
    assert first.my_id() == second.my_id()
    for log, other in zip(logs, (second, first)):
        log.wait("id", "127.0.0.1:%d" % first.port,
                 "127.0.0.1:%d" % second.port, limit_s=10)
        assert other.my_id() in "".join(log.lines("127.0.0.1:%d" % other.port))
    for log in logs:
        both = ("127.0.0.1:%d" % first.port, "127.0.0.1:%d" % second.port)
        assert log.count_for(5, *both) == 0, log.lines(*both)


@case("... and they never count as two")
def count_as_one(lab):
    pool = lab.pool(replicas=1, supervisors=1)
    first = pool.supervisors[0]
    first.process.stop()
    second = lab.supervisor("clone", [pool.options])
    clone_state(first, second)
    first.start()
    second.start()
    wait_until(lambda: len(first.replicas()) == 1, 5, "it is at work")
    for daemon in (first, second):
        error = daemon.error("SENTINEL", "CKQUORUM", "mymaster")
        assert error.startswith("NOQUORUM 1 usable Sentinels."), error
