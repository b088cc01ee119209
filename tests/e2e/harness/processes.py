"""Child processes that cannot be left behind.

Every child leads a session of its own, so Ctrl-C reaches only us and we stop
the children in order. If we end in any other way - even by SIGKILL - the
kernel kills them (PR_SET_PDEATHSIG). That signal belongs to the *thread* that
forked, therefore processes are started from the main thread alone."""

import atexit
import ctypes
import os
import resource
import signal
import subprocess
import threading
import time

from .places import HERE

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_started = []


def die_with_parent(parent):
    """Asks the kernel to kill this process when `parent` is gone."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _in_child(parent):
    """Runs in the child between fork and exec."""
    die_with_parent(parent)
    # Beyond a file size limit a write shall fail, as on a full disk, and not
    # end the program; see set_file_size_limit.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class Process:
    """A program with its output in a file, stopped and started by pid."""

    def __init__(self, name, argv, log_path, cwd=None, place=HERE):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.log_path = log_path
        self.cwd = cwd
        self.place = place
        self.popen = None
        self.ended_by_us = False

    def start(self):
        self.ended_by_us = False
        assert threading.current_thread() is threading.main_thread()
        assert not self.alive(), "%s already runs" % self.name
        parent = os.getpid()
        with open(self.log_path, "ab") as log, self.place.inside():
            self.popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.cwd, start_new_session=True,
                preexec_fn=lambda: _in_child(parent))
        _started.append(self)
        return self

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen is not None and self.popen.poll() is None

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL for it and for what it forked; returns when it is gone."""
        if self.popen is None:
            return
        if self.alive():
            self.ended_by_us = True
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, limit_s=5.0):
        """SIGTERM, and SIGKILL when that is not obeyed in time. Returns the
        exit status; negative: the signal it died of."""
        if not self.alive():
            return self.popen.returncode if self.popen else None
        self.ended_by_us = True
        self.resume()
        self.signal(signal.SIGTERM)
        end = time.monotonic() + limit_s
        while self.alive() and time.monotonic() < end:
            time.sleep(0.01)
        self.kill()
        return self.popen.returncode

    def end_well(self):
        """Fails if it ended on its own, or does not end with status 0. (A
        sanitizer that found something makes the status another one.)"""
        if self.popen is None:
            return
        if self.alive():
            status = self.stop(10.0)
            assert status == 0, "%s ended with status %s" % (
                self.name, status)
        elif not self.ended_by_us:
            raise AssertionError("%s ended on its own, with status %s" % (
                self.name, self.popen.returncode))

    def log_text(self):
        try:
            with open(self.log_path, errors="replace") as log:
                return log.read()
        except OSError:
            return ""

    def log_tail(self, lines=12):
        return self.log_text().splitlines()[-lines:]


def set_file_size_limit(pid, limit):
    """Changes RLIMIT_FSIZE of a running process; None = no limit."""
    soft = resource.RLIM_INFINITY if limit is None else limit
    resource.prlimit(pid, resource.RLIMIT_FSIZE,
                     (soft, resource.RLIM_INFINITY))


def stop_all():
    """Ends everything that was started here and still runs, at once."""
    while _started:
        _started.pop().kill()


def end_on_signals():
    """Turns SIGTERM and SIGHUP into an ordinary end, so that what `finally`
    and atexit promise happens then too. SIGINT raises KeyboardInterrupt even
    if whoever started us had it ignored."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


atexit.register(stop_all)
