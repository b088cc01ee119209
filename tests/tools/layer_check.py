#!/usr/bin/python3
"""Compares every #include, and every call, with the table of layers.

Who may include and call what is the shape of the program: the core knows no
text and no socket, the protocol knows no socket, each library has the few files
that it is wrapped by, and a room calls only those below it.
docs/architecture.md has the same table in words.

    layer_check.py OBJECTS      checks this tree, and what the objects below
                                OBJECTS/{core,proto,io} call; status 1 and one
                                line each
    layer_check.py --self-test  plants each kind of violation in a scratch
                                copy and demands that it is found

What the objects call of the C library is purity_check.py's business.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# The headers in include/sentineld by layer: "client" stands for client.h and
# client_<more>.h. A new one is added here.
HEADERS = {
    "data": ("types", "core", "model", "jobs", "memory", "hash",
             "version"),
    "proto": ("buffer", "resp", "info", "wire", "command", "session", "conf",
              "acl", "secret", "renames", "record"),
}

# The rooms of a part, each a folder, from the bottom up. A room calls those
# below it and includes their one header, the one of the room's own name.
ROOMS = {
    "core": ("model", "action", "links", "lineage", "topology", "detect",
             "elect", "guard", "failover", "repair", "door"),
    "proto": ("text", "resp", "catalog", "acl", "wire", "config", "session",
              "commands"),
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
    r"hiredis/.*": {"proto": ("resp/", "wire/")},
    r"libconfig\.h": {"proto": ("config/",)},
    r"ev\.h": {"io": ("main", "start/", "runtime/", "conn", "clients/", "resolve")},
    r"openssl/.*": {"io": ("tls",), "proto": ("secret",)},
    r"sqlite3\.h": {"io": ("store",)},
    r"ares\.h": {"io": ("resolve",)},
}

# Folder -> layers of our own headers that it may include. "x inside" are the
# headers that lie in sentineld/x beside the code.
OWN = {
    "core": {"data", "core inside"},
    "proto": {"data", "proto", "proto inside"},
    "io": {"data", "proto", "io inside"},
    "sim": {"data", "sim inside"},
    "unit": {"data", "proto", "unit inside", "core inside", "proto inside",
             "io inside"},
    "fuzz": {"data", "proto", "fuzz inside", "proto inside", "io inside"},
    "bench": {"bench inside"},
    "tools": {"data", "proto", "proto inside"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


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


def room_of(path):
    """Part and room of a file or object; the room is None where a part has
    none."""
    names = os.path.dirname(path).split("/")
    part = names[-2] if len(names) > 1 and names[-2] in ROOMS else names[-1]
    rooms = ROOMS.get(part, ())
    return part, names[-1] if names[-1] in rooms else None


def is_above(part, room, other):
    return ROOMS[part].index(room) > ROOMS[part].index(other)


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
    return complain_room(source, path)


def complain_room(source, path):
    """Why a file of one room may not include that header."""
    part, room = room_of(source)
    other_part, other = room_of(path)
    if part not in ROOMS or other_part != part or room == other:
        return None
    if room is None or other is None:
        return "%s lies in no room" % (source if room is None else path)
    if is_above(part, other, room):
        return "is of %s, which is above %s" % (other, room)
    if os.path.basename(path) != other + ".h":
        return "is private to %s; %s.h is for others" % (other, other)
    return None


def shared_headers(root, part):
    """Headers of include/ that a part includes, or gets with another."""
    found = set()
    open_files = [s for s in sources(root) if s.startswith("sentineld/%s/" %
                                                           part)]
    while open_files:
        source = open_files.pop()
        with open(os.path.join(root, source), encoding="utf-8") as text:
            names = INCLUDE.findall(text.read())
        for _, name in names:
            path = "include/" + name
            if path not in found and os.path.isfile(os.path.join(root, path)):
                found.add(path)
                open_files.append(path)
    return found


def check_shared(root):
    """include/ is for what crosses core, proto and io."""
    by_part = {p: shared_headers(root, p) for p in ("core", "proto", "io")}
    complaints = []
    for header in (s for s in sources(root) if s.startswith("include/")):
        users = [p for p, headers in by_part.items() if header in headers]
        if len(users) < 2:
            complaints.append("%s: only %s includes it, so it belongs there" %
                              (header, " and ".join(users) or "nobody"))
    return complaints


def symbols(objects):
    """Two tables: symbol -> object that defines it, object -> what it wants."""
    defined, wanted = {}, {}
    listing = subprocess.run(["nm", "-A"] + objects, check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        path, rest = line.split(":", 1)
        *_, kind, name = rest.split()
        if kind == "U":
            wanted.setdefault(path, set()).add(name)
        elif kind in "TDBRVWC":
            defined[name] = path
    return defined, wanted


def check_calls(folder):
    """Calls to a room above, and from a part to one that it may not call."""
    objects = sorted(os.path.join(top, name)
                     for top, _, names in os.walk(folder)
                     for name in names if name.endswith(".o"))
    defined, wanted = symbols(objects)
    complaints = []
    for path in objects:
        part, room = room_of(path)
        for name in sorted(wanted.get(path, ())):
            other_part, other = room_of(defined.get(name, path))
            if room and other and other_part == part and \
                    is_above(part, other, room):
                complaints.append("%s calls %s of %s, which is above %s" % (
                    os.path.relpath(path, folder), name, other, room))
    return len(objects), complaints


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
    homeless = ["%s: lies in no room" % s for s in sources(root)
                if s.startswith("sentineld/") and
                room_of(s)[0] in ROOMS and room_of(s)[1] is None]
    return homeless + check_shared(root) + [
        c for source in sources(root) for c in check_file(root, source)]


# File that gets the line, the line, is it a violation?
PLANTS = [
    ("sentineld/core/elect/planted.c", "<time.h>", True),
    ("sentineld/core/elect/planted.c", "<unistd.h>", True),
    ("sentineld/core/elect/planted.c", '"sentineld/resp.h"', True),
    ("sentineld/core/elect/planted.c", '"io/base/log.h"', True),
    ("sentineld/core/elect/planted.c", "<io/base/log.h>", True),
    ("sentineld/core/elect/planted.c", '"sentineld/planted.h"', True),
    ("sentineld/core/elect/planted.c", '"sentineld/model.h"', False),
    ("sentineld/core/elect/planted.c", '"core/elect/elect.h"', False),
    ("sentineld/core/elect/planted.c", '"core/elect/planted.h"', False),
    ("sentineld/core/elect/planted.c", '"core/model/model.h"', False),
    ("sentineld/core/elect/planted.c", '"core/model/planted.h"', True),
    ("sentineld/core/elect/planted.c", '"core/failover/failover.h"', True),
    ("sentineld/core/elect/planted.c", '"../door/door.h"', True),
    ("sentineld/core/elect/elect.h", '"core/guard/guard.h"', True),
    ("sentineld/core/planted.c", '"core/model/model.h"', True),
    ("sentineld/core/elect/planted.c", "<uthash.h>", False),
    ("sentineld/proto/commands/planted.c", '"core/model/model.h"', True),
    ("sentineld/proto/commands/planted.c", '"io/net/conn.h"', True),
    ("sentineld/proto/commands/planted.c", "<sys/socket.h>", True),
    ("sentineld/proto/commands/planted.c", "<hiredis/hiredis.h>", True),
    ("sentineld/proto/commands/planted.c", "<libconfig.h>", True),
    ("sentineld/proto/resp/planted.c", "<hiredis/hiredis.h>", False),
    ("sentineld/proto/text/response.c", "<hiredis/hiredis.h>", True),
    ("sentineld/proto/config/planted.c", "<libconfig.h>", False),
    ("sentineld/proto/config/planted.c", "<sys/socket.h>", True),
    ("sentineld/proto/config/planted.c", '"io/base/log.h"', True),
    ("sentineld/proto/commands/planted.c", '"proto/acl/acl.h"', False),
    ("sentineld/proto/commands/planted.c", '"proto/wire/wire_private.h"', True),
    ("sentineld/proto/acl/planted.c", '"proto/commands/command_private.h"',
     True),
    ("sentineld/io/net/planted.c", "<ev.h>", True),
    ("sentineld/io/net/planted.c", "<sqlite3.h>", True),
    ("sentineld/io/net/planted.c", "<ares.h>", True),
    ("sentineld/io/net/planted.c", "<openssl/ssl.h>", True),
    ("sentineld/io/net/planted.c", "<hiredis/hiredis.h>", True),
    ("sentineld/io/net/planted.c", '"../../core/model/model.h"', True),
    ("sentineld/io/net/planted.c", "<sys/socket.h>", False),
    ("sentineld/io/net/conn_planted.c", "<ev.h>", False),
    ("include/sentineld/planted.h", "<time.h>", True),
    ("include/sentineld/buffer.h", "<ev.h>", True),
    ("tests/sim/planted.c", '"sentineld/resp.h"', True),
    ("tests/sim/planted.c", '"core/model/model.h"', True),
    ("tests/sim/planted.c", "<stdio.h>", False),
    ("tests/unit/planted.c", '"core/elect/elect.h"', False),
]

# Object, its C, is it a violation? Beside them lies core/elect/known.o, which
# has elect_known.
CALLS = [
    ("core/elect/a", "void elect_known(void); void f(void) { elect_known(); }",
     False),
    ("core/door/a", "void elect_known(void); void f(void) { elect_known(); }",
     False),
    ("core/detect/a", "void elect_known(void); void f(void) { elect_known(); }",
     True),
    ("core/detect/a", "void elect_known(void); void *f = (void *)elect_known;",
     True),
    ("core/detect/a", "static void elect_known(void) {} void f(void) "
     "{ elect_known(); }", False),
    ("core/detect/a", "int puts(const char *); void f(void) { puts(0); }",
     False),
    ("proto/commands/a", "void elect_known(void); void f(void) { elect_known(); }",
     False),
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
                   "sentineld/core/model/planted.h",
                   "sentineld/core/elect/planted.h"):
        open(os.path.join(root, header), "a", encoding="utf-8").close()
    before = check_file(root, source) if os.path.exists(path) else []
    with open(path, "a", encoding="utf-8") as out:
        out.write("#include %s\n" % line)
    return [c for c in check(root)
            if c.startswith(source + ":") and c not in before]


def compile_to(folder, name, text):
    path = os.path.join(folder, name + ".o")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(["gcc", "-w", "-O0", "-x", "c", "-c", "-o", path, "-"],
                   input=text, text=True, check=True)


def self_test_calls():
    wrong = 0
    for name, text, is_violation in CALLS:
        with tempfile.TemporaryDirectory() as folder:
            compile_to(folder, "core/elect/known", "void elect_known(void) {}")
            compile_to(folder, name, text)
            if bool(check_calls(folder)[1]) != is_violation:
                wrong += 1
                print("layer check, self-test: in %s, %s was %s" % (
                    name, text, "not found" if is_violation else "refused"))
    return wrong


def self_test_shared():
    """A header in include/ that one part alone includes."""
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.join(scratch, "copy")
        scratch_copy(root)
        plant(root, "sentineld/io/net/planted.c", '"sentineld/planted.h"')
        if any(c.startswith("include/sentineld/planted.h: only io")
               for c in check(root)):
            return 0
    print("layer check, self-test: a header for io alone was not found")
    return 1


def self_test():
    wrong = self_test_calls() + self_test_shared()
    for source, line, is_violation in PLANTS:
        with tempfile.TemporaryDirectory() as scratch:
            root = os.path.join(scratch, "copy")
            scratch_copy(root)
            if bool(plant(root, source, line)) != is_violation:
                wrong += 1
                print("layer check, self-test: %s in %s was %s" % (
                    line, source, "not found" if is_violation else "refused"))
    count = len(PLANTS) + len(CALLS) + 1
    print("layer check, self-test: %d of %d plants judged rightly" % (
        count - wrong, count))
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    count, calls = check_calls(sys.argv[1])
    complaints = check(ROOT) + calls
    for complaint in complaints:
        print(complaint)
    print("layer check: %d files, %d objects, %d complaints" % (
        len(sources(ROOT)), count, len(complaints)))
    return 1 if complaints else 0


sys.exit(main())
