"""Several orders for one failover in the same moment."""

import time

from harness.cases import case
from harness.resp import ReplyError
from harness.waiting import wait_until

from .common import assert_switch_told_once
from .switching import wait_one_master, wait_quiet

ORDER = b"SENTINEL FAILOVER mymaster\r\n"
AT_ONCE_S = 2.0


def order_at_once(daemons, each_times):
    """All replies, and how long each took."""
    connections = [daemon.connect(limit_s=20.0) for daemon in daemons
                   for _ in range(each_times)]
    began = time.monotonic()
    for connection in connections:
        connection.send(ORDER)
    replies = []
    for connection in connections:
        reply = connection.read()
        replies.append((reply, time.monotonic() - began))
        connection.close()
    return replies


def check_one_obeyed(pool, replies):
    obeyed = [reply for reply, _ in replies if reply == "OK"]
    refused = [(reply, took_s) for reply, took_s in replies if reply != "OK"]
    assert len(obeyed) == 1, replies
    for reply, took_s in refused:
        assert isinstance(reply, ReplyError), replies
        assert str(reply).startswith("INPROG"), replies
        assert took_s < AT_ONCE_S, replies
    new_master = wait_one_master(pool)
    assert new_master is not pool.master
    assert_switch_told_once(pool, pool.master_port, new_master.port)


@case("three orders at once, one to each: one is obeyed, two INPROG")
def one_to_each(lab):
    pool = lab.pool()
    wait_quiet(pool)
    check_one_obeyed(pool, order_at_once(pool.supervisors, 1))


@case("nine orders at once: one is obeyed, eight INPROG")
def three_to_each(lab):
    pool = lab.pool()
    wait_quiet(pool)
    check_one_obeyed(pool, order_at_once(pool.supervisors, 3))


@case("five orders at once to one supervisor: one is obeyed, four INPROG")
def all_to_one(lab):
    pool = lab.pool()
    wait_quiet(pool)
    check_one_obeyed(pool, order_at_once(pool.supervisors[:1], 5))


@case("an order while an ordered one is under way is INPROG")
def while_one_is_under_way(lab):
    pool = lab.pool()
    wait_quiet(pool)
    first, *others = pool.supervisors
    connection = first.connect(limit_s=20.0)
    connection.send(ORDER)
    reply = connection.read()
    assert reply == "OK", reply
    with first.connect() as second:
        reply = second.ask("SENTINEL", "FAILOVER", "mymaster")
    if reply != "OK":  # unless the first one is over already
        assert str(reply).startswith("INPROG"), reply
    connection.close()
    wait_until(lambda: others[0].master_port() != pool.master_port, 20,
               "it is obeyed")
