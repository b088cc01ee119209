#!/usr/bin/python3
"""A failover to watch: real Redis servers, three supervisors, one client.

    demo.py [--daemon PATH] [--down-after-ms N] [--refused-after-ms N]

Starts a master with two replicas, three sentineld, and a client that keeps
writing. Kills the master, prints what happened by the millisecond, starts the
old master again, shows that it became a replica, and stops everything. Needs
redis-server and Python 3, no root, no network beyond loopback. Ctrl-C ends it
at any time and leaves no process behind."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import processes  # noqa: E402
from harness.lab import Lab, Pool  # noqa: E402
from harness.waiting import TimeLimit, wait_until  # noqa: E402

from timeline import Timeline  # noqa: E402

DEFAULT_DAEMON = os.path.join(ROOT, "build", "gcc", "sentineld")
GROUP = "mymaster"


class Screen:
    """Plain lines; bold and colour only when somebody looks at them."""

    def __init__(self):
        self.colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.next_dot = 0.0

    def paint(self, code, text):
        return "\033[%sm%s\033[0m" % (code, text) if self.colours else text

    def title(self, text):
        print("\n" + self.paint("1", text), flush=True)

    def line(self, text):
        print("  " + text, flush=True)

    def good(self, text):
        self.line(self.paint("32", text))

    def wait(self, check, limit_s, what):
        """Like wait_until, with a dot every half second."""
        print("  %s " % what, end="", flush=True)
        self.next_dot = time.monotonic() + 0.5

        def check_with_dots():
            if time.monotonic() > self.next_dot:
                self.next_dot += 0.5
                print(".", end="", flush=True)
            return check()
        try:
            result = wait_until(check_with_dots, limit_s, what)
        except TimeLimit:
            print(" no")
            raise
        print(" yes", flush=True)
        return result


class Demo:
    def __init__(self, options, directory):
        self.screen = Screen()
        self.lab = Lab(directory, options.daemon)
        group = {"down_after_ms": options.down_after_ms, "quorum": 2,
                 "refused_after_ms": options.refused_after_ms}
        self.pool = Pool(self.lab, group=group, name=GROUP)
        self.writer = None
        self.killed_at = None
        self.new_master = None

    def run(self):
        self.start()
        self.show_topology()
        self.kill_the_master()
        self.show_timeline()
        self.bring_it_back()
        self.stop()

    def start(self):
        pool, screen = self.pool, self.screen
        screen.title("1. A master, two replicas, three supervisors, a client")
        pool.start_servers()
        for server in pool.servers:
            screen.line("redis-server %-3s port %d%s" % (
                server.name, server.port,
                "  (master)" if server is pool.master else ""))
        for daemon in pool.supervisors:
            daemon.start()
            screen.line("%-12s %-3s port %d, told only of the master" % (
                os.path.basename(self.lab.program), daemon.name, daemon.port))
        pool.events = self.lab.events(pool.supervisors)
        for daemon in pool.supervisors:
            screen.wait(lambda d=daemon: pool.sees_all(d), 30,
                        "%s finds both replicas and its two peers"
                        % daemon.name)
        self.writer = self.lab.writer(pool.supervisors)
        screen.wait(lambda: len(self.writer.accepted) >= 200, 15,
                    "the client writes")

    def show_topology(self):
        screen, daemon = self.screen, self.pool.supervisors[0]
        screen.title("2. What %s says" % daemon.name)
        master = daemon.master(GROUP)
        screen.line("%s: master %s (%s:%s), %s replicas, %s other "
                    "supervisors, quorum %s, down after %s ms" % (
                        GROUP, self.name_of(master["port"]), master["ip"],
                        master["port"], master["num-slaves"],
                        master["num-other-sentinels"], master["quorum"],
                        master["down-after-milliseconds"]))
        for row in daemon.replicas(GROUP):
            screen.line("  replica %s (port %s), link to its master: %s" % (
                self.name_of(row["port"]), row["port"],
                row["master-link-status"]))
        for row in daemon.peers(GROUP):
            screen.line("  supervisor at port %s, id %s..." % (
                row["port"], row["runid"][:8]))

    def kill_the_master(self):
        pool, screen = self.pool, self.screen
        screen.title("3. kill -9 %s" % pool.master.name)
        self.killed_at = time.monotonic()
        pool.master.kill()
        self.new_master = screen.wait(
            self.switched_server, 60, "every supervisor names a new master")
        screen.wait(lambda: self.writer.first_accepted_by(
            self.new_master.port), 15, "the client's writes go on")
        screen.wait(lambda: pool.events.find("+failover-end"), 60,
                    "the other replica follows")

    def switched_server(self):
        ports = {d.master_port(GROUP) for d in self.pool.supervisors}
        port = ports.pop()
        if ports or port == self.pool.master_port:
            return None
        told = {event.source for event
                in self.pool.events.find("+switch-master")}
        if len(told) < len(self.pool.supervisors):
            return None
        return self.pool.server_at(port)

    def show_timeline(self):
        self.screen.title("4. What happened, in milliseconds since the kill")
        ids = {daemon.my_id(): daemon.name
               for daemon in self.pool.supervisors}
        names = {str(server.port): server.name
                 for server in self.pool.servers}
        timeline = Timeline(self.killed_at, ids, names)
        timeline.add_events(self.pool.events.events)
        timeline.add_writes(self.writer, self.new_master)
        for line in timeline.lines():
            self.screen.line(line)
        self.show_losses()

    def show_losses(self):
        writer, port = self.writer, self.new_master.port
        first = writer.first_accepted_by(port)
        accepted = [write for write in list(writer.accepted)
                    if write.at < first.at]
        refused = [each for each in list(writer.refused)
                   if each.at > self.killed_at]
        lost = writer.lost(port)
        gap_ms = (first.at - accepted[-1].at) * 1000
        print()
        self.screen.line("no write accepted for %.0f ms; refused meanwhile: "
                         "%d; accepted before it: %d" % (
                             gap_ms, len(refused), len(accepted)))
        self.screen.line("accepted writes that the new master does not have: "
                         "%d" % len(lost))

    def bring_it_back(self):
        pool, screen, old = self.pool, self.screen, self.pool.master
        screen.title("5. %s comes back" % old.name)
        since = pool.events.mark()
        old.start()
        back_at = time.monotonic()
        screen.line("it starts as a %s, as its own files say" % old.role())
        screen.wait(lambda: old.role() == "slave", 60,
                    "it is made a replica")
        after_ms = (time.monotonic() - back_at) * 1000
        screen.wait(lambda: old.follows(self.new_master.port), 30,
                    "it follows %s" % self.new_master.name)
        told = pool.events.find("+convert-to-slave", since=since)
        if told:
            after_ms = (told[0].at - back_at) * 1000
            screen.line("%s gave the order %.0f ms after it answered" % (
                told[0].source, max(after_ms, 0)))
        else:
            screen.line("seen %.0f ms after it answered" % after_ms)
        for server in pool.servers:
            screen.line("redis-server %-3s port %d is a %s" % (
                server.name, server.port,
                {"slave": "replica"}.get(server.role(), server.role())))

    def stop(self):
        screen = self.screen
        screen.title("6. Everything stops")
        self.writer.close()
        self.lab.closing.remove(self.writer)
        for each in self.pool.supervisors + self.pool.servers:
            status = each.process.stop()
            screen.line("%s ended%s" % (
                each.name, "" if status == 0 else " with status %s" % status))
        screen.good("Done. %.0f ms after the crash a client could write "
                    "again." % (
            (self.writer.first_accepted_by(self.new_master.port).at
             - self.killed_at) * 1000))

    def name_of(self, port):
        return self.pool.server_at(int(port)).name


def arguments():
    parser = argparse.ArgumentParser(description="A failover to watch.")
    parser.add_argument("--daemon", default=DEFAULT_DAEMON, metavar="PATH",
                        help="sentineld, or redis-sentinel to compare "
                        "(%(default)s)")
    parser.add_argument("--down-after-ms", type=int, default=1000,
                        help="silence that counts as down (%(default)s)")
    parser.add_argument("--refused-after-ms", type=int, default=None,
                        help="the same for refused connections "
                        "(as --down-after-ms)")
    options = parser.parse_args()
    path = shutil.which(options.daemon)
    if path is None:
        sys.exit("demo.py: no daemon at %s; run make first" % options.daemon)
    if shutil.which("redis-server") is None:
        sys.exit("demo.py: redis-server is not installed; run make deps")
    options.daemon = os.path.abspath(path)
    return options


def clean_up(demo, directory):
    # A second Ctrl-C must not leave half of it running.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if demo is not None:
        demo.lab.close()
    shutil.rmtree(directory, ignore_errors=True)


def main():
    options = arguments()
    processes.end_on_signals()
    sys.setswitchinterval(0.0005)  # the timeline is about milliseconds
    directory = tempfile.mkdtemp(prefix="sentineld-demo-")
    demo = None
    try:
        demo = Demo(options, directory)
        demo.run()
    except KeyboardInterrupt:
        print("\n  stopped; no process is left behind")
        return 130
    except (AssertionError, OSError) as error:
        print("\n  The demo failed: %s" % error)
        for line in demo.lab.last_words() if demo else []:
            print("    " + line)
        return 1
    finally:
        clean_up(demo, directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
