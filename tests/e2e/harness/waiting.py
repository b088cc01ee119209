"""Waits that end: each has a limit and says what it waited for."""

import time


class TimeLimit(AssertionError):
    """Something did not become true in time."""


def wait_until(check, limit_s, what, interval_s=0.02, seen=None):
    """Calls `check` until it returns something true, and returns that.

    `what` is the sentence of the failure; `seen` (optional) is called then
    to say what was there instead."""
    end = time.monotonic() + limit_s
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > end:
            break
        time.sleep(interval_s)
    found = "; seen: %s" % (seen(),) if seen else ""
    raise TimeLimit("%s: not within %.1f s%s" % (what, limit_s, found))


def stays(check, span_s, what, interval_s=0.05):
    """Fails when `check` becomes false within the span."""
    end = time.monotonic() + span_s
    while time.monotonic() < end:
        assert check(), "%s: no longer true" % what
        time.sleep(interval_s)
