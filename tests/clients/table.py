"""What was found out, as text and as the table of docs/clients.md."""

BEGIN = "<!-- made by tests/clients/run.py -->"
END = "<!-- end of what run.py made -->"
PHASES = ("crash", "operator")


class Row:
    """One client in one setting: its figures by phase, or why there are
    none."""

    def __init__(self, setting, client, version):
        self.setting = setting
        self.client = client
        self.version = version
        self.figures = {}  # phase: (gap ms, kept ms, lost)
        self.skipped = None
        self.failure = None

    def note(self):
        if self.failure:
            return "FAILED: " + self.failure
        if self.skipped:
            return "skipped: " + self.skipped
        return ""

    def cells(self):
        numbers = []
        for phase in PHASES:
            numbers += [str(number) for number in
                        self.figures.get(phase, ("-", "-", "-"))]
        return [self.setting, self.client, self.version] + numbers


def cell(row, phase):
    """`gap / lost`, or a dash and the reason is among the notes."""
    if row is None or phase not in row.figures:
        return "-"
    gap, _, lost = row.figures[phase]
    return "%d / %d" % (gap, lost)


class Results:
    def __init__(self):
        self.rows = {}
        self.broken = []

    def _row(self, setting, client, kind):
        key = setting.name, client
        if key not in self.rows:
            self.rows[key] = Row(setting.name, client, kind.version())
        return self.rows[key]

    def skip(self, settings, kind, reason):
        for setting in settings:
            for protocol in kind.protocols:
                name = "%s RESP%d" % (kind.name, protocol)
                self._row(setting, name, kind).skipped = reason

    def fail(self, setting, writer, phase, reason):
        row = self._row(setting, writer.name, writer.kind)
        row.failure = "%s: %s" % (phase, reason)

    def succeed(self, setting, writer, phase, figures):
        row = self._row(setting, writer.name, writer.kind)
        row.figures[phase] = figures

    def fail_setting(self, setting, error):
        self.broken.append("%s: %s" % (setting.name, error))

    def failed(self):
        return self.broken or not self.rows or any(
            row.failure for row in self.rows.values())

    def text(self):
        line = "%-9s %-19s %-8s" + " %7s" * 6 + " %s"
        titles = ("crash: gap", "kept", "lost", "op: gap", "kept", "lost")
        lines = [line % (("setting", "client", "version") + titles + ("",))]
        for row in self.rows.values():
            lines.append(line % tuple(row.cells() + [row.note()]))
        lines += ["FAILED: " + broken for broken in self.broken]
        return "\n".join(each.rstrip() for each in lines)

    def markdown(self):
        settings = list(dict.fromkeys(setting for setting, _ in self.rows))
        titles = ["%s, %s" % (setting, phase) for setting in settings
                  for phase in PHASES]
        lines = ["| client | version | %s |" % " | ".join(titles),
                 "|---|---|%s" % ("--:|" * len(titles))]
        for client in dict.fromkeys(client for _, client in self.rows):
            rows = [self.rows.get((setting, client)) for setting in settings]
            cells = [client, next(row.version for row in rows if row)]
            for row in rows:
                cells += [cell(row, phase) for phase in PHASES]
            lines.append("| %s |" % " | ".join(cells))
        notes = ["- %s, %s: %s" % (row.client, row.setting, row.note())
                 for row in self.rows.values() if row.note()]
        return "\n".join(lines + [""] + notes if notes else lines)

    def write_into(self, path):
        """Replaces what is between the two marks of the file."""
        with open(path) as file:
            before, rest = file.read().split(BEGIN + "\n", 1)
        after = rest.split(END, 1)[1]
        with open(path, "w") as file:
            file.write("%s%s\n%s\n%s%s" % (before, BEGIN, self.markdown(), END,
                                         after))
