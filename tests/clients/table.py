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


class Results:
    def __init__(self):
        self.rows = {}
        self.broken = []

    def _row(self, setting, client, kind):
        name = setting.name if setting else "all"
        if (name, client) not in self.rows:
            self.rows[name, client] = Row(name, client, kind.version())
        return self.rows[name, client]

    def skip(self, setting, kind, reason):
        self._row(setting, kind.name, kind).skipped = reason

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
        lines = ["| setting | client | version | crash: gap | kept | lost "
                 "| operator: gap | kept | lost |",
                 "|---|---|---|--:|--:|--:|--:|--:|--:|"]
        for row in self.rows.values():
            cells = row.cells()
            if row.note():
                cells[2] += ", " + row.note()
            lines.append("| %s |" % " | ".join(cells))
        return "\n".join(lines)

    def write_into(self, path):
        """Replaces what is between the two marks of the file."""
        with open(path) as file:
            before, rest = file.read().split(BEGIN + "\n", 1)
        after = rest.split(END, 1)[1]
        with open(path, "w") as file:
            file.write("%s%s\n%s\n%s%s" % (before, BEGIN, self.markdown(), END,
                                         after))
