"""Turns supervisors' events and a client's writes into a readable timeline."""


def _address_port(payload):
    """Port in a payload of the form `type name ip port ...`."""
    words = payload.split()
    return words[3] if len(words) > 3 else "?"


class Timeline:
    """Rows of (milliseconds since the start, who, what).

    `supervisors` maps run ids to names, `servers` ports to names."""

    def __init__(self, start, supervisors, servers):
        self.start = start
        self.supervisors = supervisors
        self.servers = servers
        self.rows = [(0.0, "", "the master is killed")]
        self.tellers = {
            "+sdown": self._sdown,
            "+odown": self._odown,
            "+try-failover": self._try_failover,
            "+vote-for-leader": self._vote,
            "+elected-leader": self._elected,
            "+selected-slave": self._selected,
            "+promoted-slave": self._promoted,
            "+switch-master": self._switch,
            "+slave-reconf-sent": self._reconf_sent,
            "+slave-reconf-done": self._reconf_done,
            "+failover-end": self._end,
            "-failover-abort-not-elected": self._not_elected,
        }

    def add_events(self, events):
        for event in events:
            teller = self.tellers.get(event.channel)
            text = teller(event) if teller and event.at >= self.start else None
            if text:
                self._add(event.at, event.source, text)

    def add_writes(self, writer, new_master):
        refused = [each for each in list(writer.refused)
                   if each.at >= self.start]
        if refused:
            self._add(refused[0].at, "client", "first write refused")
        first = writer.first_accepted_by(new_master.port)
        if first:
            self._add(first.at, "client",
                      "first write accepted by %s" % new_master.name)

    def lines(self):
        for at_ms, who, what in sorted(self.rows, key=lambda row: row[0]):
            yield "%8.1f  %-7s %s" % (at_ms, who, what)

    def _add(self, at, who, what):
        self.rows.append(((at - self.start) * 1000, who, what))

    def _server(self, payload):
        port = _address_port(payload)
        return self.servers.get(port, "port " + port)

    def _sdown(self, event):
        if not event.payload.startswith("master "):
            return None
        return "the master is down, as far as I can see"

    def _odown(self, event):
        return "quorum: %s supervisors agree" % event.payload.split()[-1]

    def _try_failover(self, _event):
        return "asks the others for their votes"

    def _vote(self, event):
        run_id, epoch = event.payload.split()[:2]
        name = self.supervisors.get(run_id, run_id[:8])
        whom = "itself" if name == event.source else name
        return "votes for %s (epoch %s)" % (whom, epoch)

    def _elected(self, _event):
        return "is the leader of this failover"

    def _selected(self, event):
        return "chooses %s" % self._server(event.payload)

    def _promoted(self, event):
        return "%s says that it is a master" % self._server(event.payload)

    def _switch(self, event):
        port = event.payload.split()[4]
        return "publishes the switch to %s" % self.servers.get(port, port)

    def _reconf_sent(self, event):
        return "tells %s to follow" % self._server(event.payload)

    def _reconf_done(self, event):
        return "%s follows" % self._server(event.payload)

    def _end(self, _event):
        return "the failover is complete"

    def _not_elected(self, _event):
        return "was not elected; tries again soon"
