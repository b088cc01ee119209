"""What happens to a master under load, one function for each scenario.

Each gets a Scene, makes the trouble, and returns the moment from which the
old master counts as one that should be a replica - None when it may be the
master still."""

import time

from harness.resp import encode
from harness.slow_link import SlowLink
from island import Island
from scene import FOLLOW, INSIDE, POOLED, WAITING, WAITING_INSIDE

STRANGER_WRITES = 20000
STRANGER_VALUE = "x" * 1000


class Scenario:
    """`options` are the Scene's; `ours_alone`: redis-sentinel has no such
    setting."""

    def __init__(self, title, strike, writers=(FOLLOW, POOLED),
                 ours_alone=False, **options):
        self.title = title
        self.strike = strike
        self.writers = writers
        self.ours_alone = ours_alone
        self.options = options


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
    scene.pool.master.kill()
    scene.wait_switched()
    scene.pool.master.start()
    return scene.now()


def hang(scene):
    scene.pool.master.pause()
    scene.wait_switched()
    time.sleep(1.0)
    scene.pool.master.resume()
    return scene.now()


def make_stranger(server, master_port):
    """It wrote much by itself and follows in name only: it cannot log in."""
    with server.connect(limit_s=30.0) as connection:
        connection.command("CONFIG", "SET", "masteruser", "nobody",
                           "masterauth", "wrong")
        words = [("REPLICAOF", "NO", "ONE")]
        words += [("SET", "own:%d" % number, STRANGER_VALUE)
                  for number in range(STRANGER_WRITES)]
        words.append(("REPLICAOF", "127.0.0.1", master_port))
        connection.send(b"".join(encode(*each) for each in words))
        for _ in words:
            connection.read()


def crash_beside_stranger(scene):
    make_stranger(scene.pool.replicas[0], scene.pool.master_port)
    time.sleep(1.5)  # until supervisors have read its offset
    return crash(scene)


def crash_beside_laggard(scene):
    scene.pool.proxy.hold(scene.pool.replicas[0].port)
    time.sleep(scene.pace.lag_s)
    return crash(scene)


def forced_beside_laggard(scene):
    scene.pool.proxy.hold(scene.pool.replicas[0].port)
    time.sleep(scene.pace.lag_s)
    struck = forced(scene)
    scene.wait_switched()
    scene.pool.proxy.release()
    return struck


def restart_empty(scene):
    """At once, before anybody has missed it: its replicas may copy nothing
    from it, which is what it has."""
    scene.pool.master.kill()
    scene.pool.master.start()


def cut_off(scene):
    """Together with some clients; some time after the switch it is over."""
    scene.cut_off()
    scene.wait_switched()
    time.sleep(scene.pace.cut_s)
    scene.heal()
    return scene.now()


def cut_off_while_waiting(scene):
    """With a replica that may have what is confirmed: nobody is promoted."""
    scene.cut_off()
    time.sleep(2 * scene.pace.cut_s)
    scene.heal()


ALL = [
    Scenario("planned", planned),
    Scenario("forced", forced),
    Scenario("crash", crash),
    Scenario("hang", hang),
    Scenario("crash, a replica of another history", crash_beside_stranger),
    Scenario("crash, a replica lags", crash_beside_laggard,
             (FOLLOW, POOLED, WAITING), via_proxy=SlowLink),
    Scenario("forced, a replica lags", forced_beside_laggard,
             (FOLLOW, POOLED, WAITING), via_proxy=SlowLink),
    Scenario("empty and back at once", restart_empty),
    Scenario("cut off with its clients", cut_off,
             (FOLLOW, INSIDE, WAITING_INSIDE), via_proxy=Island),
    Scenario("cut off with clients and a replica", cut_off,
             (FOLLOW, INSIDE, WAITING_INSIDE), via_proxy=Island,
             replica_inside=True),
    Scenario("the same, durability = 1", cut_off_while_waiting,
             (FOLLOW, INSIDE, WAITING_INSIDE), ours_alone=True,
             via_proxy=Island, replica_inside=True, durability=1),
]
