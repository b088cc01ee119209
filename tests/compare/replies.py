"""Replies as trees whose leaves have names, so that two can be compared.

A tree is (kind, value): kind is RESP's word for it, value a text, a number or
a list of (name, tree). What is flat on the wire and means pairs (rows, INFO,
a line of CLIENT LIST) becomes a map here, so that a difference is told by the
name of a field and not by a position."""


LEAVES = {"+": "status", "-": "error", ":": "integer", ",": "double"}


def read(data, at=0):
    """One reply that begins at `at`: (tree, where it ends)."""
    end = data.index(b"\r\n", at)
    kind, head, at = chr(data[at]), data[at + 1:end].decode(), end + 2
    if kind in LEAVES:
        return (LEAVES[kind], head), at
    if kind == "_" or head == "-1":
        return ("null", "*-1" if kind == "*" else ""), at
    if kind in "$=":
        text = data[at:at + int(head)].decode(errors="replace")
        text = text.removeprefix("txt:") if kind == "=" else text
        return ("bulk" if kind == "$" else "verbatim", text), \
            at + int(head) + 2
    items, count = [], int(head) * (2 if kind == "%" else 1)
    for _ in range(count):
        item, at = read(data, at)
        items.append(item)
    if kind == "%":
        return pairs(items), at
    name = {"*": "array", "~": "set", ">": "push"}[kind]
    return (name, [("[%d]" % i, item) for i, item in enumerate(items)]), at


def pairs(items, kind="map"):
    return kind, [(key[1], value)
                  for key, value in zip(items[::2], items[1::2])]


def children(tree):
    return [item for _, item in tree[1]]


def is_list(tree):
    return isinstance(tree[1], list)


def as_map(tree):
    """An array of names and values; told apart from a map."""
    if tree[0] != "array" or len(tree[1]) % 2:
        return tree
    return pairs(children(tree), "array of pairs")


def as_rows(tree):
    """An array of such arrays; each row's name is its first value."""
    if tree[0] != "array":
        return tree
    return "array", [("[%d]" % i, as_map(row))
                     for i, row in enumerate(children(tree))]


def as_info(tree):
    """INFO: "# Section" lines and "name:value" lines."""
    fields, section = [], ""
    for line in tree[1].split("\r\n"):
        if line.startswith("# "):
            section = line[2:] + "."
        elif ":" in line:
            name, value = line.split(":", 1)
            fields.append((section + name, ("bulk", value)))
    return tree[0] + " of INFO", fields


def as_clients(tree):
    """CLIENT LIST: lines of "name=value" words."""
    lines = [("[%d]" % i, ("map", [
        (name, ("bulk", value)) for name, _, value in (
            word.partition("=") for word in line.split(" "))]))
             for i, line in enumerate(tree[1].splitlines())]
    return tree[0] + " of clients", lines


def as_usage(tree):
    """HELP: the lines of usage, without the sentences between them."""
    kinds = {line[0] for line in children(tree)}
    return tree[0] + " of " + "/".join(sorted(kinds)), [
        ("lines", ("integer", str(len(tree[1]))))] + [
            (line[1], ("line", "")) for line in children(tree)
            if not line[1].startswith(" ")]


def by_name(tree):
    """Rows of COMMAND: a map from the name to the row."""
    if tree[0] != "array":
        return tree
    rows = []
    for row in children(tree):
        if not is_list(row) or not row[1]:
            rows.append(("?", row))
            continue
        fields = children(row)
        names = ["name", "arity", "flags", "first", "last", "step",
                 "categories", "tips", "keys", "subcommands"]
        values = list(zip(names, fields[:6])) + [
            (name, unordered(field))
            for name, field in zip(names[6:9], fields[6:9])]
        values.append(("subcommands", by_name(fields[9])))
        rows.append((fields[0][1], (row[0] + " of a command", values)))
    return "array of commands", sorted(rows, key=lambda row: row[0])


def unordered(tree):
    """A set, or an array in its place; each keeps its kind."""
    items = sorted(children(tree), key=str)
    return tree[0], [(item[1] if isinstance(item[1], str) else "?", item)
                     for item in items]


def as_docs(tree):
    """COMMAND DOCS: maps of maps, in any order of commands."""
    return tree[0] + " of commands", sorted(
        ((name, as_doc(doc)) for name, doc in as_map(tree)[1]),
        key=lambda pair: pair[0])


def as_doc(tree):
    fields = []
    for name, value in as_map(tree)[1]:
        if name == "arguments":
            value = ("array", [("[%d]" % i, as_doc(argument)) for i, argument
                               in enumerate(children(value))])
        elif name == "subcommands":
            value = as_docs(value)
        fields.append((name, value))
    return tree[0] + " of a command", fields


def differences(theirs, ours, path=""):
    """(path, what is there, what is here), for each leaf that differs."""
    if theirs[0] != ours[0] or is_list(theirs) != is_list(ours):
        yield path or "reply", shown(theirs), shown(ours)
        return
    if not is_list(theirs):
        if theirs[1] != ours[1]:
            yield path or "reply", shown(theirs), shown(ours)
        return
    mine, names = dict(ours[1]), [name for name, _ in theirs[1]]
    for name, tree in theirs[1]:
        where = "%s.%s" % (path, name) if path else name
        if name in mine:
            yield from differences(tree, mine[name], where)
        else:
            yield where, shown(tree), "(none)"
    for name, tree in ours[1]:
        if name not in names:
            yield "%s.%s" % (path, name) if path else name, "(none)", \
                shown(tree)
    common = [name for name in names if name in mine]
    if [name for name, _ in ours[1] if name in names] != common:
        yield (path + ".order").lstrip("."), " ".join(common), " ".join(
            name for name, _ in ours[1] if name in names)


def shown(tree):
    kind, value = tree
    if isinstance(value, list):
        return "%s of %d" % (kind, len(value))
    return "%s %s" % (kind, value) if value else kind
