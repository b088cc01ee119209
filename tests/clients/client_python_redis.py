"""Writes with redis-py: Sentinel.master_for, and reads with slave_for.
What is printed: see run.py."""

import itertools
import os
import time

import redis
from redis.sentinel import Sentinel

PORTS = os.environ["SENTINEL_PORTS"].split()
GROUP, CLIENT = os.environ["GROUP"], os.environ["CLIENT"]


def say(*words):
    print(time.monotonic_ns() // 1000000, *words, flush=True)


def options():
    """For servers and supervisors alike."""
    chosen = {"socket_timeout": 1.0}
    if os.environ["LOGIN_PASSWORD"]:
        chosen["password"] = os.environ["LOGIN_PASSWORD"]
    if os.environ["LOGIN_USER"]:
        chosen["username"] = os.environ["LOGIN_USER"]
    if os.environ["TLS_CA"]:
        chosen.update(ssl=True, ssl_ca_certs=os.environ["TLS_CA"],
                      ssl_certfile=os.environ["TLS_CERT"],
                      ssl_keyfile=os.environ["TLS_KEY"])
    return chosen


def attempt(action, name):
    try:
        action()
        say(name)
    except redis.RedisError as error:
        words = "%s: %s" % (type(error).__name__, error)
        say("error" if name.startswith("ok") else "read-error", words)


def main():
    sentinel = Sentinel([("127.0.0.1", int(port)) for port in PORTS],
                        sentinel_kwargs=options(), **options())
    master, replicas = sentinel.master_for(GROUP), sentinel.slave_for(GROUP)
    for number in itertools.count():
        attempt(lambda n=number: master.set("%s:%d" % (CLIENT, n), 1),
                "ok %d" % number)
        attempt(lambda: replicas.get("%s:0" % CLIENT), "read-ok")
        time.sleep(0.02)


main()
