#!/usr/bin/python3
"""An engine that speaks Redis' protocol and is not Redis: a process.

    engine.py PORT KIND[,KIND...]

It holds keys, copies them to its followers and sends them what is written
afterwards, each time from the beginning; that is all it has of replication.
What engines do differently is a class each in engine_kinds.py, and a program
may be several of them at once. One thread does everything, so an engine that
blocks answers nobody."""

import os
import secrets
import selectors
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.resp import Incomplete, encode, parse  # noqa: E402

RETRY_S = 0.2
CONNECT_LIMIT_S = 1.0
OK = b"+OK\r\n"
NO_HISTORY = "0" * 40


def bulk(text):
    data = text.encode()
    return b"$%d\r\n%s\r\n" % (len(data), data)


def array(*parts):
    return b"*%d\r\n%s" % (len(parts), b"".join(parts))


def number(value):
    return b":%d\r\n" % value


def error(text):
    return b"-%s\r\n" % text.encode()


class Client:
    def __init__(self, sock):
        self.socket = sock
        self.buffer = b""
        self.queue = None       # of a transaction
        self.channels = set()
        self.follower_port = None  # it copies us
        self.acknowledged = 0


class Engine:
    """Like Redis in all that the kinds do not change."""

    without = frozenset()  # commands, as "CLIENT PAUSE"

    def __init__(self, port):
        self.port = port
        self.keys = {}
        self.offset = 0
        self.run_id = secrets.token_hex(20)
        self.replid, self.replid2 = secrets.token_hex(20), NO_HISTORY
        self.second_offset = -1
        self.master = None    # (host, port)
        self.link = None      # a Client whose other side is the master
        self.copied = False   # of this master
        self.retry_at = 0.0
        self.settings = {"min-replicas-to-write": "0",
                         "min-replicas-max-lag": "10"}
        self.clients = {}
        self.paused_until = 0.0
        self.postponed = []   # (client, words) of writers in a pause
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.selector.register(self.listener, selectors.EVENT_READ)

    # --- Connections ---------------------------------------------------------

    def run(self):
        while True:
            for key, _ in self.selector.select(0.02):
                if key.fileobj is self.listener:
                    self.add(Client(self.listener.accept()[0]))
                elif key.fileobj in self.clients:
                    self.read(self.clients[key.fileobj])
            self.on_time()

    def add(self, client):
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.clients[client.socket] = client
        self.selector.register(client.socket, selectors.EVENT_READ)

    def drop(self, client):
        if self.clients.pop(client.socket, None) is None:
            return
        self.selector.unregister(client.socket)
        client.socket.close()
        if client is self.link:
            self.link = None
            self.on_link_lost()

    def send(self, client, data):
        try:
            client.socket.sendall(data)
        except OSError:
            self.drop(client)

    def read(self, client):
        try:
            data = client.socket.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            self.drop(client)
            return
        client.buffer += data
        at = 0
        while client.socket in self.clients and at < len(client.buffer):
            try:
                words, at = parse(client.buffer, at)
            except Incomplete:
                break
            self.take(client, words)
        client.buffer = client.buffer[at:]

    def take(self, client, words):
        if client is self.link:
            self.on_stream(words)
        elif client.follower_port is not None:
            client.acknowledged = words
        else:
            reply = self.answer(client, words)
            if reply is not None:
                self.send(client, reply)

    def on_time(self):
        now = time.monotonic()
        if self.master and self.link is None and now >= self.retry_at:
            self.retry_at = now + RETRY_S
            self.connect_to_master()
        if self.postponed and now >= self.paused_until:
            waiting, self.postponed = self.postponed, []
            for client, words in waiting:
                if client.socket in self.clients:
                    self.take(client, words)

    # --- Replication ---------------------------------------------------------

    def follow(self, host, port):
        """The reply to SLAVEOF. Data stay until a copy is there."""
        self.set_master((host, port))
        return OK

    def set_master(self, master):
        if self.link is not None:
            link, self.link = self.link, None
            self.drop(link)
        self.drop_followers()
        self.master = master
        self.copied = False
        self.retry_at = 0.0

    def drop_followers(self):
        for client in list(self.clients.values()):
            if client.follower_port is not None:
                self.drop(client)

    def promote(self):
        if self.master is not None:
            self.set_master(None)
            self.replid2, self.second_offset = self.replid, self.offset + 1
            self.replid = secrets.token_hex(20)
        return OK

    def connect_to_master(self):
        """True when somebody is there."""
        try:
            sock = socket.create_connection(self.master, CONNECT_LIMIT_S)
        except OSError:
            return False
        self.link = Client(sock)
        self.add(self.link)
        self.send(self.link, encode("COPY", self.port))
        return True

    def on_link_lost(self):
        """It tries again, and keeps what it has."""

    def on_stream(self, words):
        name, *rest = words
        if name == "KEYS":
            self.replid, self.offset = rest[0], int(rest[1])
            self.keys = dict(zip(rest[2::2], rest[3::2]))
            self.copied = True
        else:
            self.write(words)
        if self.link is not None:
            self.send(self.link, number(self.offset))

    def begin_copy(self, client, words):
        client.follower_port = int(words[1])
        flat = [each for pair in self.keys.items() for each in pair]
        self.send(client, encode("KEYS", self.replid, self.offset, *flat))

    def write(self, words):
        name = words[0].upper()
        changed = 1
        if name == "SET":
            self.keys[words[1]] = words[2]
        elif name == "DEL":
            changed = sum(self.keys.pop(each, None) is not None
                          for each in words[1:])
        else:
            self.keys.clear()
        data = encode(*words)
        self.offset += len(data)
        for client in list(self.clients.values()):
            if client.follower_port is not None:
                self.send(client, data)
        return number(changed) if name == "DEL" else OK

    # --- Commands ------------------------------------------------------------

    def lacks(self, words):
        name = words[0].upper()
        both = " ".join([name] + [each.upper() for each in words[1:2]])
        return name in self.without or both in self.without

    def answer(self, client, words):
        name = words[0].upper()
        if self.lacks(words):
            return error("ERR unknown command '%s'" % words[0])
        if name == "EXEC":
            queue, client.queue = client.queue, None
            return array(*[self.execute(client, each) or b""
                           for each in queue])
        if client.queue is not None:
            client.queue.append(words)
            return b"+QUEUED\r\n"
        return self.execute(client, words)

    def execute(self, client, words):
        name = words[0].upper()
        if name in ("SET", "DEL", "FLUSHALL"):
            return self.on_write(client, words)
        if name in ("SLAVEOF", "REPLICAOF"):
            if words[1].upper() == "NO":
                return self.promote()
            return self.follow(words[1], int(words[2]))
        handler = getattr(self, "do_" + name.lower(), None)
        if handler is None:
            return error("ERR unknown command '%s'" % words[0])
        return handler(client, words)

    def on_write(self, client, words):
        if self.master is not None:
            return error("READONLY You can't write against a read only "
                         "replica.")
        if time.monotonic() < self.paused_until:
            self.postponed.append((client, words))
            return None
        return self.write(words)

    def do_ping(self, client, _words):
        if client.channels:
            return array(bulk("pong"), bulk(""))
        return b"+PONG\r\n"

    def do_get(self, _client, words):
        value = self.keys.get(words[1])
        return b"$-1\r\n" if value is None else bulk(value)

    def do_exists(self, _client, words):
        return number(sum(each in self.keys for each in words[1:]))

    def do_dbsize(self, _client, _words):
        return number(len(self.keys))

    def do_multi(self, client, _words):
        client.queue = []
        return OK

    def do_copy(self, client, words):
        self.begin_copy(client, words)

    def do_wait(self, _client, words):
        """Only what is acknowledged already counts; callers ask again."""
        having = sum(each.follower_port is not None
                     and each.acknowledged >= self.offset
                     for each in self.clients.values())
        return number(having)

    def do_subscribe(self, client, words):
        out = b""
        for channel in words[1:]:
            client.channels.add(channel)
            out += array(bulk("subscribe"), bulk(channel),
                         number(len(client.channels)))
        return out

    def do_publish(self, _client, words):
        listening = [each for each in self.clients.values()
                     if words[1] in each.channels]
        for each in listening:
            self.send(each, array(bulk("message"), bulk(words[1]),
                                  bulk(words[2])))
        return number(len(listening))

    def do_script(self, _client, _words):
        return error("NOTBUSY No scripts in execution right now.")

    def do_client(self, client, words):
        what = words[1].upper()
        if what == "PAUSE":
            self.paused_until = time.monotonic() + int(words[2]) / 1000
        elif what == "UNPAUSE":
            self.paused_until = 0.0
        elif what == "KILL":
            return number(self.kill_clients(client, words[3]))
        return OK

    def kill_clients(self, asking, kind):
        chosen = [each for each in self.clients.values()
                  if each is not asking and each is not self.link
                  and each.follower_port is None
                  and bool(each.channels) == (kind == "pubsub")]
        for each in chosen:
            self.drop(each)
        return len(chosen)

    def do_config(self, _client, words):
        what = words[1].upper()
        if what == "SET":
            self.settings.update(zip(words[2::2], words[3::2]))
        if what != "GET":
            return OK
        found = [bulk(each) for name in words[2:] if name in self.settings
                 for each in (name, self.settings[name])]
        return array(*found)

    # --- What it says of itself ----------------------------------------------

    def role_word(self):
        return "slave"

    def followers(self):
        return [each for each in self.clients.values()
                if each.follower_port is not None]

    def link_is_up(self):
        return self.link is not None and self.copied

    def do_role(self, _client, _words):
        if self.master is None:
            rows = [array(bulk("127.0.0.1"), bulk(str(each.follower_port)),
                          bulk(str(self.offset))) for each in self.followers()]
            return array(bulk("master"), number(self.offset), array(*rows))
        return array(bulk(self.role_word()), bulk(self.master[0]),
                     number(self.master[1]),
                     bulk("connected" if self.link_is_up() else "connect"),
                     number(self.offset))

    def do_info(self, _client, _words):
        sections = [("Server", self.server_lines()),
                    ("Persistence", ["loading:0"]),
                    ("Replication", self.replication_lines()),
                    ("Keyspace", self.keyspace_lines())]
        return bulk("".join("# %s\r\n%s\r\n" % (
            title, "".join(line + "\r\n" for line in lines))
            for title, lines in sections))

    def server_lines(self):
        return ["redis_version:7.4.0", "imitation_version:1.0",
                "run_id:" + self.run_id, "tcp_port:%d" % self.port]

    def keyspace_lines(self):
        return ["db0:keys=%d,expires=0" % len(self.keys)] if self.keys else []

    def replication_lines(self):
        if self.master is None:
            followers = self.followers()
            lines = ["role:master", "connected_slaves:%d" % len(followers)]
            lines += ["slave%d:ip=127.0.0.1,port=%d,state=online,offset=%d,"
                      "lag=0" % (index, each.follower_port, each.acknowledged)
                      for index, each in enumerate(followers)]
        else:
            up = self.link_is_up()
            lines = ["role:" + self.role_word(),
                     "master_host:" + self.master[0],
                     "master_port:%d" % self.master[1],
                     "master_link_status:" + ("up" if up else "down"),
                     "master_last_io_seconds_ago:%d" % (0 if up else -1),
                     "master_sync_in_progress:0", "slave_priority:100",
                     "slave_read_only:1"]
        return lines + self.history_lines()

    def history_lines(self):
        lines = ["master_replid:" + self.replid,
                 "master_replid2:" + self.replid2,
                 "master_repl_offset:%d" % self.offset,
                 "second_repl_offset:%d" % self.second_offset]
        if self.master is not None:
            lines.append("slave_repl_offset:%d" % self.offset)
        return lines


def main():
    from harness.engine_kinds import engine_of
    port, kinds = int(sys.argv[1]), sys.argv[2]
    engine_of([each for each in kinds.split(",") if each])(port).run()


if __name__ == "__main__":
    main()
