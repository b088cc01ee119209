"""What a daemon says in its log, and since when."""

import time

from harness.waiting import wait_until


class Log:
    """The lines that a daemon writes from now on."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.start = len(self.all_lines())

    def all_lines(self):
        return self.daemon.process.log_text().splitlines()

    def lines(self, *words):
        """Those that have all these words."""
        return [line for line in self.all_lines()[self.start:]
                if all(word in line for word in words)]

    def wait(self, *words, limit_s=5.0):
        return wait_until(
            lambda: self.lines(*words), limit_s, "%s says %r in its log"
            % (self.daemon.name, words), seen=lambda: self.lines()[-5:])[0]

    def count_for(self, span_s, *words):
        """How many come within that span."""
        before = len(self.lines(*words))
        time.sleep(span_s)
        return len(self.lines(*words)) - before
