"""Conversations: what goes over one new connection, compared to the byte.

What a request alone cannot show: subscribers, errors of the protocol itself,
requests as text, clients that want no replies, users that may not do
everything. `say` is sent as a whole; then everything that comes until it has
been quiet, or closed, counts."""

import difflib
import itertools
import socket

from harness.resp import encode

QUIET_S = 0.25


def requests(text):
    """Lines of words as requests; a word '' is an empty one."""
    return b"".join(encode(*("" if word == "''" else word
                             for word in line.split(" ")))
                    for line in text.strip().splitlines())


SUBSCRIBER = """
SUBSCRIBE a
PING
PING text
PING a b
INFO replication
SENTINEL CKQUORUM nobody
SENTINEL NOSUCH
SENTINEL MASTER
GET a
CLIENT GETNAME
CLIENT NOSUCH
PSUBSCRIBE b* c
SUBSCRIBE a a d
UNSUBSCRIBE nosuch
UNSUBSCRIBE a
PUNSUBSCRIBE b*
PUNSUBSCRIBE
UNSUBSCRIBE
PING
UNSUBSCRIBE
PUNSUBSCRIBE x y
"""

SILENT = """
CLIENT REPLY SKIP
PING
PING
CLIENT REPLY OFF
PING
NOSUCH
CLIENT REPLY SKIP
CLIENT REPLY ON
PING
SUBSCRIBE a
CLIENT REPLY OFF
UNSUBSCRIBE
PING
"""

RULES = ("on", ">pw", "resetchannels", "&allowed", "+ping", "+acl|whoami",
         "+sentinel|ckquorum", "+subscribe", "+psubscribe", "+publish",
         "+client|getname", "+unsubscribe", "+hello", "+command|count")

USER = """
AUTH joe wrong
AUTH nobody pw
AUTH joe pw
ACL WHOAMI
PING
SENTINEL CKQUORUM mymaster
SENTINEL MYID
SENTINEL NOSUCH
SENTINEL MASTER
SENTINEL
SUBSCRIBE a
SUBSCRIBE allowed
UNSUBSCRIBE
SUBSCRIBE allowed a
PSUBSCRIBE *
PSUBSCRIBE allowed
PUNSUBSCRIBE
UNSUBSCRIBE
PUBLISH a b
PUBLISH __sentinel__:hello x
CLIENT GETNAME
CLIENT LIST
CLIENT SETNAME joe
ACL LIST
ACL GETUSER joe
ACL DRYRUN joe ping
SHUTDOWN
COMMAND COUNT x
NOSUCH
"""

GUEST = """
PING
NOSUCH a
SENTINEL MYID
SENTINEL NOSUCH
SENTINEL MASTER
CLIENT SETNAME a
SUBSCRIBE a
HELLO
HELLO 3
HELLO 9
HELLO x
HELLO 2 FOO
HELLO 2 SETNAME a
HELLO 2 AUTH default wrong
AUTH wrong
AUTH default wrong
AUTH a b c
AUTH
COMMAND COUNT
INFO
CLIENT REPLY OFF
ACL WHOAMI
"""

LOGGING_IN = """
AUTH pw
CLIENT GETNAME
AUTH joe pw
ACL WHOAMI
AUTH wrong
ACL WHOAMI
AUTH pw
ACL WHOAMI
AUTH default pw
"""

# Name, bytes; the names are what docs/protocol.md calls them by. In this order:
# first joe is there, then `default` has a password.
ANYBODY = [
    ("subscriber", requests(SUBSCRIBER)),
    ("silence", requests(SILENT)),
    ("user", requests(USER)),
    ("text: PING", b"PING\r\n"),
    ("text: a line feed alone", b"ping\n"),
    ("text: quotes", b"PING \"a \\x41\\n\\\"b\"\r\nping 'it''s'\r\n"
                     b"PING 'a \\' b'\r\n"),
    ("text: empty lines", b"\r\n\r\nPING\r\n"),
    ("text: unbalanced", b"PING \"a\r\nPING\r\n"),
    ("text: unbalanced after", b"PING \"a\"b\r\n"),
    ("text: a subcommand", b"sentinel get-master-addr-by-name nobody\r\n"),
    ("text: a NUL", b"PING a\0b\r\nPING\r\n"),
    ("text: an unknown word", b"nosuch  a   'b c' \"d\\r\\ne\"\r\n"),
    ("text: POST", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("text: post", b"PING\r\npost / HTTP/1.1\r\n"),
    ("text: host", b"hOsT: a\r\nPING\r\n"),
    ("text: GET", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("text: without an end", b"x" * 70000),
    ("bulk: lower case", encode("pInG")),
    ("bulk: no words", b"*0\r\nPING\r\n"),
    ("bulk: fewer than none", b"*-1\r\nPING\r\n"),
    ("bulk: count no number", b"*x\r\nPING\r\n"),
    ("bulk: count empty", b"*\r\nPING\r\n"),
    ("bulk: count too large", b"*2147483648\r\n"),
    ("bulk: count without an end", b"*" + b"1" * 70000),
    ("bulk: not a string", b"*1\r\n:4\r\nPING\r\n"),
    ("bulk: a letter in its place", b"*1\r\nPING\r\n"),
    ("bulk: length no number", b"*1\r\n$x\r\nPING\r\n"),
    ("bulk: length negative", b"*1\r\n$-1\r\nPING\r\n"),
    ("bulk: length too large", b"*1\r\n$536870913\r\n"),
    ("bulk: length without an end", b"*1\r\n$" + b"1" * 70000),
    ("bulk: an empty command", encode("") + encode("PING")),
    ("bulk: an empty subcommand", encode("SENTINEL", "")),
    ("bulk: a long unknown command", encode("y" * 300, "z" * 300, "a")),
    ("bulk: many words of an unknown one", encode("y", *("abcde" * 20))),
    ("bulk: lines in words", encode("a\r\nb", "c\r\nd")
     + encode("SENTINEL", "x\r\ny") + encode("SENTINEL", "MASTER", "a\nb")),
    ("bulk: bytes", encode("PING", b"\x00\xff\r\n")
     + encode("SENTINEL", "MASTER", b"m\x00") + encode(b"PI\x00NG")),
]
GUESTS = [
    ("guest", requests(GUEST)),
    ("guest: logging in", requests(LOGGING_IN)),
    ("guest: ten words", encode(*"a" * 10)),
    ("guest: eleven words", encode(*"a" * 11)),
    ("guest: a long word", encode("PING", "x" * 16384)),
    ("guest: a longer word", encode("PING", "x" * 16385)),
]


def talk(connection, say):
    """Everything that comes back, line by line, and how it ended."""
    heard, end = b"", b"(open)"
    plug = connection.socket
    try:
        plug.sendall(say)
        plug.settimeout(QUIET_S)
        while True:
            data = plug.recv(65536)
            if not data:
                end = b"(closed)"
                break
            heard += data
    except socket.timeout:
        pass
    except OSError:
        end = b"(closed)"
    return [line.decode(errors="backslashreplace")
            for line in heard.split(b"\r\n") + [end]]


def differences(theirs, ours):
    """(our line, or theirs where we have none; theirs; ours)."""
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what == "equal":
            continue
        for there, here in itertools.zip_longest(theirs[i:i_end],
                                                 ours[j:j_end]):
            yield (there if here is None else here,
                   "(none)" if there is None else there,
                   "(none)" if here is None else here)
