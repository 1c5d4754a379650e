"""A trial: a database and a service of its own, clients at work, and the checker behind them."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from app.domain.key import Credential
from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Server, new_key, serving
from faults.checker import Contents, Finding, Half, StoredCall, Wrong, changes, findings, refusals
from faults.clients import Load, connect, traffic
from faults.journal import Fate, Journal
from faults.postgres import Postgres
from tests.corpus import PERIODS

_CLIENTS = 50
_ANSWER_SECONDS_MAX = 25
_RESENT_TOGETHER = 1_000
_SHOWN_MAX = 3
_ACKNOWLEDGED_MIN = 500  # Or there was no load.
_PATIENCE_SECONDS, _LOOK_SECONDS = 60, 0.05
_CALLS = """
    SELECT call_id, start_record_id, started_at, source, destination, end_record_id, ended_at,
        price_cents, tariff_id, period, priced_at
    FROM calls
"""


class NotRun(Exception):
    """Why a fault cannot be done here."""


class Trial:
    """What a fault has to work with, and what came of it."""

    def __init__(self, postgres: Postgres, name: str) -> None:
        self.postgres, self.name = postgres, name
        self.url = postgres.new_database(name, "pulso")
        self.key: Credential = new_key(self.url)
        self.journal = Journal()
        self.found: list[Finding] = []
        self._deadlocks_before = postgres.deadlocks()
        self._deadlocks = 0

    @property
    def rows(self) -> list[Row]:
        """What holds for every fault."""
        told = Counter(fate for fates in self.journal.fates().values() for fate in fates)
        answers = self.journal.answers
        failures = sum(500 <= answer.status < 503 for answer in answers)
        slowest = max(answer.seconds for answer in answers)
        others = set(Wrong) - {Wrong.LOST, Wrong.TWICE}
        return [
            at_least("acknowledged", told[Fate.STORED] + told[Fate.KEPT], _ACKNOWLEDGED_MIN),
            self._row_of("lost", {Wrong.LOST}),
            self._row_of("twice", {Wrong.TWICE}),
            self._row_of("otherwise wrong", others),
            at_most("deadlocks", self._deadlocks, 0),
            at_most("answers of 500", failures, 0),
            at_most("slowest answer, s", slowest, _ANSWER_SECONDS_MAX),
        ]

    def _row_of(self, what: str, wrongs: set[Wrong]) -> Row:
        found = [finding for finding in self.found if finding.wrong in wrongs]
        return at_most(what, len(found), 0, "; ".join(map(": ".join, found[:_SHOWN_MAX])))

    @contextmanager
    def running(self, *, url: str = "", module: str = "app.wsgi") -> Iterator[Load]:
        """Have a service under load while the fault does its harm, and check what is left of it.

        The service reaches its database by `url`, if that is another way than the plain one.
        """
        with (
            serving(url or self.url, module, key=self.key) as server,
            Load(server, self.journal, traffic(), _CLIENTS) as load,
        ):
            yield load
        self.check()

    def seconds_until_stored(self) -> float:
        """Wait until a delivery that is yet to be sent is answered by a 2xx."""
        begin, known = time.monotonic(), len(self.journal.lines)
        while time.monotonic() < begin + _PATIENCE_SECONDS:
            time.sleep(_LOOK_SECONDS)
            since = self.journal.lines[known:]
            if any(line.answer and line.answer.status < 300 for line in since):
                break
        return time.monotonic() - begin

    def check(self) -> None:
        """Kill and start the database, look, send all again, and look once more."""
        self._deadlocks = self.postgres.deadlocks() - self._deadlocks_before
        self.postgres.kill()
        self.postgres.start()
        with serving(self.url, key=self.key) as server:
            before = self._contents(server)
            self.found += findings(self.journal, before)
            records = list(self.journal.fates())
            again = (
                tuple(records[place : place + _RESENT_TOGETHER])
                for place in range(0, len(records), _RESENT_TOGETHER)
            )
            known = len(self.journal.lines)
            with Load(server, self.journal, again, clients=4) as load:
                load.finish()
            self.found += refusals(self.journal.lines[known:])
            after = self._contents(server)
        self.found += [*findings(self.journal, after), *changes(before, after)]

    def _contents(self, server: Server) -> Contents:
        calls = [
            StoredCall(
                call_id,
                Half(*row[0:4]) if row[0] else None,
                Half(*row[4:6]) if row[4] else None,
                row[6],
                tuple(row[7:]),
            )
            for call_id, *row in self.postgres.rows(_CALLS, url=self.url)
        ]
        kept = self.postgres.rows("SELECT received FROM suspense", url=self.url)
        received = [bytes(received) for (received,) in kept]
        return Contents(calls, received, self.bill_lines(server))

    def bill_lines(self, server: Server) -> list[str]:
        """Read the bills of all subscribers and months, as CSV."""
        lines = []
        with closing(connect(server)) as link:
            for period in PERIODS:
                path = f"/v1/bills?period={period}&format=csv"
                link.request("GET", path, headers={"X-API-Key": str(self.key)})
                answer = link.getresponse()
                assert answer.status == 200, answer.status
                *bills, end = answer.read().decode().splitlines()
                assert end.startswith("complete,"), "the bill run was cut off"
                lines += bills
        return lines
