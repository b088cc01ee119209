"""A master that is killed, and is there again a moment later."""

import time

from .resp import encode
from .waiting import wait_until


def fill(server, keys, value, replicas):
    """Exactly these keys, and each replica has them all."""
    with server.connect(limit_s=30.0) as connection:
        connection.command("FLUSHALL")
        connection.send(b"".join(
            encode("SET", "key:%d" % number, value)
            for number in range(keys)))
        for _ in range(keys):
            connection.read()
        wait_until(lambda: connection.command("WAIT", replicas, 1000)
                   >= replicas, 15, "%d replicas have all keys" % replicas)


def restart(server, delay_s):
    """kill -9, and again after the delay, with what its disk holds."""
    server.kill()
    time.sleep(delay_s)
    server.process.start()


def restart_empty(server, delay_s):
    server.remove_data()
    server.kill()
    server.remove_data()
    time.sleep(delay_s)
    server.process.start()
