"""Senders who are released at the same instant, over HTTP; and deliveries in any order."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from operator import attrgetter

from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Server, serving
from faults.checker import NOBODYS, Half, said_by
from faults.clients import Delivery, Load, ask, connect
from faults.journal import Journal
from faults.postgres import Postgres
from faults.trial import Trial
from tests.corpus import three_months
from tests.factories import a_start, an_end, bytes_of

_PAIRS, _CONTRADICTIONS, _REPEATS, _SENDERS = 10_000, 1_000, 200, 50
_SHUFFLES, _SHUFFLED_RECORDS, _WRITERS = 20, 20_000, 4


def released_together(postgres: Postgres) -> list[Row]:
    """Have both halves, contradicting records, and repeats meet at the same instant."""
    trial = Trial(postgres, "released_together")
    with serving(trial.url, key=trial.key) as server:
        _meet(server, trial.journal, [_halves(number) for number in range(_PAIRS)])
        known = len(trial.journal.lines)
        _meet(server, trial.journal, [_contradictions(number) for number in range(_CONTRADICTIONS)])
        told = Counter(line.answer.status for line in trial.journal.lines[known:] if line.answer)
        _meet(server, trial.journal, [_repeats(number) for number in range(_REPEATS)])
    trial.check()
    priced = trial.postgres.rows("SELECT count(price_cents) FROM calls", url=trial.url)[0][0]
    return [
        at_least("pairs priced", priced, _PAIRS + _REPEATS),
        at_least("first of two stored", told[201], _CONTRADICTIONS),
        at_least("second told", told[409], _CONTRADICTIONS),
        *trial.rows,
    ]


def _halves(number: int) -> list[bytes]:
    """Both halves; each goes first as often as it goes second."""
    halves = [bytes_of(a_start(f"h{number}")), bytes_of(an_end(f"h{number}"))]
    return halves if number % 2 else halves[::-1]


def _contradictions(number: int) -> list[bytes]:
    times = ("2018-01-03T14:00:00Z", "2018-01-03T14:00:01Z")
    return [bytes_of(a_start(f"c{number}", at)) for at in times]


def _repeats(number: int) -> list[bytes]:
    """As many repeats of both halves as there are senders, in any order."""
    halves = [bytes_of(a_start(f"r{number}")), bytes_of(an_end(f"r{number}"))]
    return random.sample(halves * (_SENDERS // 2), _SENDERS)


def _meet(server: Server, journal: Journal, rounds: list[list[bytes]]) -> None:
    """Send the records of each round at one instant, each by a sender of its own."""
    senders = len(rounds[0])
    barrier = threading.Barrier(senders)

    def send(number: int) -> None:
        with closing(connect(server)) as link:
            for records in rounds:
                barrier.wait()
                line = journal.sent((records[number],))
                line.answer = ask(server, "/v1/call-records", records[number], link)

    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(send, range(senders)))


def shuffled(postgres: Postgres) -> list[Row]:
    """Deliver three months in twenty orders by four writers, each time to a new database."""
    records = _without_contradictions()
    bills = set()
    for seed in range(_SHUFFLES):
        trial = Trial(postgres, "shuffled")
        chance = random.Random(seed)
        batches = _batches(chance.sample(records, len(records)), chance)
        with serving(trial.url, key=trial.key) as server:
            with Load(server, trial.journal, iter(batches), _WRITERS) as load:
                load.finish()
            bills.add(tuple(trial.bill_lines(server)))
    trial.check()
    return [
        at_least("records", len(records), _SHUFFLED_RECORDS),
        at_most("different sets of bills", len(bills), 1),
        *trial.rows,
    ]


def _without_contradictions() -> list[bytes]:
    """Give the records of some calls, of all the months, of which no order can refuse one."""
    halves: dict[str, dict[bytes, Half]] = {}
    for sent in three_months():
        call_id, half = said_by(sent.received)
        halves.setdefault(call_id, {})[sent.received] = half.content
    found: list[bytes] = []
    for call_id in sorted(halves.keys() - {NOBODYS}):
        said = sorted(set(halves[call_id].values()), key=attrgetter("at"))
        if [half.source is None for half in said] in ([False], [True], [False, True]):
            found += halves[call_id]
        if len(found) >= _SHUFFLED_RECORDS:
            break
    return found


def _batches(records: list[bytes], chance: random.Random) -> list[Delivery]:
    batches = []
    while records:
        size = chance.choice([1, 10, 100, 1_000])
        batches.append(tuple(records[:size]))
        records = records[size:]
    return batches
