"""Load: some clients that write as fast as they are let, each acknowledged
write noted, and afterwards counted whether it survived.

There are two kinds. One *follows*: it listens to +switch-master and goes where
that points to, and after any error it asks for the master again. One is
*pooled*: it keeps a connection until that breaks, as connection pools do that
nobody tells; an error reply does not break it, and only then it asks.

With `wait_for` a write counts as acknowledged when WAIT has found it on so
many replicas. `reach` is how such clients come to an address that they were
told: it makes a Connection, or refuses."""

import threading
import time

from .resp import Connection, ReplyError, encode

CHUNK = 2000
LOOK_AGAIN_S = 0.005
CONNECT_LIMIT_S = 0.5


class _Client:
    """One writer, in a thread of its own."""

    def __init__(self, load, name):
        self.load = load
        self.name = name
        self.acknowledged = []  # (time, number)
        self.refusals = []      # (time, reason)
        self.number = 0
        self.connection = None
        self.switches_seen = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def key(self, number):
        return "%s:%d" % (self.name, number)

    def _run(self):
        while not self.load.ended:
            try:
                self._write()
            except (OSError, ValueError) as error:
                self._refuse(error)
                self._disconnect()
                time.sleep(LOOK_AGAIN_S)
            except ReplyError as error:
                self._refuse(error)
                if self.load.follow:
                    self._disconnect()
                time.sleep(LOOK_AGAIN_S)
            time.sleep(self.load.pause_s)
        self._disconnect()

    def _write(self):
        if self.load.follow and self.switches_seen != self.load.switches:
            self._disconnect()
        if self.connection is None:
            told = self.switches_seen != self.load.switches
            self.switches_seen = self.load.switches
            self.connection = self.load.connect(told)
        self.number += 1
        self.connection.command("SET", self.key(self.number), "x")
        if not self._is_confirmed():
            return
        self.acknowledged.append((time.monotonic(), self.number))

    def _is_confirmed(self):
        wanted = self.load.wait_for
        return wanted == 0 or self.connection.command(
            "WAIT", wanted, int(500 * self.load.reply_limit_s)) >= wanted

    def _refuse(self, error):
        self.refusals.append((time.monotonic(),
                              str(error) or type(error).__name__))

    def _disconnect(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Load:
    """Writers until close()."""

    def __init__(self, supervisors, group="mymaster", writers=4,
                 follow=True, pause_s=0.001, reply_limit_s=2.0, prefix="w",
                 wait_for=0, reach=Connection):
        self.supervisors = list(supervisors)  # (host, port)
        self.group = group
        self.follow = follow
        self.pause_s = pause_s
        self.reply_limit_s = reply_limit_s
        self.wait_for = wait_for
        self.reach = reach
        self.switches = 0
        self.told = None  # (host, port)
        self.ended = False
        self.clients = [_Client(self, "%s%d" % (prefix, number))
                        for number in range(writers)]
        self.listeners = []
        if follow:
            self.listeners = [
                threading.Thread(target=self._listen, args=address,
                                 daemon=True)
                for address in self.supervisors]
        for listener in self.listeners:
            listener.start()

    def close(self):
        self.ended = True
        for client in self.clients:
            client.thread.join(self.reply_limit_s + 2.0)

    def acknowledged(self):
        """Times of all acknowledged writes, in order."""
        return sorted(at for client in self.clients
                      for at, _ in list(client.acknowledged))

    def count(self):
        return sum(len(client.acknowledged) for client in self.clients)

    def acknowledged_since(self, moment):
        """Writes that were acknowledged after this."""
        return sum(1 for client in self.clients
                   for at, _ in list(client.acknowledged) if at > moment)

    def longest_gap(self, since=0.0):
        """The longest time without any acknowledged write, in seconds."""
        times = [at for at in self.acknowledged() if at >= since]
        return max((later - earlier
                    for earlier, later in zip(times, times[1:])), default=0.0)

    def reasons(self):
        """Refusals counted by what they said."""
        counts = {}
        for client in self.clients:
            for _, reason in client.refusals:
                counts[reason] = counts.get(reason, 0) + 1
        return counts

    def lost(self, server):
        """(time, key) of each acknowledged write that this server lacks."""
        missing = []
        with server.connect(limit_s=30.0) as connection:
            for client in self.clients:
                missing += self._missing(connection, client)
        return sorted(missing)

    @staticmethod
    def _missing(connection, client):
        missing = []
        writes = list(client.acknowledged)
        for start in range(0, len(writes), CHUNK):
            chunk = writes[start:start + CHUNK]
            connection.send(b"".join(encode("EXISTS", client.key(number))
                                     for _, number in chunk))
            missing += [(at, client.key(number)) for at, number in chunk
                        if connection.read() != 1]
        return missing

    def connect(self, told):
        """To where an event pointed, or else to where supervisors do."""
        if told:
            return self._connect_to(*self.told)
        for host, port in self.supervisors:
            address = self._master_address(host, port)
            if isinstance(address, list):
                return self._connect_to(address[0], int(address[1]))
        raise OSError("no supervisor knows the master")

    def _master_address(self, host, port):
        try:
            with self.reach(port, host, limit_s=CONNECT_LIMIT_S) as connection:
                return connection.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME",
                                      self.group)
        except OSError:
            return None

    def _connect_to(self, host, port):
        connection = self.reach(port, host, limit_s=CONNECT_LIMIT_S)
        connection.socket.settimeout(self.reply_limit_s)
        return connection

    def _listen(self, host, port):
        while not self.ended:
            try:
                with self.reach(port, host, limit_s=0.5) as connection:
                    connection.command("SUBSCRIBE", "+switch-master")
                    self._count_switches(connection)
            except (OSError, ReplyError):
                time.sleep(0.05)

    def _count_switches(self, connection):
        while not self.ended:
            try:
                message = connection.read()
            except TimeoutError:
                continue
            words = message[2].split()
            if words[0] == self.group:
                self.told = words[3], int(words[4])
                self.switches += 1
