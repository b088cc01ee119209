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
# A table's file, and the tests that have its names.
TABLES = (
    ("sentinel_conf_directives.c", ["test_sentinel_conf_directives.c"]),
    ("sentinel_conf_server.c", ["test_sentinel_conf_directives.c",
                             "test_sentinel_conf.c", "test_conf_users.c"]),
    ("sentinel_conf_tls.c", ["test_conf_tls.c"]),
    ("group_options.c", ["test_cmd_sentinel_set.c"]),
)
ROW = re.compile(r'^    \{"([a-z][a-z-]+)",', re.MULTILINE)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def has(text, name):
    """The name as a word of its own, in any case."""
    return re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(name), text,
                     re.IGNORECASE) is not None


def missing(table, tests):
    # A line feed in a string is no letter n.
    text = "\n".join(read(UNIT + test) for test in tests).replace("\\n", "\n")
    names = ROW.findall(table)
    assert names, "this table has no rows"
    return [name for name in names if not has(text, name)]


def main():
    complaints, count = [], 0
    for file, tests in TABLES:
        table = read(PROTO + file)
        count += len(ROW.findall(table))
        complaints += ["no row of %s has %s" % (" or ".join(tests), name)
                       for name in missing(table, tests)]
        if not missing('    {"no-such-name", 1},\n', tests):
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
