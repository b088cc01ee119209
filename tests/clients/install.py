"""Gets the clients: Debian's packages into the system, npm's into a directory
of their own. What cannot be had is a reason to skip a client, not an error."""

import os
import shutil
import subprocess

NPM_PACKAGES = ["ioredis@6.0.0", "redis@6.3.1"]
SHOWN_LINES = 3


def say(text):
    print("clients: %s" % text, flush=True)


def _run(words):
    """None when it succeeds, otherwise its last words."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=300,
                              stderr=subprocess.STDOUT, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stdout.strip().splitlines()
    return "; ".join(lines[-SHOWN_LINES:]) or "%s failed" % words[0]


def _missing(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}",
                           package], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return done.stdout != "installed"


def _as_root(words):
    if os.geteuid() == 0:
        return words
    return ["sudo", "-n"] + words


def debian(packages, tool=None):
    """Installs what is missing; a `tool` on the PATH will do as well. Returns
    the reason if that fails."""
    if tool and shutil.which(tool):
        return None
    if not shutil.which("dpkg-query"):
        return "not a Debian system; it needs " + " ".join(packages)
    missing = [package for package in packages if _missing(package)]
    if not missing:
        return None
    say("installing with apt-get: " + " ".join(missing))
    # Lists that cannot be renewed may still do.
    _run(_as_root(["apt-get", "-qq", "update"]))
    return _run(_as_root(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get",
                          "-qq", "-y", "--no-install-recommends", "install"]
                         + missing))


def npm(directory):
    """Installs NPM_PACKAGES below the directory, once."""
    done_file = os.path.join(directory, "installed")
    wanted = " ".join(NPM_PACKAGES)
    if os.path.exists(done_file):
        with open(done_file) as file:
            if file.read() == wanted:
                return None
    reason = debian(["nodejs"], "node") or debian(["npm"], "npm")
    if reason:
        return reason
    say("installing with npm into %s: %s" % (directory, wanted))
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        return str(error)
    reason = _run(["npm", "install", "--prefix", directory, "--no-audit",
                   "--no-fund", "--ignore-scripts", "--loglevel=error"]
                  + NPM_PACKAGES)
    if reason is None:
        with open(done_file, "w") as file:
            file.write(wanted)
    return reason


def version(words):
    """The first line that a command prints, or a question mark."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, timeout=20,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return (done.stdout.strip().splitlines() or ["?"])[0]


def package_version(package):
    """Upstream's version of a Debian package."""
    text = version(["dpkg-query", "-W", "-f", "${Version}", package])
    return text.split(":")[-1].split("-")[0].split("+")[0]
