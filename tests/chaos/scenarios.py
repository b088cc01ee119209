"""What happens to a master under load, one function for each scenario.

Each gets a Scene, makes the trouble, and returns the moment from which the
old master counts as one that should be a replica - None when it may be the
master still."""

import collections
import time

from harness.resp import encode
from networks import SUPERVISORS
from scene import LIMIT_S

STRANGER_WRITES = 20000
STRANGER_VALUE = "x" * 1000
BEYOND_S = 1.0

# `inside`: they share the master's side of a partition.
Writers = collections.namedtuple("Writers", "label follow wait_for inside")

FOLLOW = Writers("follow", True, 0, False)
POOLED = Writers("pooled", False, 0, False)
WAITING = Writers("WAIT 1", False, 1, False)
FOLLOW_INSIDE = Writers("follow, inside", True, 0, True)
INSIDE = Writers("pooled, inside", False, 0, True)
WAITING_INSIDE = Writers("WAIT 1, inside", False, 1, True)


class Scenario:
    """`apart` are the processes whose network will fail, `settings` those of
    the group, which redis-sentinel does not have; `one_way`: this takes a
    network that can be cut in one direction."""

    def __init__(self, title, strike, writers=(FOLLOW, POOLED), apart=(),
                 settings=None, one_way=False):
        self.title = title
        self.strike = strike
        self.writers = writers
        self.apart = apart
        self.settings = settings or {}
        self.one_way = one_way

    def fits(self, network):
        return network.cuts_one_way or not self.one_way


def planned(scene):
    scene.order()
    return scene.now()


def forced(scene):
    if scene.ours:
        scene.order("FORCE")
    else:
        scene.order()  # it knows no other kind
    return scene.now()


def crash(scene):
    """It comes back, with what its disk held: nothing."""
    scene.strikes()
    scene.pool.master.kill()
    scene.wait_switched()
    scene.pool.master.start()
    return scene.now()


def hang(scene):
    scene.pool.master.pause()
    scene.wait_switched()
    time.sleep(scene.pace.around_s)
    scene.pool.master.resume()
    return scene.now()


def make_stranger(server, master):
    """It wrote much by itself and follows in name only: it cannot log in."""
    with server.connect(limit_s=30.0) as connection:
        connection.command("CONFIG", "SET", "masteruser", "nobody",
                           "masterauth", "wrong")
        words = [("REPLICAOF", "NO", "ONE")]
        words += [("SET", "own:%d" % number, STRANGER_VALUE)
                  for number in range(STRANGER_WRITES)]
        words.append(("REPLICAOF", master.place.host, master.port))
        connection.send(b"".join(encode(*each) for each in words))
        for _ in words:
            connection.read()


def crash_beside_stranger(scene):
    make_stranger(scene.pool.replicas[0], scene.pool.master)
    time.sleep(scene.pace.lag_s)  # until supervisors have read its offset
    return crash(scene)


def crash_beside_laggard(scene):
    scene.network.hold()
    time.sleep(scene.pace.lag_s)
    return crash(scene)


def forced_beside_laggard(scene):
    scene.network.hold()
    time.sleep(scene.pace.lag_s)
    scene.strikes()
    struck = forced(scene)
    scene.wait_switched()
    scene.heal()
    return struck


def crash_then_leader_lost(scene):
    """Whoever is elected is cut off at once, in whatever it has begun."""
    since = scene.pool.events.mark()
    scene.pool.master.kill()
    leader = scene.pool.events.wait("+elected-leader", since=since,
                                    limit_s=LIMIT_S).source
    scene.network.isolate(leader)
    scene.wait_switched(apart=[leader])
    scene.heal()
    scene.pool.master.start()
    return scene.now()


def restart_empty(scene):
    """At once, before anybody has missed it: its replicas may copy nothing
    from it, which is what it has."""
    scene.pool.master.kill()
    scene.pool.master.start()


def cut_off(scene):
    """Together with some clients; some time after the switch it is over."""
    scene.cut_off()
    return end_after_switch(scene)


def end_after_switch(scene):
    """And longer than writes may be lost, if that has an end."""
    scene.wait_switched(scene.scenario.apart)
    time.sleep(scene.pace.cut_s)
    if scene.bound_ms:
        over_at = scene.struck_at + scene.bound_ms / 1000 + BEYOND_S
        time.sleep(max(0.0, over_at - scene.now()))
    scene.heal()
    return scene.now()


def cut_off_while_waiting(scene):
    """With a replica that may have what is confirmed: nobody is promoted."""
    scene.cut_off()
    time.sleep(2 * scene.pace.cut_s)
    scene.heal()


def mute(scene):
    """All that it sends to the other side is lost, and nothing that is sent
    to it."""
    scene.network.mute()
    return end_after_switch(scene)


def mute_to_supervisors(scene):
    """They alone do not hear it."""
    scene.network.mute(SUPERVISORS)
    time.sleep(scene.pace.down_after_ms / 1000 + scene.pace.cut_s)
    scene.heal()
    return scene.now() if scene.has_switched() else None


CUT = (FOLLOW, INSIDE, WAITING_INSIDE)

ALL = [
    Scenario("planned", planned),
    Scenario("forced", forced),
    Scenario("crash", crash),
    Scenario("hang", hang),
    Scenario("crash, a replica of another history", crash_beside_stranger),
    Scenario("crash, a replica lags", crash_beside_laggard,
             (FOLLOW, POOLED, WAITING), apart=("m",)),
    Scenario("forced, a replica lags", forced_beside_laggard,
             (FOLLOW, POOLED, WAITING), apart=("m",)),
    Scenario("crash, the leader is cut off", crash_then_leader_lost),
    Scenario("empty and back at once", restart_empty),
    Scenario("cut off with its clients", cut_off, CUT, apart=("m",)),
    Scenario("the same, fencing = availability", cut_off, CUT, apart=("m",),
             settings={"fencing": "availability"}),
    Scenario("the same, fencing = safety", cut_off, CUT, apart=("m",),
             settings={"fencing": "safety"}),
    Scenario("cut off with clients and a replica", cut_off, CUT,
             apart=("m", "r1")),
    Scenario("the same, durability = 1", cut_off_while_waiting, CUT,
             apart=("m", "r1"), settings={"durability": 1}),
    Scenario("cut off with clients and a supervisor", cut_off,
             (FOLLOW, FOLLOW_INSIDE, WAITING_INSIDE), apart=("m", "s1")),
    Scenario("cut one way: the master is not heard", mute, CUT,
             one_way=True),
    Scenario("cut one way: supervisors do not hear it", mute_to_supervisors,
             one_way=True),
]
