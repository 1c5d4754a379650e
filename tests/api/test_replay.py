"""Replay: 100,000 records sent once more, in any order and form, change no byte of any bill.

The first time each batch is taken at the instant it was sent, so that some calls are late in their
bills and most are not. A replay is posted today: whatever it wrote anew would show.
"""

import csv
import gzip
import hashlib
import io
import json
import random
from contextlib import closing
from itertools import cycle, product

import pytest

from app.api.readers import read_body
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from app.services import ingestion
from tests.api.posting import post
from tests.conftest import Service
from tests.corpus import PERIODS, RECORDS, three_months

BATCH = 10_000
ZONE = "America/Sao_Paulo"  # Its summer time ended in February 2018.
COLUMNS = ("id", "type", "timestamp", "call_id", "source", "destination")


class Delivered:
    """A service to which the corpus was delivered, and what came of that."""

    def __init__(self, service: Service) -> None:
        self.client, self.database = service.app.test_client(), service.database
        corpus = three_months()
        self.records = [each.received for each in corpus]
        self.outcomes = []
        for batch in chunks(corpus, BATCH):
            self.outcomes += accept(service.app, [each.received for each in batch], batch[-1].at)
        self.bills, self.calls = self.read_bills(), self.read_calls()
        self.suspense = self.read_suspense()

    def read_bills(self):
        """The bills of all subscribers for each month in each form: a hash of their bytes."""
        paths = [
            f"/v1/bills?period={period}&format={form}&totals={totals}"
            for period, form, totals in product(PERIODS, ("ndjson", "csv"), (0, 1))
        ]
        return {path: hashlib.sha256(self.client.get(path).data).hexdigest() for path in paths}

    def read_calls(self):
        """How many calls there are, and a hash of all that is stored of them."""
        return self.database.rows(
            "SELECT count(*), md5(string_agg(calls::text, ' ' ORDER BY call_id)) FROM calls"
        )

    def read_suspense(self):
        """What stands in suspense, and how often it was seen."""
        rows = self.database.rows(
            "SELECT received, reason, errors::text, received_at, times_seen FROM suspense"
        )
        return {(bytes(received), *said): times for received, *said, times in rows}


@pytest.fixture(scope="module")
def delivered(new_database):
    with closing(Service(new_database(ZONE), ZONE)) as service, service.clean():
        yield Delivered(service)


def accept(app, batch, received_at):
    """Take a batch as the API does, but at another instant than now."""
    pricing = app.extensions["pulso_pricing"]
    body = read_body(as_array(batch), CallRecordReader(pricing.billing_zone), received_at)
    with app.app_context():
        return ingestion.accept(
            body.deliveries, pricing=pricing, received_at=received_at, deadline=Deadline.start()
        )


def chunks(items, size):
    return [items[begin : begin + size] for begin in range(0, len(items), size)]


def as_array(records):
    return b"[%s]" % b",".join(records)


def as_gzip(records):
    return gzip.compress(as_array(records))


def as_csv(records):
    written = io.StringIO()
    lines = csv.DictWriter(written, COLUMNS)
    lines.writeheader()
    lines.writerows(map(json.loads, records))
    return written.getvalue().encode()


def in_their_order(delivered):
    return map(as_array, chunks(delivered.records, BATCH))


def shuffled(delivered):
    return map(as_array, chunks(random.Random(1).sample(delivered.records, RECORDS), BATCH))


def in_other_sizes_and_forms(delivered):
    chance = random.Random(2)
    records = chance.sample(delivered.records, RECORDS)
    singles, records = records[:300], records[300:]
    yield from singles
    # What is in suspense is known by its bytes, which in CSV would be others.
    bad = {received for received, *_ in delivered.suspense}
    forms = cycle([as_array, as_csv, b"\n".join, as_gzip])
    while records:
        size, form = chance.choice([2, 13, 997, 4_001, 9_999]), next(forms)
        batch, records = records[:size], records[size:]
        if form is as_csv:
            yield as_array([record for record in batch if record in bad])
            batch = [record for record in batch if record not in bad]
        yield form(batch)


def send(client, body):
    """Post a body, and give how many records it had and how many of them were new."""
    lines = {"Content-Type": "application/x-ndjson"} if b"}\n{" in body else {}
    answer = post(client, body, **lines)
    assert answer.status_code in (200, 400, 409, 422)
    report = answer.json
    return report.get("received", 1), report.get("stored", 0) + report.get("calls_priced", 0)


@pytest.mark.parametrize("replay", [in_their_order, shuffled, in_other_sizes_and_forms])
def test_a_replay_changes_no_bill_and_no_call_and_only_counts_in_suspense(delivered, replay):
    seen = delivered.read_suspense()

    received, new = zip(*(send(delivered.client, body) for body in replay(delivered)), strict=True)

    assert delivered.read_bills() == delivered.bills
    assert delivered.read_calls() == delivered.calls
    assert delivered.read_suspense() == {
        what: times + delivered.suspense[what] for what, times in seen.items()
    }
    assert (sum(received), sum(new)) == (RECORDS, 0)


def test_the_corpus_has_what_a_replay_could_spoil(delivered):
    assert len(delivered.outcomes) == len(delivered.records) == RECORDS
    assert {outcome.verdict for outcome in delivered.outcomes} == {
        "stored",
        "duplicate",
        "suspended",
    }
    assert {reason for _, reason, *_ in delivered.suspense} == {
        "conflicting-record",
        "contested-call",
        "ends-before-start",
        "in-the-future",
        "invalid-record",
        "unreadable-body",
    }
    assert len(set(delivered.bills.values())) == len(delivered.bills), "no two are empty"
    [(late, in_time, open_)] = delivered.database.rows(
        """
        SELECT count(*) FILTER (WHERE priced_at >= period + interval '1 month'),
            count(*) FILTER (WHERE priced_at < period + interval '1 month'),
            count(*) FILTER (WHERE price_cents IS NULL)
        FROM calls
        """
    )
    assert late > 1_000
    assert in_time > 30_000
    assert open_ > 500
