"""An engine's process, with the face of a RedisServer."""

import functools
import os
import sys
import time

from .redis_server import RedisServer

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "engine.py")


class EngineServer(RedisServer):
    """`kinds` are names of engine_kinds.KINDS."""

    def __init__(self, name, directory, kinds=(), **options):
        self.kinds = kinds
        super().__init__(name, directory, **options)

    def arguments(self):
        return [sys.executable, PROGRAM, self.port, ",".join(self.kinds)]

    def role(self):
        """Not all of them know ROLE."""
        role = self.info()["role"]
        return "master" if role == "master" else "slave"

    def follows(self, master_port):
        info = self.info()
        return (info["role"] != "master"
                and info["master_port"] == str(master_port)
                and info["master_link_status"] == "up")

    def write_confirmed(self, key, value, replicas):
        with self.connect() as connection:
            connection.command("SET", key, value)
            end = time.monotonic() + 4.0
            while connection.command("WAIT", replicas, 0) < replicas:
                assert time.monotonic() < end, "replicas lack the write"
                time.sleep(0.01)


def engines(*kinds):
    """A `server_kind` for a Pool."""
    return functools.partial(EngineServer, kinds=kinds)
