"""What happens to a master under load, one function for each scenario.

Each gets a Scene, makes the trouble, and returns the moment from which the
old master counts as one that should be a replica - None when it never comes
back."""

import time

from harness.resp import encode
from harness.slow_link import SlowLink

STRANGER_WRITES = 20000
STRANGER_VALUE = "x" * 1000


class Scenario:
    def __init__(self, title, strike, **pool_options):
        self.title = title
        self.strike = strike
        self.pool_options = pool_options


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
    time.sleep(3.0)
    return crash(scene)


def forced_beside_laggard(scene):
    scene.pool.proxy.hold(scene.pool.replicas[0].port)
    time.sleep(3.0)
    struck = forced(scene)
    scene.wait_switched()
    scene.pool.proxy.release()
    return struck


ALL = [
    Scenario("planned", planned),
    Scenario("forced", forced),
    Scenario("crash", crash),
    Scenario("hang", hang),
    Scenario("crash, a replica of another history", crash_beside_stranger),
    Scenario("crash, a replica lags", crash_beside_laggard,
             via_proxy=SlowLink),
    Scenario("forced, a replica lags", forced_beside_laggard,
             via_proxy=SlowLink),
]
