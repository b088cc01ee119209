#!/usr/bin/python3
"""Runs the end-to-end cases, and the attacks, against real redis-server
processes.

    run.py [--daemon PATH] [--long] [--jobs N] [--list] [NAME ...]

A NAME selects the cases whose name contains it. Each case runs in a process
of its own, two at a time; whatever it started dies with it. A failure shows
the reason, then the last log lines of the case's processes and events. The
exit status is 0 only if nothing failed."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)

import attack  # noqa: E402
import cases  # noqa: E402
from harness import processes  # noqa: E402
from harness.cases import all_cases  # noqa: E402
from harness.lab import Lab, Skipped  # noqa: E402

PASSED, FAILED, SKIPPED = 0, 1, 77
DEFAULT_DAEMON = os.path.join(ROOT, "build", "gcc", "sentineld")


def arguments():
    parser = argparse.ArgumentParser(
        description="End-to-end cases with real servers.")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="only cases whose name contains this")
    parser.add_argument("--daemon", default=DEFAULT_DAEMON, metavar="PATH",
                        help="sentineld or redis-sentinel (%(default)s)")
    parser.add_argument("--long", action="store_true",
                        help="the long cases too")
    parser.add_argument("--jobs", type=int, default=2,
                        help="cases at a time (%(default)s)")
    parser.add_argument("--list", action="store_true",
                        help="only list the cases")
    parser.add_argument("--keep", action="store_true",
                        help="keep the directories of failed cases")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def run_one(case, program, directory):
    """In the child: runs a case; the report goes to standard output."""
    processes.die_with_parent(os.getppid())
    processes.end_on_signals()
    lab = Lab(directory, program)
    try:
        case.function(lab)
        lab.finish()
        return PASSED
    except Skipped as reason:
        print(reason)
        return SKIPPED
    except (Exception, SystemExit):
        report(lab, sys.exc_info())
        return FAILED
    finally:
        lab.close()


def report(lab, error):
    lines = traceback.format_exception(*error)
    print("".join(lines[-5:]).rstrip())
    print("last log lines:")
    for line in lab.last_words():
        print("  " + line)
    for log in lab.closing:
        if hasattr(log, "events"):
            print("events:")
            for line in log.lines():
                print("  " + line)


class Running:
    """A case in its child process."""

    def __init__(self, case, options, directory):
        self.case = case
        self.directory = directory
        self.began = time.monotonic()
        self.output = open(os.path.join(directory, "report"), "w+")
        os.mkdir(os.path.join(directory, "lab"))
        self.popen = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__),
             "--daemon", options.daemon, "--one", case.name,
             os.path.join(directory, "lab")],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
            start_new_session=True)

    def seconds(self):
        return time.monotonic() - self.began

    def ended(self):
        if self.popen.poll() is not None:
            return True
        if self.seconds() > self.case.limit_s:
            # Ends like any failure, with its report; see end_on_signals.
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
            return True
        return False

    def text(self):
        self.output.seek(0)
        return self.output.read().rstrip()

    def stop(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def skip_reason(case, options):
    if case.long and not options.long:
        return "long; use --long"
    if not case.any_daemon and "redis-sentinel" in options.daemon:
        return "asks more than redis-sentinel does"
    return None


class Runner:
    def __init__(self, options, top):
        self.options = options
        self.top = top
        self.counts = {PASSED: 0, FAILED: 0, SKIPPED: 0}

    def run(self, chosen):
        waiting = []
        for case in chosen:
            reason = skip_reason(case, self.options)
            if reason:
                self.count(SKIPPED)
                print("skip   -      %-42s %s" % (case.name, reason))
            else:
                waiting.append(case)
        running = []
        try:
            while waiting or running:
                while waiting and len(running) < self.options.jobs:
                    running.append(self.begin(waiting.pop(0)))
                for each in [one for one in running if one.ended()]:
                    running.remove(each)
                    self.finish(each)
                time.sleep(0.02)
        finally:
            for each in running:
                each.stop()

    def begin(self, case):
        directory = os.path.join(self.top, case.name)
        os.makedirs(directory)
        return Running(case, self.options, directory)

    def count(self, status):
        self.counts[status if status in self.counts else FAILED] += 1

    def finish(self, running):
        status = running.popen.returncode
        self.count(status)
        word = {PASSED: "ok", SKIPPED: "skip"}.get(status, "FAIL")
        text = running.text()
        running.output.close()
        note = text.splitlines()[0] if status == SKIPPED and text else ""
        print("%-4s %5.1f s  %-42s %s" % (
            word, running.seconds(), running.case.name,
            note or running.case.title), flush=True)
        if word == "ok" and text:  # figures that the case has measured
            print("\n".join("    . " + line for line in text.splitlines()),
                  flush=True)
        if word == "FAIL":
            print("\n".join("    | " + line for line in text.splitlines()),
                  flush=True)
        if word != "FAIL" or not self.options.keep:
            shutil.rmtree(running.directory, ignore_errors=True)


def choose(found, names):
    return [case for case in found
            if not names or any(name in case.name for name in names)]


def main():
    options = arguments()
    found = all_cases(cases, attack)
    if options.one:
        name, directory = options.one
        case = next(case for case in found if case.name == name)
        sys.exit(run_one(case, options.daemon, directory))
    chosen = choose(found, options.names)
    if options.list:
        for case in chosen:
            print("%-42s %s" % (case.name, case.title))
        return
    path = shutil.which(options.daemon)
    if path is None:
        sys.exit("run.py: no daemon at %s" % options.daemon)
    options.daemon = os.path.abspath(path)
    processes.end_on_signals()
    top = tempfile.mkdtemp(prefix="sentineld-e2e-")
    runner = Runner(options, top)
    try:
        runner.run(chosen)
    except KeyboardInterrupt:
        print("interrupted")
        runner.count(FAILED)
    finally:
        if not options.keep:
            shutil.rmtree(top, ignore_errors=True)
    print("%d passed, %d failed, %d skipped" % (
        runner.counts[PASSED], runner.counts[FAILED],
        runner.counts[SKIPPED]))
    sys.exit(1 if runner.counts[FAILED] or not chosen else 0)


if __name__ == "__main__":
    main()
