"""What the port does with input that is wrong, absurd, slow or endless: an
error or a closed connection for that client, and nothing for anybody else."""

import os
import socket
import time

from harness.cases import case
from harness.ports import free_port
from harness.resp import Connection, encode
from harness.waiting import stays, wait_until

from .common import assert_no_failover

PROTOCOL_ERRORS = [
    (b"*1\r\n$x\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
    (b"*1\r\n$99999999999\r\n", b"-ERR Protocol error: invalid bulk "
                                b"length\r\n"),
    (b"*x\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
    (b"*1\r\n+PING\r\n", b"-ERR Protocol error: expected '$', got '+'\r\n"),
    (b'"unbalanced\r\n', b"-ERR Protocol error: unbalanced quotes in "
                         b"request\r\n"),
    (b"POST / HTTP/1.1\r\n", b""),
    (b"Host: x\r\n", b""),
]
# Redis would wait for so many.
ABSURD_COUNT = (b"*2147483647\r\n",
                b"-ERR Protocol error: invalid multibulk length\r\n")


def alone(lab, extra=""):
    """One supervisor that watches one master."""
    options = {"extra": extra} if extra else {}
    return lab.pool(supervisors=1, replicas=1, group={"quorum": 1}, **options)


@case("protocol errors are told, then the connection is closed",
      any_daemon=True)
def protocol_errors(lab):
    daemon = alone(lab).supervisors[0]
    for data, wanted in PROTOCOL_ERRORS + [ABSURD_COUNT] * lab.ours:
        with daemon.connect() as connection:
            connection.send(data)
            reply = connection.read_until_closed()
            assert reply == wanted, (data, reply, wanted)
    assert daemon.command("PING") == "PONG"


@case("inline, pipelined, byte by byte, binary", any_daemon=True)
def ways_to_ask(lab):
    pool = alone(lab)
    address = b"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n%d\r\n" % pool.master.port
    question = encode("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
    with pool.supervisors[0].connect() as connection:
        connection.send(b"PING\r\n")
        assert connection.read_with_bytes()[1] == b"+PONG\r\n"
        connection.send(b"  sentinel  get-master-addr-by-name \"mymaster\"\n")
        assert connection.read_with_bytes()[1] == address
        connection.send(b"\r\n\r\n" + question)
        assert connection.read_with_bytes()[1] == address
        for byte in question:
            connection.send(bytes([byte]))
        assert connection.read_with_bytes()[1] == address
        connection.send(question * 1000)
        for _ in range(1000):
            assert connection.read_with_bytes()[1] == address
        odd = bytes(range(256))
        assert connection.raw("PING", odd) == b"$256\r\n" + odd + b"\r\n"
        assert connection.raw("SENTINEL", "MASTER", b"my\0master") \
            == b"-ERR No such master with that name\r\n"


@case("endless inline and huge requests are cut off")
def too_much(lab):
    daemon = alone(lab).supervisors[0]
    for data in (b"x" * (1 << 20), b"*1\r\n$60000\r\n" + b"x" * (1 << 20),
                 b"*1000000\r\n", b"*3\r\n" + b"$65000\r\n"
                 + b"y" * 65000 + b"\r\n" + b"$65000\r\n" + b"y" * 70000):
        with daemon.connect() as connection:
            try:
                connection.send(data)
                connection.send(b"\r\n" + encode("PING"))
                connection.read_until_closed()
            except OSError:
                pass  # closed while we were still sending: as good
    assert daemon.command("PING") == "PONG"


@case("random bytes do no harm", any_daemon=True)
def garbage(lab):
    pool = alone(lab)
    daemon = pool.supervisors[0]
    for _ in range(200):
        with daemon.connect() as connection:
            try:
                connection.send(os.urandom(300) + b"\r\n")
            except OSError:
                pass
    assert daemon.command("PING") == "PONG"
    assert_no_failover(pool)


@case("one byte a second, and never reading: nobody else waits")
def slow_clients(lab):
    pool = alone(lab, "client_output_limit_bytes = 65536;")
    daemon = pool.supervisors[0]
    lazy = [Connection(daemon.port) for _ in range(20)]
    for connection in lazy:
        connection.send(b"*2\r\n$8\r\nSENT")
    greedy = socket.socket()
    greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    greedy.settimeout(0.2)
    greedy.connect(("127.0.0.1", daemon.port))
    question = encode("SENTINEL", "MASTERS") * 100
    try:
        for _ in range(2000):  # never reads an answer
            greedy.sendall(question)
    except OSError:
        pass  # blocked or closed, as it must end
    slowest = 0.0
    for _ in range(100):
        began = time.monotonic()
        assert daemon.command("PING") == "PONG"
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1.0, "PING took %.2f s" % slowest
    with open("/proc/%d/status" % daemon.process.pid) as status:
        resident_kb = int([line.split()[1] for line in status
                           if line.startswith("VmRSS")][0])
    assert resident_kb < 100 * 1024, "%d KB" % resident_kb
    greedy.close()
    for connection in lazy:
        connection.send(b"INEL\r\n$5\r\nMYID\r\n\r\n")
        connection.close()
    assert_no_failover(pool)


@case("connections above max_clients are refused with a message")
def max_clients(lab):
    pool = alone(lab, "max_clients = 40;")
    daemon = pool.supervisors[0]
    held, refused = [], None
    for _ in range(60):
        connection = Connection(daemon.port)
        held.append(connection)
        try:
            connection.send(encode("PING"))
            reply = connection.read()
        except ConnectionError:
            reply = "closed without a word"
        if reply != "PONG":
            refused = str(reply)
            break
    assert refused == "ERR max number of clients reached", refused
    assert len(held) <= 41
    for connection in held:
        connection.close()
    wait_until(lambda: daemon.answers(), 5, "there is room again")
    assert int(daemon.info("stats")["rejected_connections"]) >= 1


HELLOS = [
    "", ",", ",,,,,,,", "a,b,c,d,e,f,g,h", "x" * 5000,
    "127.0.0.1,70000,{id},0,mymaster,127.0.0.1,{port},0",
    "127.0.0.1,-1,{id},0,mymaster,127.0.0.1,{port},0",
    "127.0.0.1,1,short,0,mymaster,127.0.0.1,{port},0",
    "127.0.0.1,1,{id},x,mymaster,127.0.0.1,{port},0",
    "127.0.0.1,1,{id},0,mymaster,127.0.0.1,99999,99",
    "127.0.0.1,1,{id},18446744073709551615,mymaster,127.0.0.1,{port},0",
    "127.0.0.1,1,{id},0,mymaster,127.0.0.1,{port},18446744073709551615",
    "127.0.0.1,1,{id},0,mymaster,127.0.0.1,{port},0,extra",
    "127.0.0.1,1,{id},0,my\0master,127.0.0.1,{port},0",
]


@case("malformed hellos change nothing")
def malformed_hellos(lab):
    pool = alone(lab)
    daemon = pool.supervisors[0]
    before = daemon.master()
    for text in HELLOS:
        text = text.format(id="d" * 40, port=pool.master.port)
        pool.master.command("PUBLISH", "__sentinel__:hello", text)
        assert daemon.command("PUBLISH", "__sentinel__:hello", text) == 1
    pool.master.command("PUBLISH", "__sentinel__:hello", b"\xff\x00\xfe")
    assert daemon.peers() == []
    after = daemon.master()
    assert (after["config-epoch"], after["port"]) \
        == (before["config-epoch"], before["port"])
    assert not pool.events.find("+new-epoch")


@case("a server that answers nonsense is an instance in trouble, no more")
def nonsense_server(lab):
    port = free_port()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    listener.settimeout(0.1)
    good = lab.redis("good")
    daemon = lab.supervisor("s1", [
        lab.group(port, "nonsense", quorum=1, down_after_ms=500),
        lab.group(good.port, "good", quorum=1, down_after_ms=500)]).start()
    answers = [b"HTTP/1.0 400 Bad Request\r\n\r\n", b"+\r\n" * 50,
               b"*1000000000\r\n", b"$-5\r\n", b":12\r\n:13\r\n", b"\0\0\0",
               b"$10\r\nrole:slav\r\n\r\n" * 20, b"-ERR no\r\n" * 20]
    end = time.monotonic() + 4
    served = []
    while time.monotonic() < end:
        try:
            client, _ = listener.accept()
            client.sendall(answers[len(served) % len(answers)])
            served.append(client)
        except OSError:
            pass
        assert daemon.command("PING") == "PONG"
    assert len(served) > 3, "it was connected to %d times" % len(served)
    assert "s_down" in daemon.master("nonsense")["flags"]
    assert daemon.master("good")["flags"] == "master"
    listener.close()


@case("INFO with missing and absurd fields does not move anything")
def absurd_info(lab):
    pool = alone(lab)
    daemon = pool.supervisors[0]
    assert daemon.command(
        "SENTINEL", "MONITOR", "peer", "127.0.0.1",
        daemon.port, 1) == "OK"  # a supervisor is no Redis server
    stays(lambda: daemon.command("PING") == "PONG", 2, "it serves on")
    assert daemon.master("peer")["num-slaves"] == "0"
    assert daemon.command("SENTINEL", "REMOVE", "peer") == "OK"
    assert_no_failover(pool)
