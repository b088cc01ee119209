"""A real redis-server, started for a test."""

import os
import time

from .places import HERE
from .ports import free_port
from .processes import Process
from .resp import Connection, ReplyError
from .waiting import wait_until

CONFIG = """\
%(ports)s
bind %(hosts)s
protected-mode no
dir %(directory)s
save ""
appendonly no
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-diskless-load disabled
"""


class RedisServer:
    """One redis-server with a configuration file of its own, which it may
    rewrite, as supervisors ask it to."""

    def __init__(self, name, directory, port=None, extra="", password=None,
                 tls=None, place=HERE):
        """With `tls` (Certificates) it speaks nothing else."""
        self.name = name
        self.port = port or free_port()
        self.password = password
        self.tls = tls
        self.place = place
        ports = "port %d" % self.port
        if tls:
            ports = "port 0\ntls-port %d" % self.port
            extra += tls.redis_lines()
        if password:
            extra += "requirepass %s\nmasterauth %s\n" % (password, password)
        self.directory = os.path.join(directory, name)
        os.makedirs(self.directory, exist_ok=True)
        self.config = os.path.join(self.directory, "redis.conf")
        values = {"ports": ports, "hosts": " ".join(place.hosts),
                  "directory": self.directory}
        with open(self.config, "w") as file:
            file.write(CONFIG % values + extra)
        self.process = Process(name, self.arguments(),
                               os.path.join(self.directory, "log"),
                               place=place)

    def arguments(self):
        return ["redis-server", self.config]

    def start(self, limit_s=10.0):
        self.process.start()
        wait_until(self.answers, limit_s, "%s answers PING" % self.name)
        return self

    def connect(self, limit_s=5.0):
        connection = Connection(self.port, limit_s=limit_s,
                                tls=self.tls and self.tls.context(),
                                place=self.place)
        if self.password:
            connection.command("AUTH", self.password)
        return connection

    def command(self, *words):
        with self.connect() as connection:
            return connection.command(*words)

    def write_confirmed(self, key, value, replicas):
        """Writes, and returns when so many replicas have it. WAIT counts for
        the writes of its own connection only; a replica that was just synced
        is sent nothing for up to a second."""
        with self.connect() as connection:
            connection.command("SET", key, value)
            having = connection.command("WAIT", replicas, 4000)
        assert having >= replicas, \
            "%d of %d replicas have the write" % (having, replicas)

    def answers(self):
        assert self.process.alive(), \
            "%s ended at start: %s" % (self.name, self.process.log_tail())
        try:
            with self.connect(limit_s=1.0) as connection:
                return connection.ask("PING") == "PONG"
        except (OSError, ReplyError):
            return False

    def follow(self, master_port, host="127.0.0.1"):
        self.command("REPLICAOF", host, master_port)

    def look(self, *words):
        """A question that may be asked again: supervisors cut a server's
        clients off whenever they change its role."""
        for _ in range(5):
            try:
                return self.command(*words)
            except ConnectionError:
                time.sleep(0.02)
        return self.command(*words)

    def info(self, section="replication"):
        text = self.look("INFO", section)
        pairs = (line.split(":", 1) for line in text.splitlines()
                 if ":" in line)
        return dict(pairs)

    def role(self):
        return self.look("ROLE")[0]

    def follows(self, master_port):
        """True when it is a replica of that port and in step with it."""
        info = self.info()
        return (info["role"] == "slave"
                and info["master_port"] == str(master_port)
                and info["master_link_status"] == "up")

    def kill(self):
        self.process.kill()

    def remove_data(self):
        """It will start empty; a replica keeps what it was sent at its last
        full synchronisation, and with it its master's history."""
        path = os.path.join(self.directory, "dump.rdb")
        if os.path.exists(path):
            os.remove(path)

    def pause(self):
        self.process.pause()

    def resume(self):
        self.process.resume()
