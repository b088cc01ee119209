"""A TCP proxy that can misbehave: a bad network without being root.

  pass        carries bytes both ways
  black hole  carries nothing, and new connects are not even completed: the
              listener's queue is kept full, so the kernel drops their SYN
  reset       existing connections are reset, new ones as soon as they come

Switching back to pass lets everything that waited go on."""

import selectors
import socket
import struct
import threading

from .ports import free_port

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    def __init__(self, target_port, port=None):
        self.target_port = target_port
        self.port = port or free_port()
        self.mode = "pass"
        self.pairs = {}
        self.fillers = []
        self.listener = None
        self.selector = selectors.DefaultSelector()
        self.wake_read, self.wake_write = socket.socketpair()
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        self.orders = []
        self.ended = False
        self.done = threading.Event()
        self._listen()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def pass_all(self):
        self._order(self._enter_pass)

    def black_hole(self):
        self._order(self._enter_black_hole)

    def reset_all(self):
        self._order(self._enter_reset)

    def close(self):
        self.ended = True
        self.wake_write.send(b"x")
        self.thread.join(2.0)

    def _order(self, what):
        """Runs `what` on the proxy's thread, and waits for it."""
        self.done.clear()
        self.orders.append(what)
        self.wake_write.send(b"x")
        assert self.done.wait(5.0), "the proxy does not obey"

    def _listen(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(64)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)

    def _enter_pass(self):
        if self.mode == "black hole":
            self._reopen_after_black_hole()
        self.mode = "pass"

    def _reopen_after_black_hole(self):
        for filler in self.fillers:
            filler.close()
        self.fillers = []
        self.listener.close()
        self._listen()
        for one in self.pairs:
            self.selector.register(one, selectors.EVENT_READ)

    def _enter_black_hole(self):
        self.mode = "black hole"
        self.selector.unregister(self.listener)
        for one in self.pairs:
            self.selector.unregister(one)
        self.listener.listen(0)
        for _ in range(3):  # fills the queue; the last one already waits
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def _enter_reset(self):
        if self.mode == "black hole":
            self._reopen_after_black_hole()
        self.mode = "reset"
        for one in list(self.pairs):
            self._drop(one, reset=True)

    def _run(self):
        while not self.ended:
            for key, _ in self.selector.select(1.0):
                if key.fileobj is self.wake_read:
                    self.wake_read.recv(64)
                elif key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj in self.pairs:
                    self._carry(key.fileobj)
            while self.orders:
                self.orders.pop(0)()
                self.done.set()
        for one in list(self.pairs):
            self._drop(one)
        for each in self.fillers + [self.listener]:
            each.close()

    def _accept(self):
        try:
            near, _ = self.listener.accept()
        except OSError:
            return
        if self.mode == "reset":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            RESET_ON_CLOSE)
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target_port), 1)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def _carry(self, one):
        try:
            data = one.recv(65536)
            if data:
                self.pairs[one].sendall(data)
                return
        except OSError:
            pass
        self._drop(one)

    def _drop(self, one, reset=False):
        if one not in self.pairs:
            return
        for each in (one, self.pairs[one]):
            if reset:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                RESET_ON_CLOSE)
            if each in self.selector.get_map():
                self.selector.unregister(each)
            del self.pairs[each]
            each.close()
