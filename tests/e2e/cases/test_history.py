"""What each failover cost: SENTINEL HISTORY and +failover-report."""

import json

from harness.cases import case
from harness.resp import fields
from harness.slow_link import SlowLink
from harness.waiting import wait_until


def history(daemon, *words):
    return [fields(row) for row in
            daemon.command("SENTINEL", "HISTORY", "mymaster", *words)]


def leader_of(pool):
    """Who led the last failover."""
    rows = wait_until(lambda: history(pool.supervisors[0]), 10, "a failover")
    return next(daemon for daemon in pool.supervisors
                if daemon.my_id() == rows[0]["leader"])


@case("after a crash the leader tells what was seen, the others who led")
def crash(lab):
    pool = lab.pool()
    events = lab.events(pool.supervisors)
    old = pool.master
    old.kill()
    new = pool.wait_switched()
    leader = leader_of(pool)
    told = json.loads(events.wait("+failover-report", source=leader.name).payload)
    assert told["cause"] == "down", told
    assert told["from"].endswith(":%d" % old.port), told
    assert told["to"].endswith(":%d" % new.port), told
    # Hellos that it had published and not yet sent die with it.
    assert 0 <= told["behind_bytes"] < 4096, told
    chosen = [row["server"] for row in told["candidates"]
              if row["verdict"] == "chosen"]
    assert chosen == [told["to"]] and len(told["candidates"]) == 2, told
    for daemon in pool.supervisors:
        row = wait_until(lambda daemon=daemon: history(daemon), 10, "a row")[0]
        # Others name whom they heard of it from: mostly, not always, the leader.
        named = [leader] if daemon is leader else pool.supervisors
        assert row["leader"] in [each.my_id() for each in named], row
        assert row["to-port"] == new.port, row
        assert row["cause"] == ("down" if daemon is leader else "unknown"), row
    leader.restart()
    assert json.loads(history(leader)[0]["candidates"]) == told["candidates"]


@case("an ordered switchover lost nothing; COUNT limits what is shown")
def planned(lab):
    pool = lab.pool()
    daemon = pool.supervisors[0]
    for _ in range(2):
        assert daemon.command("SENTINEL", "FAILOVER", "mymaster") == "OK"
        wait_until(lambda: daemon.master()["flags"] == "master", 20, "the end of it")
    row = history(leader_of(pool), "COUNT", "1")
    assert len(row) == 1, row
    assert row[0]["cause"] == "planned", row
    assert row[0]["lost-bytes"] == 0 and row[0]["uncovered"] == "none", row
    assert len(history(daemon)) == 2
    assert "COUNT must be" in daemon.error("SENTINEL", "HISTORY", "mymaster",
                                           "COUNT", "0")


@case("what only the old master had is counted when it is back")
def lost_bytes(lab):
    pool = lab.pool(via_proxy=SlowLink)
    pool.proxy.hold()
    with pool.master.connect() as connection:
        for number in range(100):
            connection.command("SET", "unseen%d" % number, "x" * 100)
    old = pool.master
    old.pause()
    pool.wait_switched()
    leader = leader_of(pool)
    assert history(leader)[0]["lost-bytes"] is None
    old.resume()
    lost = wait_until(lambda: history(leader)[0]["lost-bytes"], 20, "the loss")
    assert 100 * 100 <= lost < 100 * 400, lost
