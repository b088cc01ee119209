"""Where in the network something runs.

Tests and what they start share one network, this machine's loopback, and tell
things apart by their ports. A test that needs more gives some of its processes
a place of their own (tests/chaos/namespaces.py has such places)."""

import contextlib


class Place:
    """`host` is how others reach what runs here, `hosts` all its addresses.
    The test itself comes to it by 127.0.0.1, from inside."""

    host = "127.0.0.1"
    hosts = ("127.0.0.1",)

    @contextlib.contextmanager
    def inside(self):
        """What this thread starts or opens meanwhile is at this place."""
        yield


HERE = Place()
