"""Access rules that were accepted once cannot stop the daemon, now or at its
next start; rules that cannot be read open nothing."""

import os
import sqlite3

from harness.cases import case

from .test_attack_clients import single


@case("ACL SETUSER with a pattern for all keys among others, twice, and a"
      " restart")
def all_keys_among_others(lab):
    daemon = single(lab)
    for words in (("%RW~*", "~foo"), ("on",), ("(%RW~* ~foo)",), (">pw",)):
        assert daemon.command("ACL", "SETUSER", "x", *words) == "OK"
    listed = daemon.command("ACL", "LIST")
    daemon.restart()
    assert daemon.command("ACL", "LIST") == listed


@case("stored rules that cannot be read: one line, the user is off, and the"
      " daemon runs")
def unreadable(lab):
    daemon = single(lab)
    daemon.command("ACL", "SETUSER", "x", "on", "nopass", "+@all")
    daemon.process.end_well()
    path = os.path.join(daemon.directory, "sentineld.db")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE texts SET value = 'on nopass ~* ~foo +@all'"
                         " WHERE name = 'x'")
    daemon.start()
    said = daemon.process.log_text()
    assert said.count("the rules of user 'x' are not understood") == 1, said
    assert [row for row in daemon.command("ACL", "LIST")
            if row.startswith("user x ")] == [
                "user x off resetchannels -@all"]
    assert daemon.error("AUTH", "x", "any").startswith("WRONGPASS")
