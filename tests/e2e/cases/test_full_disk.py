"""A supervisor that cannot write: what it is told then does not count."""

from harness.cases import case
from harness.processes import set_file_size_limit
from harness.resp import ReplyError
from harness.waiting import stays

CHANGES = [("quorum", 1), ("down-after-milliseconds", 7777),
           ("failover-timeout", 7777), ("parallel-syncs", 7),
           ("master-reboot-down-after-period", 7777),
           ("notification-script", "/bin/true"),
           ("client-reconfig-script", "/bin/true"),
           ("auth-pass", "other")]
SHOWN = ("quorum", "down-after-milliseconds", "failover-timeout",
         "parallel-syncs", "flags", "config-epoch")


def shown(daemon):
    row = daemon.master()
    return {name: row[name] for name in SHOWN + tuple(
        name for name in ("notification-script", "client-reconfig-script")
        if name in row)}


# Long: the core changes its model before the change is durable.
@case("SET on a full disk: refused, no event, not in force, not after a "
      "restart", long=True)
def set_changes_nothing(lab):
    pool = lab.pool()
    daemon = pool.supervisors[0]
    before = shown(daemon)
    since = pool.events.mark()
    set_file_size_limit(daemon.process.pid, 0)
    for name, value in CHANGES:
        with daemon.connect() as connection:
            reply = connection.ask("SENTINEL", "SET", "mymaster", name, value)
        assert isinstance(reply, ReplyError), (name, reply)
        assert shown(daemon) == before, (name, shown(daemon))
    stays(lambda: not pool.events.find("+set", source=daemon.name,
                                       since=since), 1, "no event of it")
    set_file_size_limit(daemon.process.pid, None)
    stays(lambda: shown(daemon) == before, 2, "it does not come later")
    daemon.restart()
    assert shown(daemon) == before, shown(daemon)
    pool.wait_ready()  # its password is the old one, too
