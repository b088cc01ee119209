#!/usr/bin/python3
"""Every event of the core, its payload word for word.

The transcripts of the simulator's scripted cases hold what supervisors say.
Each event line must have the payload that Sentinel's clients expect, by the
table below, and each row of the table must be met by some case: so an event
that nobody tests is as red as one with a wrong word. So is one that the
sources have and neither table knows.

    event_check.py              all of tests/sim/cases
    event_check.py --self-test  lines with one thing wrong must be refused
"""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

NAME = r"[a-z]\w*"
AT = r"\S+ \d+"
MASTER = r"master (?P<group>%s) %s" % (NAME, AT)
SLAVE = r"slave (\S+):(\d+) \1 \2 @ %s %s" % (NAME, AT)
SENTINEL = r"sentinel %s %s @ %s %s" % (NAME, AT, NAME, AT)
EITHER = "(?:%s|%s)" % (MASTER, SLAVE.replace(r"\1 \2", r"\2 \3"))
FENCE = r" min-replicas-to-write \d+, min-replicas-max-lag \d+"
ANY = "(?:%s|%s)" % (EITHER, SENTINEL)

# Event -> the test that has its payload word for word, where no simulated case
# can: what the runtime says itself, and what a simulated pool does not meet. The
# levels are in tests/sim/oracle_events.c.
ELSEWHERE = {
    "+sentinel-address-switch": "tests/unit/test_hellos.c",
    "+sentinel-address-update": "tests/unit/test_hellos.c",
    "+sentinel-invalid-addr": "tests/unit/test_hellos.c",
    "-fencing-operator": "tests/unit/test_fencing.c",
    "-script-error": "tests/unit/test_script.c",
    "-script-timeout": "tests/unit/test_script.c",
}
# Words that look like events: lines of the log at level debug, ends of names.
NO_EVENTS = {"+script-child", "-script-child", "+ping", "-cmd", "-pubsub"}

# Event -> payload.
EVENTS = {
    "+monitor": MASTER + r" quorum \d+",
    "-monitor": MASTER,
    "+reset-master": MASTER,
    "+slave": SLAVE,
    "+sentinel": SENTINEL,
    "+sdown": ANY,
    "-sdown": ANY,
    "+odown": MASTER + r" #quorum \d+/\d+",
    "-odown": MASTER,
    "+new-epoch": r"[1-9]\d*",
    "+try-failover": MASTER,
    "+vote-for-leader": NAME + r" [1-9]\d*",
    "+elected-leader": MASTER,
    "-failover-abort-not-elected": MASTER,
    "-failover-abort-no-good-slave": MASTER,
    "-failover-abort-slave-timeout": MASTER,
    "+failover-state-select-slave": MASTER,
    # The old master itself may be promoted again, when a planned switchover
    # is taken back: it is what clients know as the master.
    "+selected-slave": EITHER,
    "+failover-state-send-slaveof-noone": EITHER,
    "+failover-state-wait-promotion": EITHER,
    "+promoted-slave": EITHER,
    "+failover-state-reconf-slaves": MASTER,
    # The old master may be moved before clients are told of the new one.
    "+slave-reconf-sent": EITHER,
    "+slave-reconf-inprog": SLAVE,
    "+slave-reconf-done": SLAVE,
    "-slave-reconf-sent-timeout": SLAVE,
    "+failover-end-for-timeout": MASTER,
    "+failover-end": MASTER,
    "+switch-master": "%s %s %s" % (NAME, AT, AT),
    "+config-update-from": SENTINEL,
    "+convert-to-slave": SLAVE,
    "+fix-slave-config": SLAVE,
    "+reboot": EITHER,
    "+role-change": EITHER + r" new reported role is (?:master|slave)",
    "-role-change": EITHER + r" new reported role is (?:master|slave)",
    "+set": MASTER + r" [\w-]+ \S*",
    # Ours.
    "+access-denied": ANY + " .+",
    "-access-denied": ANY + "(?: .+)?",
    "+acknowledged": MASTER,
    "+failover-paused": MASTER + r" #failovers \d+ pause \d+",
    "+failover-report": r"\{.+\}",
    "+empty-master": MASTER + r" (?:#behind|#another history), \S+:\d+ has "
                              r"\d+",
    "+fencing": EITHER + FENCE,
    "-fencing": EITHER + FENCE,
    "+fencing-operator": EITHER + FENCE + " were not set by a sentinel: left "
                                          "alone",
    "+hold-replicas": MASTER,
    "-hold-replicas": MASTER,
    "+last-resort": MASTER + r" #after \d+ ms",
    "+persistence-failing": ANY,
    "-persistence-failing": ANY,
    "+path-fault": MASTER,
    "-path-fault": MASTER,
    "+pool-size-exceeded": MASTER + r" #known \d+/\d+",
    "+process-gone": MASTER,
    "-process-gone": MASTER,
    "+quarantine": SLAVE + r" it.+",
    "-quarantine": SLAVE + r"(?: an operator has adopted it)?",
    "+tilt": "#tilt mode entered",
    "-tilt": "#tilt mode exited",
}

LINE = re.compile(r"\[ *[\d.]+\] \w+ > ([+-][a-z][a-z-]+) ?(.*)")
SOURCE = re.compile(r'"([+-][a-z][a-z-]{2,})"')


def check_sources():
    """Events of the sources that no table has; tests that lost theirs."""
    said = set()
    for path in glob.glob(os.path.join(ROOT, "sentineld/**/*.c"),
                          recursive=True):
        with open(path, encoding="utf-8") as file:
            said.update(SOURCE.findall(file.read()))
    known = set(EVENTS) | set(ELSEWHERE)
    for event in sorted(said - known - NO_EVENTS):
        yield "%s is in the sources and in no table" % event
    for event in sorted(known - said):
        yield "%s is in a table and not in the sources" % event
    for event, path in sorted(ELSEWHERE.items()):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            if event not in file.read():
                yield "%s has no test in %s" % (event, path)


def complain(line, seen):
    """Why this line of a transcript is wrong; None: it is not."""
    match = LINE.fullmatch(line)
    if match is None:
        return None
    if match[1] not in EVENTS:
        return "%s is in no table" % match[1]
    seen.add(match[1])
    if re.fullmatch(EVENTS[match[1]], match[2]):
        return None
    return "%s has the payload %r" % (match[1], match[2])


def check(paths):
    complaints, seen = [], set()
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                reason = complain(line.rstrip("\n"), seen)
                if reason:
                    complaints.append("%s:%d: %s" % (
                        os.path.relpath(path, ROOT), number, reason))
    complaints += ["no case has the event %s" % event
                   for event in EVENTS if event not in seen]
    return complaints


WRONG = (
    "+monitor master m r1 6379",
    "+switch-master m r1 6379 r2",
    "+sdown slave r1:6379 r1 6380 @ m r2 6379",
    "+odown master m r1 6379 #quorum 1",
    "+new-epoch 0",
    "-tilt #tilt mode entered",
    "+sentinel sentinel s2 s2 26379",
    "-role-change master m r1 6379",
    "+nosuch master m r1 6379",
)
RIGHT = (
    "+sdown slave r1:6379 r1 6379 @ m r2 6379",
    "-role-change slave r1:6379 r1 6379 @ m r2 6379 new reported role is "
    "master",
    "+sdown sentinel s2 s2 26379 @ m r1 6379",
)


def self_test():
    failed = [text for text in WRONG if not complain("[ 0.1] s1 > " + text,
                                                     set())]
    failed += [text for text in RIGHT if complain("[ 0.1] s1 > " + text,
                                                  set())]
    for text in failed:
        print("event check, self-test: misjudged %s" % text)
    return failed


def main():
    if "--self-test" in sys.argv:
        sys.exit(1 if self_test() else 0)
    paths = sorted(glob.glob(os.path.join(ROOT, "tests/sim/cases/*.txt")))
    complaints = self_test() + check(paths) + list(check_sources())
    for complaint in complaints:
        print("event check: %s" % complaint)
    print("event check: %d events, %d complaints" % (
        len(EVENTS) + len(ELSEWHERE), len(complaints)))
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
