#!/usr/bin/python3
"""Asks redis-sentinel and sentineld the same things and compares the answers.

Both watch one real master with a replica, each beside a supervisor of its own
kind. Every request goes to both in RESP2 and in RESP3; the replies are
compared field by field, and whole conversations to the byte. What depends on
host names is asked once more of two that were started with the same
sentinel.conf, in all settings of it. Differences that are intended are those
of the table "Compared side by side" in docs/protocol.md, and nowhere else: any
other one is a failure, and so is a row of that table that nothing needs any
more.

    compare_sentinel.py --daemon PATH [--verbose]"""

import argparse
import fnmatch
import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "e2e")]

import conversations  # noqa: E402
import replies  # noqa: E402
import requests  # noqa: E402
from harness.lab import Lab, Pool  # noqa: E402
from harness.supervisors import (  # noqa: E402
    RedisSentinel, SentineldFromRedisConf)
from harness.waiting import wait_until  # noqa: E402

DOCUMENT = os.path.join(ROOT, "docs", "protocol.md")
HEADING = "### Compared side by side"
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|")


def intended():
    """Rows (request pattern, path pattern) of the document's table."""
    with open(DOCUMENT) as file:
        text = file.read()
    section = text[text.index(HEADING):].split("\n#", 1)[0]
    rows = [ROW.match(line.replace("\\|", "\0"))
            for line in section.splitlines()]
    return [tuple(part.replace("\0", "|") for part in row.groups())
            for row in rows if row]


def matches(pattern, text):
    """Only * is special: brackets and question marks are ordinary here."""
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


class Side:
    """One daemon and a connection to it."""

    def __init__(self, daemon, protocol):
        self.connection = daemon.connect()
        if protocol == 3:
            self.connection.command("HELLO", 3)

    def ask(self, request):
        words = ["" if word == "''" else word.replace("\t", " ")
                 for word in request.split(" ")]
        raw = self.connection.raw(*words)
        return replies.read(raw)[0]


def read_as(request, tree):
    if tree[0] in ("error", "null", "status", "integer"):
        return tree
    return requests.reader_of(request)(tree)


def is_moving(request, path):
    if any(request.startswith(each) for each in requests.MOVING_REPLIES):
        return path == "reply" or request.startswith("SENTINEL INFO-CACHE")
    last = path.split(".", 1)[-1] if path.startswith("[") else path
    return any(fnmatch.fnmatchcase(name, pattern.replace("[0]", "[[]0]"))
               for pattern in requests.MOVING
               for name in (path, last, path.split(".")[-1]))


def same_kind(theirs, ours):
    return theirs.split(" ")[0] == ours.split(" ")[0]


def compare(request, theirs, ours):
    """The differences that are more than the moment's."""
    trees = read_as(request, theirs), read_as(request, ours)
    for path, there, here in replies.differences(*trees):
        if not (is_moving(request, path) and same_kind(there, here)):
            yield path, there, here


def arity_requests(side):
    """Every command and subcommand with no word more, and with far too
    many."""
    for _, name in side.ask("COMMAND LIST")[1]:
        words = name[1].replace("|", " ").upper()
        if not words.endswith("SUBSCRIBE"):  # they answer each word
            yield words + " x" * 12
        if words not in ("COMMAND", "SHUTDOWN"):
            yield words


def unasked(side):
    """Commands and subcommands that no line of requests.py asks for."""
    words = [request.upper().split() for request in requests.REQUESTS]
    asked = {each[0] for each in words} | {
        "|".join(each[:2]) for each in words}
    for _, name in side.ask("COMMAND LIST")[1]:
        if name[1].upper() not in asked:
            yield name[1]


def prepare(directory, program):
    """A pool that both kinds watch, two of each kind."""
    lab = Lab(directory, program)
    sentinel = shutil.which("redis-sentinel")
    pool = Pool(lab, replicas=1, programs=[sentinel, program],
                group={"down_after_ms": 30000, "failover_timeout_ms": 180000,
                       "quorum": 1})
    pool.start_servers()
    pool.start_supervisors()
    pool.wait_ready(60)
    for daemon in pool.supervisors:
        wait_until(lambda d=daemon: d.replica(pool.replicas[0].port).get(
            "slave-repl-offset", "0") != "0", 30, "INFO of the replica")
    return lab, pool


def prepare_named(directory, program, resolve, announce):
    """The same file for both, one after the other on the same servers. The
    master has a name where names are taken."""
    lab = Lab(directory, program)
    pool = Pool(lab, replicas=1, supervisors=0)
    pool.start_servers()
    extra = "sentinel resolve-hostnames %s\nsentinel announce-hostnames %s\n" % (
        resolve, announce)
    group = lab.group(pool.master.port, quorum=1, down_after_ms=30000,
                      host="localhost" if resolve == "yes" else "127.0.0.1")
    sentinel = shutil.which("redis-sentinel")
    pool.supervisors = [
        lab.supervisor(name, [group], kind=kind, program=path, extra=extra)
        for name, kind, path in (
            ("theirs", RedisSentinel, sentinel),
            ("ours", SentineldFromRedisConf, program))]
    pool.start_supervisors()
    pool.wait_ready(60)
    return lab, pool


class Report:
    def __init__(self, verbose):
        self.rows = intended()
        self.used = set()
        self.verbose = verbose
        self.failures = 0
        self.asked = 0

    def take(self, protocol, request, found):
        self.asked += 1
        for path, there, here in found:
            row = next((row for row in self.rows if matches(row[0], request)
                        and matches(row[1], path)), None)
            if row:
                self.used.add(row)
            else:
                self.failures += 1
            if self.verbose or not row:
                print("%s RESP%d  %s\n    %s\n      redis-sentinel: %.160s\n"
                      "      sentineld:      %.160s" % (
                          "intended" if row else "DIFFERENT", protocol,
                          request, path, there, here))

    def miss(self, names):
        for name in names:
            print("requests.py does not ask for %s" % name)
            self.failures += 1

    def finish(self):
        for row in self.rows:
            if row not in self.used:
                print("docs/protocol.md lists a difference that there is not: "
                      "`%s` `%s`" % row)
                self.failures += 1
        print("compare-sentinel: %d questions, %d intended differences, %d "
              "failures" % (self.asked, len(self.used), self.failures))
        return 1 if self.failures else 0


def ports_of(pool):
    return {"master": pool.master.port, "replica": pool.replicas[0].port}


def ask_names(pool, report):
    theirs, ours = [Side(daemon, 2) for daemon in pool.supervisors]
    for each in requests.NAMES:
        request = each.format(**ports_of(pool))
        report.take(2, request, compare(request, theirs.ask(request),
                                        ours.ask(request)))


def ask_all(pool, report):
    ports = ports_of(pool)
    for protocol in (2, 3):
        # A changed rename-command makes ours connect anew.
        wait_until(lambda: "trouble" not in pool.supervisors[1].master(), 20,
                   "all is well")
        theirs, ours = [Side(daemon, protocol) for daemon in pool.supervisors]
        asked = [request.format(**ports) for request in requests.REQUESTS]
        asked = [each for each in asked if not (
            protocol == 3 and each.startswith("HELLO"))
                 and not (protocol == 2 and each == "HELLO 3")]
        report.miss(unasked(theirs))
        for request in list(arity_requests(theirs)) + asked:
            report.take(protocol, request,
                        compare(request, theirs.ask(request),
                                ours.ask(request)))


def converse(pool, report, protocol, said):
    """Conversations with both, each on a new connection."""
    for name, say in said:
        heard = []
        for daemon in pool.supervisors:
            with daemon.connect() as connection:
                if protocol == 3:
                    connection.command("HELLO", 3)
                heard.append(conversations.talk(connection, say))
        report.take(protocol, name, conversations.differences(*heard))


def converse_all(pool, report):
    admins = [daemon.connect() for daemon in pool.supervisors]
    for admin in admins:
        admin.command("ACL", "SETUSER", "joe", *conversations.RULES)
    for protocol in (2, 3):
        converse(pool, report, protocol, conversations.ANYBODY)
    for admin in admins:
        admin.command("ACL", "SETUSER", "default", ">pw")
    converse(pool, report, 2, conversations.GUESTS)


def ask_and_converse(pool, report):
    ask_all(pool, report)
    converse_all(pool, report)


def compare_in(work, prepared, ask, report):
    """Asks a pool that this makes in a directory of its own."""
    directory = tempfile.mkdtemp(prefix="compare-sentinel-")
    lab = None
    try:
        lab, pool = work(directory, *prepared)
        ask(pool, report)
    finally:
        if lab:
            lab.close()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True, metavar="PATH")
    parser.add_argument("--verbose", action="store_true",
                        help="show intended differences too")
    options = parser.parse_args()
    if shutil.which("redis-sentinel") is None:
        print("compare-sentinel: redis-sentinel is not installed")
        return 0
    report, program = Report(options.verbose), os.path.abspath(options.daemon)
    compare_in(prepare, [program], ask_and_converse, report)
    for resolve, announce in ("no", "no"), ("yes", "no"), ("yes", "yes"):
        compare_in(prepare_named, [program, resolve, announce], ask_names,
                   report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
