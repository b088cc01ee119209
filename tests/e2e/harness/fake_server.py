"""An imitation of one Redis server that lies on request.

It answers as a master or replica would, from a few attributes that a test may
set at any time; `overrides` maps a command's name to the raw bytes to answer
instead. One thread for each server."""

import selectors
import socket
import threading

from .ports import free_port
from .resp import Incomplete, parse

REPLID = "1234567890" * 4


class FakeServer:
    def __init__(self, name, master=None, priority=100, offset=1000):
        self.name = name
        self.port = free_port()
        self.master = master
        self.replicas = []
        self.priority = priority
        self.offset = offset
        self.overrides = {}
        self.obeys = True  # SLAVEOF has an effect
        self.seen = []     # commands, in upper case
        self.buffers = {}
        self.queued = {}   # in a transaction: replies so far
        self.ended = False
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        if master is not None:
            master.replicas.append(self)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        """Like a killed process: connections end, new ones are refused."""
        self.ended = True
        self.thread.join(2.0)

    def info(self):
        if "INFO" in self.overrides:
            return self.overrides["INFO"]
        lines = ["# Server", "redis_version:7.0.15",
                 "run_id:%040d" % self.port,
                 "# Replication"]
        if self.master is None:
            lines.append("role:master")
            lines.append("connected_slaves:%d" % len(self.replicas))
            lines += ["slave%d:ip=127.0.0.1,port=%d,state=online,offset=%d,"
                      "lag=0" % (number, replica.port, replica.offset)
                      for number, replica in enumerate(self.replicas)]
        else:
            lines += ["role:slave", "master_host:127.0.0.1",
                      "master_port:%d" % self.master.port,
                      "master_link_status:up",
                      "slave_repl_offset:%d" % self.offset,
                      "slave_priority:%d" % self.priority]
        lines += ["master_replid:" + REPLID,
                  "master_replid2:" + "0" * 40,
                  "master_repl_offset:%d" % self.offset]
        text = "\r\n".join(lines + [""])
        return b"$%d\r\n%s\r\n" % (len(text), text.encode())

    def _role(self):
        if self.master is None:
            return b"*3\r\n$6\r\nmaster\r\n:%d\r\n*0\r\n" % self.offset
        return (b"*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
                b"$9\r\nconnected\r\n:%d\r\n" % (self.master.port,
                                                 self.offset))

    def _run(self):
        while not self.ended:
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    client, _ = self.listener.accept()
                    self.buffers[client] = b""
                    self.selector.register(client, selectors.EVENT_READ)
                else:
                    self._read(key.fileobj)
        for client in list(self.buffers):
            self._drop(client)
        self.listener.close()

    def _read(self, client):
        try:
            data = client.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        data = self.buffers[client] + data
        at = 0
        while at < len(data):
            try:
                words, at = parse(data, at)
            except Incomplete:
                break
            reply = self._answer(client, words)
            try:
                client.sendall(reply)
            except OSError:
                self._drop(client)
                return
        self.buffers[client] = data[at:]

    def _drop(self, client):
        self.selector.unregister(client)
        self.buffers.pop(client, None)
        self.queued.pop(client, None)
        client.close()

    def _answer(self, client, words):
        name = words[0].upper()
        self.seen.append(" ".join([name] + words[1:]))
        if name == "MULTI":
            self.queued[client] = []
            return b"+OK\r\n"
        if name == "EXEC":
            replies = self.queued.pop(client, [])
            return self.overrides.get("EXEC") or (
                b"*%d\r\n" % len(replies) + b"".join(replies))
        reply = self._reply(name, words)
        if client in self.queued:
            self.queued[client].append(reply)
            return b"+QUEUED\r\n"
        return reply

    def _reply(self, name, words):
        if name in self.overrides:
            return self.overrides[name]
        if name == "PING":
            return b"+PONG\r\n"
        if name == "INFO":
            return self.info()
        if name == "ROLE":
            return self._role()
        if name == "PUBLISH":
            return b":0\r\n"
        if name == "SUBSCRIBE":
            return b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n" % (
                len(words[1]), words[1].encode())
        if name in ("SLAVEOF", "REPLICAOF") and self.obeys:
            self._follow(words)
        return b"+OK\r\n"

    def _follow(self, words):
        if words[1].upper() == "NO":
            self.master = None
        elif self.master is not None or words[2] != str(self.port):
            self.master = _Somewhere(int(words[2]))


class _Somewhere:
    """A master of which nothing is known but its port."""

    def __init__(self, port):
        self.port = port
        self.replicas = []
