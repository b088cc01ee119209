"""The clients: what each needs, how its program is started, and what it
cannot do."""

import os
import subprocess

import install

HERE = os.path.dirname(os.path.abspath(__file__))


def program(name):
    return os.path.join(HERE, name)


class Kind:
    """One client library. `cannot` maps a setting's name to the reason why it
    is not tried there."""

    def __init__(self, name, argv, **options):
        self.name = name
        self.argv = argv
        self.packages = options.pop("packages", [])
        self.tool = options.pop("tool", None)
        self.npm = options.pop("npm", None)
        self.protocols = options.pop("protocols", (2,))
        self.cannot = options.pop("cannot", {})
        self.build = options.pop("build", None)
        assert not options, "unknown options %s" % options

    def prepare(self, directory):
        """Installs and builds it; None, or why it must be skipped."""
        reason = install.debian(self.packages, self.tool)
        if reason is None and self.npm:
            reason = install.npm(directory)
        if reason is None and self.build:
            reason = self.build(self, directory)
        return reason

    def environment(self, directory):
        if not self.npm:
            return {}
        return {"NODE_PATH": os.path.join(directory, "node_modules")}

    def version(self):
        if self.npm:
            return self.npm.split("@")[1]
        return install.package_version(self.packages[0])


def build_hiredis(kind, directory):
    """Compiles the C program; the reason if that fails."""
    os.makedirs(directory, exist_ok=True)
    binary = os.path.join(directory, "client_hiredis")
    done = subprocess.run(
        ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", "-Wall",
         "-Wextra", "-o", binary, program("client_hiredis.c"), "-lhiredis"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    kind.argv = [binary]
    return None if done.returncode == 0 else done.stdout.strip()


KINDS = [
    Kind("redis-cli", ["/bin/bash", program("client_redis_cli.sh")],
         packages=["redis-tools"], protocols=(2, 3)),
    Kind("python3-redis", ["/usr/bin/python3",
                           program("client_python_redis.py")],
         packages=["python3-redis"]),
    Kind("ioredis", ["node", program("client_ioredis.js")],
         npm=install.NPM_PACKAGES[0], protocols=(2, 3)),
    Kind("node-redis", ["node", program("client_node_redis.js")],
         npm=install.NPM_PACKAGES[1], protocols=(2, 3)),
    Kind("redis-rb", ["ruby", program("client_redis_rb.rb")],
         packages=["ruby-redis", "ruby"]),
    Kind("Perl Redis", ["perl", program("client_perl_redis.pl")],
         packages=["libredis-perl", "libio-socket-ssl-perl"]),
    Kind("phpredis", ["php", program("client_php_redis.php")],
         packages=["php-redis", "php-cli"]),
    Kind("hiredis", [], packages=["libhiredis-dev", "gcc"],
         build=build_hiredis,
         cannot={"TLS": "Debian's hiredis 0.14 has no TLS"}),
]
