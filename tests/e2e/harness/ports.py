"""Ports that nobody else uses.

Ports are taken below the kernel's range for outgoing connections, so that no
client socket can sit on one by chance. A port is held by a name in the
abstract socket namespace for as long as this process lives: test runs side by
side never choose the same one, and nothing is left behind on any disk."""

import random
import socket

LOWEST = 12000
LOWEST_OF_MANY = 2000  # single ports leave this range whole
BEYOND = 32000

_held = []


def _hold(port):
    """Returns the lock of this port, or None when somebody has it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lock.bind("\0sentineld-test-port-%d" % port)
        return lock
    except OSError:
        lock.close()
        return None


def _is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _take(first, count):
    """Holds all of these ports; or none, and returns the one in use."""
    locks = []
    for port in range(first, first + count):
        lock = _hold(port)
        if lock is not None:
            locks.append(lock)
        if lock is None or not _is_free(port):
            for held in locks:
                held.close()
            return port
    _held.extend(locks)
    return None


def free_ports(count):
    """The first of `count` free ports in a row."""
    lowest = LOWEST if count == 1 else LOWEST_OF_MANY
    first = random.randrange(lowest, BEYOND - count)
    for _ in range(BEYOND):
        in_use = _take(first, count)
        if in_use is None:
            return first
        first = in_use + 1
        if first + count > BEYOND:
            first = lowest
    raise RuntimeError("no %d free ports in a row between %d and %d"
                       % (count, lowest, BEYOND))


def free_port():
    return free_ports(1)
