"""Hosts that are commands, quotes or options, in a hello or in INFO: nobody is
told of them, and no script gets them as an argument."""

import time

from harness.cases import case
from harness.fake_server import FakeServer
from harness.waiting import wait_until

BAD_HOSTS = ["$(id)", 'x"y;z', "--help", "`id`", "a|b", "../x"]


def assert_not_told(daemon, events, hosts):
    """Neither by what clients ask nor in events."""
    told = repr((daemon.master(), daemon.replicas(), daemon.peers(),
                 events.lines(1000)))
    for host in hosts:
        assert host not in told, (host, told)


@case("hellos with hosts that are commands or options are dropped")
def hosts_in_hellos(lab):
    pool = lab.pool(supervisors=1, replicas=1, group={"quorum": 1})
    daemon = pool.supervisors[0]
    for number, host in enumerate(BAD_HOSTS, 1):
        for sentinel, master in ((host, "127.0.0.1"), ("127.0.0.1", host)):
            pool.master.command(
                "PUBLISH", "__sentinel__:hello", "%s,%d,%s,0,mymaster,%s,%d,0"
                % (sentinel, 20000 + number, ("%x" % number) * 40, master,
                   pool.master.port))
    time.sleep(1.0)
    assert_not_told(daemon, pool.events, BAD_HOSTS)
    assert daemon.peers() == [], daemon.peers()
    assert daemon.master_port() == pool.master.port


@case("a server whose INFO names replicas that are commands")
def hosts_in_info(lab):
    server = FakeServer("m")
    lab.closing.append(server)
    lines = ["role:master", "run_id:" + "ab" * 20,
             "connected_slaves:%d" % len(BAD_HOSTS)]
    lines += ["slave%d:ip=%s,port=%d,state=online,offset=1,lag=0"
              % (number, host, 30000 + number)
              for number, host in enumerate(BAD_HOSTS + ["127.0.0.3"])]
    text = "\r\n".join(lines) + "\r\n"
    server.overrides["INFO"] = b"$%d\r\n%s\r\n" % (len(text), text.encode())
    daemon = lab.supervisor("s1", [lab.group(server.port, quorum=1)]).start()
    events = lab.events([daemon])
    wait_until(lambda: [row["ip"] for row in daemon.replicas()]
               == ["127.0.0.3"], 15, "the one that can be is known",
               seen=daemon.replicas)
    assert_not_told(daemon, events, BAD_HOSTS)
