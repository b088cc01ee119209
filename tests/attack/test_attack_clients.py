"""Clients of the port who want too much. Another client's PING is answered
all the same, and nobody makes the daemon keep much."""

import resource
import select
import time

from harness.cases import case

from .crowd import (PingWatch, close_all, flood, open_sockets, request,
                    resident_bytes)

# The machine that runs this is shared: what is proved is that nobody waits
# for a crowd (it was seconds), not the last millisecond.
PATIENCE_S = 1.0
MEGABYTE = 1 << 20


def single(lab, **options):
    return lab.pool(supervisors=1, replicas=0, group={"quorum": 1}, **options
                    ).supervisors[0]


@case("connections that never log in nor read make us keep nothing",
      alone=True)
def strangers(lab):
    daemon = single(lab, extra='requirepass = "pw";', login=("AUTH", "pw"))
    with PingWatch(daemon) as watch:
        before = resident_bytes(daemon)
        sockets = open_sockets(daemon, 30)
        flood(sockets, b"x\r\n", 3)
        grown = resident_bytes(daemon) - before
        close_all(sockets)
    print("grown by %.1f MB, worst PING %.1f ms" % (
        grown / MEGABYTE, watch.worst_s * 1000))
    assert grown < 2 * MEGABYTE, grown
    watch.assert_below(PATIENCE_S)


@case("... nor do those who may do everything and never read", alone=True)
def silent_readers(lab):
    daemon = single(lab)
    with PingWatch(daemon) as watch:
        before = resident_bytes(daemon)
        sockets = open_sockets(daemon, 30)
        flood(sockets, request("INFO"), 3)
        grown = resident_bytes(daemon) - before
        close_all(sockets)
    print("grown by %.1f MB, worst PING %.1f ms" % (
        grown / MEGABYTE, watch.worst_s * 1000))
    assert grown < 40 * MEGABYTE, grown
    watch.assert_below(PATIENCE_S)


def pipeline(lab, count, *words):
    pipeline_to(single(lab), count, *words)


def pipeline_to(daemon, count, *words, seconds=3):
    with PingWatch(daemon) as watch:
        sockets = open_sockets(daemon, count)
        _, came = flood(sockets, request(*words), seconds, reads=True)
        close_all(sockets)
    print("%d clients: %.1f MB of replies, worst PING %.1f ms" % (
        count, came / MEGABYTE, watch.worst_s * 1000))
    assert came > 1000, came
    watch.assert_below(PATIENCE_S)


@case("one client pipelines SENTINEL MASTERS", alone=True)
def masters_by_one(lab):
    pipeline(lab, 1, "SENTINEL", "MASTERS")


@case("fifty clients pipeline SENTINEL MASTERS", alone=True)
def masters_by_fifty(lab):
    pipeline(lab, 50, "SENTINEL", "MASTERS")


@case("a thousand groups, and fifty clients pipeline SENTINEL MASTERS",
      long=True, alone=True)
def masters_of_a_fleet(lab):
    groups = [lab.group(i + 1, name="g%d" % i, quorum=1, host="127.0.0.2",
                        down_after_ms=60000) for i in range(1000)]
    daemon = lab.supervisor("s1", groups).start()
    pipeline_to(daemon, 50, "SENTINEL", "MASTERS")


@case("a hundred clients pipeline INFO", alone=True)
def info_by_hundred(lab):
    pipeline(lab, 100, "INFO", "EVERYTHING")


def crowded(lab, *words):
    """Ten thousand connections, one of which pipelines."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 30000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    count = min(10000, wanted - 500)
    daemon = single(lab)
    crowd = open_sockets(daemon, count - 10)
    with PingWatch(daemon) as watch, daemon.connect(limit_s=30.0) as bad:
        bad.command("PING")
        bad.socket.setblocking(False)
        came = flood_one(bad.socket, request(*words))
    close_all(crowd)
    print("%d connections, %s: %.1f MB of replies, worst PING %.1f ms" % (
        count, " ".join(words), came / MEGABYTE, watch.worst_s * 1000))
    assert came > 1000, came
    watch.assert_below(PATIENCE_S)


def flood_one(one, data, seconds=3.0):
    """Like flood, but for a descriptor that select() is too small for."""
    poll = select.poll()
    poll.register(one, select.POLLIN | select.POLLOUT)
    text = data * max(1, 65536 // len(data))
    at = came = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _, events in poll.poll(50):
            if events & select.POLLOUT:
                try:
                    at = (at + one.send(text[at:])) % len(text)
                except BlockingIOError:
                    pass
            if events & select.POLLIN:
                came += len(one.recv(1 << 20))
    return came


@case("ten thousand connections, and one pipelines CLIENT INFO",
      long=True, alone=True)
def crowd_client_info(lab):
    crowded(lab, "CLIENT", "INFO")


@case("ten thousand connections, and one pipelines INFO",
      long=True, alone=True)
def crowd_info(lab):
    crowded(lab, "INFO")


@case("ten thousand connections, and one pipelines CLIENT LIST ID",
      long=True, alone=True)
def crowd_list_id(lab):
    crowded(lab, "CLIENT", "LIST", "ID", "1", "2", "3")


@case("ten thousand connections, and one pipelines CLIENT LIST",
      long=True, alone=True)
def crowd_list(lab):
    crowded(lab, "CLIENT", "LIST")
