"""A short form of `make restart-matrix`: some of its rows, side by side."""

import os
import sys

from harness.cases import case

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)),
                                "chaos"))

from restart_matrix import play_all  # noqa: E402
from restart_row import Row, name_of  # noqa: E402
from restart_rules import broken_rules  # noqa: E402

NOTHING_LACKS = [
    Row("aof", "TERM", 0.05, 0, 5),
    Row("aof", "KILL", 0.3, 3, 5),
    Row("both", "KILL", 1, 0, 30),
    Row("rdb", "TERM", 3, 0, 5),
]
REPLICAS_HAVE_MORE = [
    Row("rdb", "KILL", 0.05, 0, 5),
    Row("rdb", "KILL", 1, 6, 5),
]


# The figure is the matrix' business; here it is only seen that they come back.
BUSY_S = 5.0


def play(lab, rows):
    """None of the rules may be broken."""
    results = {}

    def take(row, _program, result):
        assert "failed" not in result, (name_of(row), result["failed"])
        results[row] = result
    play_all([(row, lab.program) for row in rows], len(rows), take)
    broken = {name_of(row): (found, result)
              for row, result in results.items()
              for found in [broken_rules(result, noise_s=BUSY_S)] if found}
    assert not broken, broken



# lacks nothing, and gives replicas to one that loads an old file for longer
# than down_after.
@case("a restarted master that lacks nothing stays master")
def lacks_nothing(lab):
    play(lab, NOTHING_LACKS)


@case("a restarted master with an old file is replaced, nothing is lost",
      long=True)
def has_an_old_file(lab):
    play(lab, REPLICAS_HAVE_MORE)
