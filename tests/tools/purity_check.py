#!/usr/bin/python3
"""What do the objects call? The compiler's answer, not the eye's.

    purity_check.py FOLDER       FOLDER/{core,proto,io}/*.o, plain builds, and
                                 the same one folder deeper: rooms
    purity_check.py --self-test  plants violations and demands red

Core and proto may call what allowed_symbols says and each other, downwards
only; they may not hold variables either (nothing in .data or .bss), because
a variable is a state that no test can see. No object at all may call what is
in forbidden_symbols. The objects must be built without fortification,
inlining or builtins, so that a call in the source is a symbol of that name."""

import fnmatch
import glob
import os
import subprocess
import sys
import tempfile

TOOLS = os.path.dirname(os.path.abspath(__file__))
DECISIONS = ("core_record", "core_settle")


def rows_of(name):
    with open(os.path.join(TOOLS, name)) as file:
        lines = [line.split("#")[0].split() for line in file]
    return [line for line in lines if line]


ALLOWED = rows_of("allowed_symbols")
FORBIDDEN = {row[0] for row in rows_of("forbidden_symbols")}


class Object:
    def __init__(self, layer, name):
        self.layer = layer
        self.name = name  # below the layer's folder, without .o
        self.calls = []
        self.defines = set()
        self.variables = []


def objects_in(folder):
    """Path -> what the file calls, defines and holds, by one call of nm."""
    found = {}
    for layer in ("core", "proto", "io"):
        for depth in ("*.o", "*/*.o"):
            for path in sorted(glob.glob(os.path.join(folder, layer, depth))):
                name = os.path.relpath(path, os.path.join(folder, layer))
                found[path] = Object(layer, name[:-2])
    listing = subprocess.run(["nm", "-A"] + list(found), check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        path, rest = line.split(":", 1)
        *_, kind, symbol = rest.split()
        if kind in "Uwv":
            found[path].calls.append(symbol)
            continue
        found[path].defines.add(symbol)
        if kind in "dDbBC":
            found[path].variables.append(symbol)
    return list(found.values())


def row_is_for(who, each):
    layer, _, part = who.partition("/")
    if who in ("core", each.layer):
        return True
    if layer != each.layer or not part:
        return False
    if part.endswith("/"):
        return each.name.startswith(part)
    return each.name == part or each.name.startswith(part + "_")


def is_allowed(each, symbol):
    return any(fnmatch.fnmatchcase(symbol, pattern) and row_is_for(who, each)
               for who, pattern in ALLOWED)


def complaints_about(each, own):
    where = "%s/%s" % (each.layer, each.name)
    for symbol in each.calls:
        if symbol in FORBIDDEN:
            yield "%s calls %s, in forbidden_symbols" % (where, symbol)
        if each.layer == "io":
            continue
        if symbol in own:
            if each.layer == "proto" and symbol in DECISIONS:
                yield "%s calls %s: proto decides nothing" % (where, symbol)
        elif not is_allowed(each, symbol):
            yield "%s calls %s, not in allowed_symbols" % (where, symbol)
    if each.layer != "io":
        for symbol in each.variables:
            yield "%s has a variable that can change: %s" % (where, symbol)


def check(folder):
    """Returns how many objects there are, and what is wrong with them."""
    objects = objects_in(folder)
    core = set().union(*(each.defines for each in objects
                         if each.layer == "core"))
    proto = core.union(*(each.defines for each in objects
                         if each.layer == "proto"))
    return len(objects), [
        text for each in objects
        for text in complaints_about(each,
                                     core if each.layer == "core" else proto)]


# Verdict, place, C.
PLANTS = [
    ("pass", "core/a", "int f(void) { return 1; }"),
    ("pass", "core/a", "#include <string.h>\n"
     "int f(const char *s) { return (int)strlen(s); }"),
    ("fail", "core/a", "#include <time.h>\nlong f(void) { return time(0); }"),
    ("fail", "core/a", "#include <stdlib.h>\nint f(void) { return rand(); }"),
    ("fail", "core/a", "#include <stdlib.h>\n"
     "char *f(void) { return getenv(\"HOME\"); }"),
    ("fail", "core/a", "#include <stdio.h>\nvoid f(void) { printf(\"x\"); }"),
    ("fail", "core/a", "static int n; int f(void) { return ++n; }"),
    ("fail", "core/a", "int n = 3;"),
    ("pass", "core/a", "static const char *const names[] = { \"a\" };\n"
     "const char *f(int i) { return names[i]; }"),
    ("fail", "core/a", "int resp_status(void);\n"
     "int f(void) { return resp_status(); }"),
    ("pass", "proto/a", "int model_find(void);\n"
     "int f(void) { return model_find(); }"),
    ("fail", "proto/a", "int core_settle(void);\n"
     "int f(void) { return core_settle(); }"),
    ("pass", "proto/resp/resp", "void redisReaderFree(void *);\n"
     "void f(void *r) { redisReaderFree(r); }"),
    ("pass", "proto/resp/resp_read", "void redisReaderFree(void *);\n"
     "void f(void *r) { redisReaderFree(r); }"),
    ("pass", "proto/config/a", "int config_init(void *);\n"
     "int f(void *c) { return config_init(c); }"),
    ("fail", "proto/a", "int config_init(void *);\n"
     "int f(void *c) { return config_init(c); }"),
    ("fail", "proto/config/a", "#include <time.h>\n"
     "long f(void) { return time(0); }"),
    ("fail", "proto/config/a", "static int n; int f(void) { return ++n; }"),
    ("fail", "proto/text/response", "void redisReaderFree(void *);\n"
     "void f(void *r) { redisReaderFree(r); }"),
    ("fail", "core/resp", "void redisReaderFree(void *);\n"
     "void f(void *r) { redisReaderFree(r); }"),
    ("fail", "io/a", "#include <stdlib.h>\n"
     "int f(const char *s) { return atoi(s); }"),
    ("pass", "io/a", "#include <time.h>\nlong f(void) { return time(0); }"),
] + [("fail", "io/a", "int %s();\nint f(char *s) { return %s(s, s); }"
      % (banned, banned)) for banned in sorted(FORBIDDEN)]


def compile_to(path, source):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(
        ["gcc", "-w", "-x", "c", "-O0", "-fno-builtin", "-fno-pie",
         "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-c", "-o", path, "-"],
        input=source, text=True, check=True)


def self_test():
    """Does a small core with each of these objects pass, or not?"""
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        compile_to(scratch + "/core/core.o",
                   "int core_settle(void) { return 1; }\n"
                   "int model_find(void) { return 2; }\n")
        for verdict, place, source in PLANTS:
            path = "%s/%s.o" % (scratch, place)
            compile_to(path, source)
            if bool(check(scratch)[1]) != (verdict == "fail"):
                print("purity: self-test: '%s' in %s should %s" % (
                    source, place, verdict))
                wrong += 1
            os.unlink(path)
    print("purity check, self-test: %d plants, %d judged wrongly" % (
        len(PLANTS), wrong))
    return wrong


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: purity_check.py FOLDER or --self-test")
    if sys.argv[1] == "--self-test":
        sys.exit(1 if self_test() else 0)
    count, complaints = check(sys.argv[1])
    for text in complaints:
        print("purity: " + text)
    print("purity check: %d objects, %d complaints" % (count, len(complaints)))
    sys.exit(1 if complaints or not count else 0)


if __name__ == "__main__":
    main()
