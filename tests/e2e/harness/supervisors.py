"""The daemons under test: sentineld, or redis-sentinel in its place.

Both are asked over the same port, so everything but the configuration file is
common. A GroupOptions is what an operator writes about one group."""

import os

from .places import HERE
from .ports import free_port
from .processes import Process
from .resp import Connection, ReplyError, fields
from .waiting import wait_until


class GroupOptions:
    """One monitored group in a configuration. None = the daemon's default."""

    def __init__(self, name, port, host="127.0.0.1", quorum=2,
                 down_after_ms=None, failover_timeout_ms=10000, **more):
        self.name = name
        self.host = host
        self.port = port
        self.quorum = quorum
        self.down_after_ms = down_after_ms
        self.failover_timeout_ms = failover_timeout_ms
        self.parallel_syncs = more.pop("parallel_syncs", None)
        self.refused_after_ms = more.pop("refused_after_ms", None)
        self.pool_size = more.pop("pool_size", None)
        self.auth_user = more.pop("auth_user", None)
        self.auth_pass = more.pop("auth_pass", None)
        self.notification_script = more.pop("notification_script", None)
        self.client_reconfig_script = more.pop("client_reconfig_script", None)
        self.tls = more.pop("tls", None)
        self.rename_commands = more.pop("rename_commands", None)
        # What the native file alone has, by key.
        self.native = more.pop("native", {})
        assert not more, "unknown group options %s" % more


def redis_conf_lines(group):
    """The group in the words of a sentinel.conf."""
    name = group.name
    yield "monitor %s %s %d %d" % (name, group.host, group.port, group.quorum)
    for word, value in (("down-after-milliseconds", group.down_after_ms),
                        ("failover-timeout", group.failover_timeout_ms),
                        ("parallel-syncs", group.parallel_syncs),
                        ("auth-user", group.auth_user),
                        ("auth-pass", group.auth_pass),
                        ("notification-script", group.notification_script),
                        ("client-reconfig-script",
                         group.client_reconfig_script)):
        if value is not None:
            yield "%s %s %s" % (word, name, value)
    for pair in group.rename_commands or ():
        yield "rename-command %s %s" % (name, pair)


def redis_conf(port, directory, groups, hosts):
    lines = ["port %d" % port, "bind " + " ".join(hosts), "dir %s" % directory,
             "protected-mode no", "daemonize no"]
    for group in groups:
        lines += ["sentinel " + line for line in redis_conf_lines(group)]
    return "\n".join(lines) + "\n"


def quoted(value):
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % text


def native_group(group):
    pairs = [("name", quoted(group.name)), ("host", quoted(group.host)),
             ("port", group.port), ("quorum", group.quorum)]
    for key in ("down_after_ms", "failover_timeout_ms", "parallel_syncs",
                "refused_after_ms", "pool_size"):
        if getattr(group, key) is not None:
            pairs.append((key, getattr(group, key)))
    for key in ("auth_user", "auth_pass", "notification_script",
                "client_reconfig_script"):
        if getattr(group, key) is not None:
            pairs.append((key, quoted(getattr(group, key))))
    if group.rename_commands is not None:
        pairs.append(("rename_commands", "[ %s ]" % ", ".join(
            quoted(pair) for pair in group.rename_commands)))
    for key, value in group.native.items():
        pairs.append((key, quoted(value) if isinstance(value, str)
                      else value))
    if group.tls is not None:
        pairs.append(("tls", "true" if group.tls else "false"))
    body = " ".join("%s = %s;" % pair for pair in pairs)
    return "  { %s }" % body


def native_conf(port, directory, groups, hosts, extra=""):
    """sentineld's own configuration file."""
    lines = ["port = %d;" % port,
             "bind = [%s];" % ", ".join(quoted(each) for each in hosts),
             "dir = %s;" % quoted(directory), extra, "groups = ("]
    lines.append(",\n".join(native_group(group) for group in groups))
    return "\n".join(lines + [");"]) + "\n"


class Supervisor:
    """One daemon: its process, its configuration, questions to its port."""

    ours = False

    def __init__(self, name, program, directory, groups, **options):
        self.name = name
        self.program = program
        self.groups = groups
        self.port = options.pop("port", None) or free_port()
        self.extra = options.pop("extra", "")
        # The words that are said first on each connection, or None.
        self.login = options.pop("login", None)
        self.tls = options.pop("tls", None)  # Certificates
        self.tls_port = free_port() if self.tls else None
        self.place = options.pop("place", HERE)
        assert not options, "unknown supervisor options %s" % options
        self.directory = os.path.join(directory, name)
        os.makedirs(self.directory, exist_ok=True)
        self.extra = self.extra.replace("@DIR@", self.directory)
        self.config = os.path.join(self.directory, "supervisor.conf")
        self.process = Process(name, self.arguments(),
                               os.path.join(self.directory, "log"),
                               place=self.place)
        self.write_config()

    def arguments(self):
        raise NotImplementedError

    def config_text(self):
        raise NotImplementedError

    def write_config(self):
        with open(self.config, "w") as file:
            file.write(self.config_text())

    def start(self, limit_s=10.0):
        self.process.start()
        wait_until(self.answers, limit_s, "%s answers PING" % self.name)
        return self

    def answers(self):
        assert self.process.alive(), "%s ended with status %s: %s" % (
            self.name, self.process.popen.returncode, self.process.log_tail())
        try:
            with self.connect(limit_s=1.0) as connection:
                return connection.ask("PING") == "PONG"
        except OSError:
            return False

    def restart(self):
        """kill -9, and up again with what is on its disk."""
        self.kill()
        self.start()

    def kill(self):
        self.process.kill()

    def pause(self):
        self.process.pause()

    def resume(self):
        self.process.resume()

    def connect(self, limit_s=5.0):
        connection = Connection(self.port, limit_s=limit_s,
                                place=self.place)
        if self.login:
            connection.command(*self.login)
        return connection

    def command(self, *words):
        with self.connect() as connection:
            return connection.command(*words)

    def error(self, *words):
        """The text of the error that this must be answered by."""
        with self.connect() as connection:
            reply = connection.ask(*words)
        assert isinstance(reply, ReplyError), \
            "%s was not refused but answered %r" % (words, reply)
        return str(reply)

    def my_id(self):
        return self.command("SENTINEL", "MYID")

    def master_port(self, group="mymaster"):
        address = self.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", group)
        return int(address[1]) if address else None

    def master(self, group="mymaster"):
        return fields(self.command("SENTINEL", "MASTER", group))

    def replicas(self, group="mymaster"):
        return [fields(row)
                for row in self.command("SENTINEL", "REPLICAS", group)]

    def peers(self, group="mymaster"):
        return [fields(row)
                for row in self.command("SENTINEL", "SENTINELS", group)]

    def replica(self, port, group="mymaster"):
        """The row of the replica at this port, or an empty one."""
        for row in self.replicas(group):
            if row["port"] == str(port):
                return row
        return {}

    def info(self, section="sentinel"):
        text = self.command("INFO", section)
        return dict(line.split(":", 1) for line in text.splitlines()
                    if ":" in line)


class Sentineld(Supervisor):
    ours = True

    def arguments(self):
        return [self.program, "-c", self.config]

    def config_text(self):
        extra = self.extra
        if self.tls:
            extra += self.tls.native_lines(self.tls_port)
        return native_conf(self.port, self.directory, self.groups,
                           self.place.hosts, extra)


class SentineldFromRedisConf(Supervisor):
    """sentineld started on a sentinel.conf."""

    ours = True

    def arguments(self):
        return [self.program, self.config]

    def config_text(self):
        extra = self.extra
        if self.tls:
            extra += "tls-port %d\n%s" % (self.tls_port,
                                          self.tls.redis_lines())
        return redis_conf(self.port, self.directory, self.groups,
                          self.place.hosts) + extra


class RedisSentinel(Supervisor):
    """Redis' own daemon. Options that it does not have are left out."""

    def arguments(self):
        return [self.program, self.config]

    def config_text(self):
        extra = self.extra
        if self.tls:
            extra += "tls-port %d\n%s" % (self.tls_port,
                                          self.tls.redis_lines())
        return redis_conf(self.port, self.directory, self.groups,
                          self.place.hosts) + extra


def supervisor_class(program):
    """Which kind of daemon a path names."""
    if "redis-sentinel" in os.path.basename(program):
        return RedisSentinel
    return Sentineld
