#!/usr/bin/python3
"""Every directive of sentinel.conf, and every option of SENTINEL SET, has its
rows in a test.

The names are those of the tables in the sources. What a row demands (taken
when right, the range, the sentence when wrong) is the test's business; here
one that nobody tests is red.

    directive_check.py              the sources against the tests
    directive_check.py --self-test  a name that no test has must be found
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

PROTO = "sentineld/proto/config/"
UNIT = "tests/unit/"
TESTS = ["test_sentinel_conf_directives.c", "test_sentinel_conf.c",
         "test_conf_users.c", "test_conf_tls.c"]
# A file, the part of it between two texts, how its names are found, and the
# tests that have them.
ROW = re.compile(r'^    \{"([a-z][a-z-]+)",', re.MULTILINE)
DIRECTIVE = re.compile(r'\.(?:directive|alias)\s*=\s*"([a-z-]+)"')
TABLES = (
    ("sentinel_conf_directives.c", "", "", ROW, TESTS[:1]),
    ("settings_table.c", "daemon_rows[]", "user_rows[]", DIRECTIVE, TESTS),
    ("settings_table.c", "group_rows[]", "group_table", DIRECTIVE,
     ["test_cmd_sentinel_set.c"]),
)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def has(text, name):
    """The name as a word of its own, in any case."""
    return re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(name), text,
                     re.IGNORECASE) is not None


def missing(names, tests):
    # A line feed in a string is no letter n.
    text = "\n".join(read(UNIT + test) for test in tests).replace("\\n", "\n")
    assert names, "this table has no rows"
    return [name for name in names if not has(text, name)]


def main():
    complaints, count = [], 0
    for file, begin, end, pattern, tests in TABLES:
        text = read(PROTO + file)
        part = text[text.index(begin):]
        names = pattern.findall(part[:part.index(end)] if end else part)
        count += len(names)
        complaints += ["no row of %s has %s" % (" or ".join(tests), name)
                       for name in missing(names, tests)]
        if not missing(["no-such-name"], tests):
            complaints.append("self-test: a name that is nowhere was found")
    if "--self-test" in sys.argv:
        complaints = [each for each in complaints if "self-test" in each]
    for complaint in complaints:
        print("directive check: %s" % complaint)
    print("directive check: %d names, %d complaints" % (count,
                                                        len(complaints)))
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
