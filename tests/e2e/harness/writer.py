"""A client that keeps writing and follows the master, as applications do.

It asks the supervisors where the master is, writes numbered keys there, and
on any trouble asks again. It notes what was accepted and what was not, and
can say afterwards which accepted writes a server does not have."""

import collections
import threading
import time

from .resp import Connection, ReplyError, ask_once, encode

Refusal = collections.namedtuple("Refusal", "at port reason")
Accepted = collections.namedtuple("Accepted", "at port number")


class Writer:
    """Writes from a thread of its own until close()."""

    def __init__(self, supervisor_ports, group="mymaster", pause_s=0.002,
                 reply_limit_s=0.25, tls=None):
        self.supervisor_ports = list(supervisor_ports)
        self.group = group
        self.pause_s = pause_s
        self.reply_limit_s = reply_limit_s
        self.tls = tls  # of the servers
        self.accepted = []
        self.refused = []
        self.number = 0
        self.connection = None
        self.port = None
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join(5.0)

    def last_accepted_port(self):
        return self.accepted[-1].port if self.accepted else None

    def first_accepted_by(self, port, since=0.0):
        for write in list(self.accepted):
            if write.port == port and write.at >= since:
                return write
        return None

    def lost(self, server_port):
        """Numbers of accepted writes that this server does not have."""
        numbers = [write.number for write in list(self.accepted)]
        with Connection(server_port, tls=self.tls) as connection:
            connection.send(b"".join(encode("EXISTS", "write:%d" % number)
                                     for number in numbers))
            return [number for number in numbers if connection.read() != 1]

    def _run(self):
        while not self.ended:
            try:
                self._write()
            except (OSError, ReplyError, ValueError) as error:
                self._refuse(str(error) or type(error).__name__)
            time.sleep(self.pause_s)
        self._disconnect()

    def _write(self):
        if self.connection is None:
            self._connect()
        number = self.number
        self.number += 1
        reply = self.connection.command("SET", "write:%d" % number, number)
        if reply == "OK":
            self.accepted.append(
                Accepted(time.monotonic(), self.port, number))

    def _connect(self):
        for supervisor in self.supervisor_ports:
            address = ask_once(supervisor, "SENTINEL",
                               "GET-MASTER-ADDR-BY-NAME", self.group,
                               limit_s=0.2)
            if isinstance(address, list):
                self.port = int(address[1])
                self.connection = Connection(self.port,
                                             limit_s=self.reply_limit_s,
                                             tls=self.tls)
                return
        raise OSError("no supervisor knows the master")

    def _refuse(self, reason):
        self.refused.append(Refusal(time.monotonic(), self.port, reason))
        self._disconnect()

    def _disconnect(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
