#!/usr/bin/python3
"""Compares every #include with the table of layers.

Who may include what is the shape of the program: the core knows no text and
no socket, the protocol knows no socket, and each library has the few files
that it is wrapped by. docs/architecture.md has the same table in words.

    layer_check.py              checks this tree; status 1 and one line each
    layer_check.py --self-test  plants each kind of violation in a scratch
                                copy and demands that it is found

It reads #include lines only. What is called is purity_check.sh's business.
"""

import os
import re
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# The headers in include/sentineld by layer: "client" stands for client.h and
# client_<more>.h. A new one is added here.
HEADERS = {
    "data": ("types", "core", "model", "jobs", "memory", "hash",
             "version"),
    "proto": ("buffer", "resp", "hello", "info", "wire", "command", "session",
              "conf", "acl", "secret", "renames", "record"),
    "io": ("log", "store", "resolve", "conn", "client", "shell", "tls",
           "script", "options"),
}

# All that a decision needs of the C library: no time, no files, no sockets.
PURE_SYSTEM = {
    "assert.h", "stdbool.h", "stddef.h", "stdint.h", "inttypes.h", "limits.h",
    "stdarg.h", "string.h", "strings.h", "stdlib.h", "stdio.h",
    "sys/queue.h", "uthash.h"}

# A library's headers -> the only files that may include them: folder and
# beginning of the file's name, or a room with a / behind it. Headers follow the
# files that they belong to.
LIBRARIES = {
    r"hiredis/.*": {"proto": ("resp", "wire")},
    r"libconfig\.h": {"proto": ("config/",)},
    r"ev\.h": {"io": ("main", "shell", "conn", "client", "resolve",
                      "script")},
    r"openssl/.*": {"io": ("tls",), "proto": ("secret",)},
    r"sqlite3\.h": {"io": ("store",)},
    r"ares\.h": {"io": ("resolve",)},
}

# Folder -> layers of our own headers that it may include. "x inside" are the
# headers that lie in sentineld/x beside the code.
OWN = {
    "core": {"data", "core inside"},
    "proto": {"data", "proto", "proto inside"},
    "io": {"data", "proto", "io", "io inside"},
    "sim": {"data", "sim inside"},
    "unit": {"data", "proto", "io", "unit inside", "core inside",
             "proto inside", "io inside"},
    "fuzz": {"data", "proto", "fuzz inside", "io inside"},
    "bench": {"bench inside"},
    "tools": {"data", "proto", "proto inside"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def begins_with(source, prefixes):
    stem = os.path.splitext(os.path.basename(source))[0]
    room = os.path.basename(os.path.dirname(source)) + "/"
    return any(p in (stem, room) or stem.startswith(p + "_")
               for p in prefixes)


def part_of(folder):
    """core, proto, io ... of a folder: sentineld/proto/config is proto's."""
    names = folder.split("/")
    return names[1] if names[0] == "sentineld" else names[-1]


def layer_of_header(path):
    """The layer of one of our headers, path relative to the root."""
    folder, name = os.path.split(path)
    if folder == "include/sentineld":
        for layer, prefixes in HEADERS.items():
            if begins_with(name, prefixes):
                return layer
        return "unknown"
    return part_of(folder) + " inside"


def resolve(root, source, name):
    """Where an #include "name" leads, relative to the root; None: nowhere."""
    for base in (os.path.dirname(source), "include", "", "sentineld"):
        path = os.path.normpath(os.path.join(base, name))
        if os.path.isfile(os.path.join(root, path)):
            return path
    return None


def folder_of(source):
    """The row of the table that a source file answers to."""
    folder = os.path.dirname(source)
    if folder != "include/sentineld":
        return part_of(folder)
    layer = layer_of_header(source)
    return {"data": "core", "unknown": "core"}.get(layer, layer)


def complain_system(folder, source, name):
    """Why this file may not include <name>; None: it may."""
    for pattern, holders in LIBRARIES.items():
        if re.fullmatch(pattern, name):
            if folder == "unit" or begins_with(source,
                                               holders.get(folder, ())):
                return None
            where = ", ".join("%s/%s" % (f, p) for f in holders
                              for p in holders[f])
            return "belongs to %s only" % where
    if folder in ("core", "proto") and name not in PURE_SYSTEM:
        return "is not among the headers of a pure layer"
    if folder == "sim" and re.match(r"sys/socket|netinet|arpa|netdb", name):
        return "the simulator has no sockets"
    return None


def complain_own(root, folder, source, name):
    """Why this file may not include "name"; None: it may."""
    path = resolve(root, source, name)
    if path is None:
        return "leads nowhere"
    layer = layer_of_header(path)
    if layer == "unknown":
        return "is in no layer yet; say so in tests/tools/layer_check.py"
    if layer not in OWN.get(folder, set()):
        return "is of layer '%s', out of bounds for %s" % (layer, folder)
    return None


def check_file(root, source):
    complaints = []
    folder = folder_of(source)
    with open(os.path.join(root, source), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            kind, name = match.groups()
            if kind == '"' or name.startswith("sentineld/"):
                why = complain_own(root, folder, source, name)
            else:
                why = complain_system(folder, source, name)
            if why:
                complaints.append("%s:%d: %s %s" % (source, number, name, why))
    return complaints


def sources(root):
    found = []
    for top in ("include", "sentineld", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            if os.path.relpath(folder, root) == "tests/clients":
                continue  # programs of users: they use what they like
            found += [os.path.relpath(os.path.join(folder, name), root)
                      for name in names if name.endswith((".c", ".h"))]
    return sorted(found)


def check(root):
    return [c for source in sources(root) for c in check_file(root, source)]


# File that gets the line, the line, is it a violation?
PLANTS = [
    ("sentineld/core/planted.c", "<time.h>", True),
    ("sentineld/core/planted.c", "<unistd.h>", True),
    ("sentineld/core/planted.c", '"sentineld/resp.h"', True),
    ("sentineld/core/planted.c", '"sentineld/log.h"', True),
    ("sentineld/core/planted.c", "<sentineld/log.h>", True),
    ("sentineld/core/planted.c", '"sentineld/planted.h"', True),
    ("sentineld/core/planted.c", '"sentineld/model.h"', False),
    ("sentineld/core/planted.c", '"core/private.h"', False),
    ("sentineld/core/planted.c", "<uthash.h>", False),
    ("sentineld/proto/planted.c", '"../core/private.h"', True),
    ("sentineld/proto/planted.c", '"sentineld/conn.h"', True),
    ("sentineld/proto/planted.c", "<sys/socket.h>", True),
    ("sentineld/proto/planted.c", "<hiredis/hiredis.h>", True),
    ("sentineld/proto/planted.c", "<libconfig.h>", True),
    ("sentineld/proto/resp_planted.c", "<hiredis/hiredis.h>", False),
    ("sentineld/proto/response.c", "<hiredis/hiredis.h>", True),
    ("sentineld/proto/config/planted.c", "<libconfig.h>", False),
    ("sentineld/proto/config/planted.c", "<sys/socket.h>", True),
    ("sentineld/proto/config/planted.c", '"sentineld/log.h"', True),
    ("sentineld/io/planted.c", "<ev.h>", True),
    ("sentineld/io/planted.c", "<sqlite3.h>", True),
    ("sentineld/io/planted.c", "<ares.h>", True),
    ("sentineld/io/planted.c", "<openssl/ssl.h>", True),
    ("sentineld/io/planted.c", "<hiredis/hiredis.h>", True),
    ("sentineld/io/planted.c", '"../core/private.h"', True),
    ("sentineld/io/planted.c", "<sys/socket.h>", False),
    ("sentineld/io/conn_planted.c", "<ev.h>", False),
    ("include/sentineld/planted.h", "<time.h>", True),
    ("include/sentineld/buffer.h", "<ev.h>", True),
    ("tests/sim/planted.c", '"sentineld/resp.h"', True),
    ("tests/sim/planted.c", '"../../sentineld/core/private.h"', True),
    ("tests/sim/planted.c", "<stdio.h>", False),
    ("tests/unit/planted.c", '"core/private.h"', False),
]


def scratch_copy(target):
    for source in sources(ROOT):
        os.makedirs(os.path.join(target, os.path.dirname(source)),
                    exist_ok=True)
        shutil.copy(os.path.join(ROOT, source), os.path.join(target, source))


def plant(root, source, line):
    """The complaints about this file that the line adds."""
    path = os.path.join(root, source)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for header in ("include/sentineld/planted.h",
                   "sentineld/core/private.h"):
        open(os.path.join(root, header), "a", encoding="utf-8").close()
    before = check_file(root, source) if os.path.exists(path) else []
    with open(path, "a", encoding="utf-8") as out:
        out.write("#include %s\n" % line)
    return [c for c in check(root)
            if c.startswith(source + ":") and c not in before]


def self_test():
    wrong = 0
    for source, line, is_violation in PLANTS:
        with tempfile.TemporaryDirectory() as scratch:
            root = os.path.join(scratch, "copy")
            scratch_copy(root)
            if bool(plant(root, source, line)) != is_violation:
                wrong += 1
                print("layer check, self-test: %s in %s was %s" % (
                    line, source, "not found" if is_violation else "refused"))
    print("layer check, self-test: %d of %d plants judged rightly" % (
        len(PLANTS) - wrong, len(PLANTS)))
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    complaints = check(ROOT)
    for complaint in complaints:
        print(complaint)
    print("layer check: %d files, %d complaints" % (len(sources(ROOT)),
                                                    len(complaints)))
    return 1 if complaints else 0


sys.exit(main())
