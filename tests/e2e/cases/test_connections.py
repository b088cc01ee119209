"""What clients can do to their connections, and to those of others."""

import os
import socket
import stat
import time

from harness.cases import case
from harness.resp import encode
from harness.supervisors import RedisSentinel, SentineldFromRedisConf
from harness.waiting import wait_until


def single(lab):
    """One supervisor of one master."""
    return lab.pool(supervisors=1, replicas=0, group={"quorum": 1}
                    ).supervisors[0]


def listed(connection, *words):
    """CLIENT LIST or INFO as dictionaries."""
    text = connection.command("CLIENT", *words)
    return [dict(field.split("=", 1) for field in line.split(" "))
            for line in text.splitlines()]


@case("CLIENT LIST shows who is connected and what he said",
      any_daemon=True)
def client_list(lab):
    daemon = single(lab)
    with daemon.connect() as one, daemon.connect() as other:
        one.command("CLIENT", "SETNAME", "first")
        other.command("SUBSCRIBE", "+sdown")
        mine = listed(one, "INFO")[0]
        assert mine["name"] == "first" and mine["cmd"] == "client|info", mine
        assert mine["laddr"] == "127.0.0.1:%d" % daemon.port, mine
        assert mine["addr"] == "127.0.0.1:%d" % one.socket.getsockname()[1]
        everybody = {row["id"]: row for row in listed(one, "LIST")}
        listeners = listed(one, "LIST", "TYPE", "pubsub")
        assert everybody[mine["id"]]["cmd"] == "client|list", everybody
        assert str(other.socket.getsockname()[1]) in [
            row["addr"].split(":")[1] for row in listeners], listeners


@case("CLIENT KILL closes others at once and oneself after the reply",
      any_daemon=True)
def client_kill(lab):
    daemon = single(lab)
    with daemon.connect() as killer, daemon.connect() as victim:
        number = victim.command("CLIENT", "ID")
        assert killer.command("CLIENT", "KILL", "ID", number) == 1
        assert victim.read_until_closed() == b""
        me = killer.command("CLIENT", "ID")
        killer.send(encode("CLIENT", "KILL", "ID", me, "SKIPME", "NO")
                    + encode("PING"))
        assert killer.read_until_closed() == b":1\r\n"


@case("CLIENT REPLY keeps even those replies silent that have to wait",
      any_daemon=True)
def client_reply(lab):
    daemon = single(lab)
    with daemon.connect() as connection:
        connection.send(encode("CLIENT", "REPLY", "SKIP")
                        + encode("SENTINEL", "FLUSHCONFIG")
                        + encode("PING", "first")
                        + encode("CLIENT", "REPLY", "OFF")
                        + encode("SENTINEL", "FLUSHCONFIG") + encode("PING")
                        + encode("CLIENT", "REPLY", "ON"))
        assert connection.read() == "first"
        assert connection.read() == "OK"
        assert connection.command("PING", "last") == "last"


@case("in RESP3 a subscriber may ask anything, and messages are pushes",
      any_daemon=True)
def resp3_subscriber(lab):
    daemon = single(lab)
    with daemon.connect() as connection:
        connection.command("HELLO", 3)
        assert connection.raw("SUBSCRIBE", "+set") == (
            b">3\r\n$9\r\nsubscribe\r\n$4\r\n+set\r\n:1\r\n")
        assert connection.raw("SENTINEL", "MASTER", "mymaster")[:1] == b"%"
        assert connection.raw("SENTINEL", "GET-MASTER-ADDR-BY-NAME",
                              "nobody") == b"_\r\n"
        connection.send(encode("SENTINEL", "SET", "mymaster",
                               "parallel-syncs", 2))
        both = {connection.read_with_bytes()[1][:1] for _ in range(2)}
        assert both == {b">", b"+"}, both


@case("SHUTDOWN ends the daemon with status 0 and without a reply",
      any_daemon=True)
def shutdown(lab):
    daemon = single(lab)
    with daemon.connect() as connection:
        assert daemon.error("SHUTDOWN", "ABORT") \
            == "ERR No shutdown in progress."
        daemon.process.ended_by_us = True
        connection.send(encode("SHUTDOWN", "SAVE"))
        assert connection.read_until_closed() == b""
    assert daemon.process.popen.wait(5) == 0
    daemon.start()


@case("connections to servers and peers come from bind_source")
def source_address(lab):
    pool = lab.pool(server_extra={name: "protected-mode no\n"
                                  for name in ("m", "r1", "r2")},
                    extra='bind_source = "127.0.0.9 ::1"; '
                    'announce_host = "127.0.0.1";')
    names = {"sentinel-" + daemon.my_id()[:8] for daemon in pool.supervisors}
    for at in pool.servers + pool.supervisors:
        rows = [dict(word.split("=", 1) for word in line.split())
                for line in at.command("CLIENT", "LIST").splitlines()]
        ours = [row for row in rows if row["name"][:17] in names]
        assert len(ours) >= 2, rows
        assert {row["addr"].split(":")[0] for row in ours} == {"127.0.0.9"}, \
            rows
    daemon = pool.supervisors[0]
    with open(daemon.config) as file:
        text = file.read()
    with open(daemon.config, "w") as file:
        file.write(text.replace("127.0.0.9", "192.0.2.1"))
    daemon.restart()
    wait_until(lambda: "this machine's?" in daemon.process.log_text(), 10,
               "the log has the reason")


@case("CLIENT PAUSE: requests wait, in order; errors and peers do not")
def pause(lab):
    daemon = single(lab)
    with daemon.connect() as first, daemon.connect() as second, \
            daemon.connect() as peer, daemon.connect() as gone:
        assert peer.command("CLIENT", "SETNAME",
                            "sentinel-0123abcd-cmd") == "OK"
        began = time.monotonic()
        assert first.command("CLIENT", "PAUSE", 2000) == "OK"
        second.send(encode("PING", "one") + encode("SENTINEL", "MYID") +
                    encode("PING", "two"))
        gone.send(encode("PING"))
        gone.close()
        assert daemon.error("NOSUCH").startswith("ERR unknown command")
        assert peer.command("PING") == "PONG"
        assert second.read() == "one"
        assert time.monotonic() - began >= 2.0
        assert second.read() == daemon.my_id()
        assert second.read() == "two"
        assert first.command("CLIENT", "PAUSE", 60000, "WRITE") == "OK"
        assert second.command("PING") == "PONG"
        second.send(encode("PUBLISH", "__sentinel__:hello", "x"))
        assert first.command("CLIENT", "UNPAUSE") == "OK"
        assert second.read() == 1


SOCKET_CONF = "unixsocket here.sock\nunixsocketperm 700\ntimeout 1\n" \
    "tcp-backlog 7\nacllog-max-len 2\n"


def with_socket(lab, kind):
    server = lab.redis("m")
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)],
                            kind=kind, extra=SOCKET_CONF)
    return daemon.start()


def check_socket(daemon):
    path = os.path.join(daemon.directory, "here.sock")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(path)
        client.sendall(encode("CLIENT", "INFO"))
        told = client.recv(4096).decode()
        assert "addr=%s:0 laddr=%s:0" % (path, path) in told, told
        assert " flags=U " in told, told
    return path


@case("unixsocket, unixsocketperm, timeout, acllog-max-len: as in Redis")
def ordinary_directives(lab):
    for kind in (SentineldFromRedisConf, RedisSentinel):
        daemon = with_socket(lab, kind)
        path = check_socket(daemon)
        with daemon.connect(limit_s=10) as idle, daemon.connect() as listener:
            listener.command("SUBSCRIBE", "+none")
            idle.command("PING")
            assert idle.read_until_closed() == b""
            listener.send(encode("PING"))
            assert listener.read() == ["pong", ""]
        with daemon.connect() as client:
            for number in range(3):
                client.send(encode("AUTH", "nobody%d" % number, "x"))
                client.read()
            assert len(client.command("ACL", "LOG")) == 2
        daemon.process.stop()
        assert not os.path.exists(path), "the socket is left"
