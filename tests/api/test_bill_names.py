"""A bill shows the name of its number, if there is one, in each format."""

import gc
import json
import sys
import tracemalloc

import pytest

from tests.bill_runs import bills_of, rows_of
from tests.factories import a_pair

# 10 and 11 digits: as numbers they stand in another order than byte by byte.
NUMBERS = ("1133334444", "11933334444", "2133334444", "99988526423")
NAMES = {"11933334444": "Ana", "99988526423": '=Souza, "Bia"'}
OPEN_TRANSACTIONS = """
    SELECT 1 FROM pg_stat_activity
    WHERE state LIKE 'idle in transaction%' AND datname = current_database()
"""
RUN = "/v1/bills?period=2018-01"


def name(client, number, named):
    assert client.put(f"/v1/subscribers/{number}", json={"name": named}).status_code == 201


@pytest.fixture
def month(client):
    """A call of each number; names of two, and of others before, between and after them."""
    for number in NUMBERS:
        instants = ("2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z")
        client.post("/v1/call-records", json=a_pair(number, *instants, source=number))
    others = {"1100000000": "before", "2100000000": "between", "9999999999": "behind"}
    for number, named in (NAMES | others).items():
        name(client, number, named)
    return client


def test_a_bill_carries_the_name(month):
    shown = [month.get(f"/v1/bills/{number}?period=2018-01").json for number in NUMBERS]

    assert [bill["subscriber_name"] for bill in shown] == [NAMES.get(each) for each in NUMBERS]


def test_a_bill_without_calls_carries_the_name_too(month):
    assert month.get("/v1/bills/2100000000?period=2018-01").json["subscriber_name"] == "between"


def test_a_new_name_is_another_bill(month):
    path = "/v1/bills/1133334444?period=2018-01"
    tag = month.get(path).headers["ETag"]
    name(month, "1133334444", "Eva")

    assert month.get(path, headers={"If-None-Match": tag}).json["subscriber_name"] == "Eva"


@pytest.mark.parametrize("query", ["", "&totals=1"])
def test_a_bill_run_carries_the_names(month, query):
    lines = bills_of(month.get(RUN + query).text)

    names = {line["subscriber"]: line["subscriber_name"] for line in lines}
    assert names == {number: NAMES.get(number) for number in NUMBERS}


@pytest.mark.parametrize("query", ["", "&totals=1"])
def test_a_bill_run_as_csv_carries_the_names_and_no_formula(month, query):
    rows = rows_of(month.get(f"{RUN}&format=csv{query}").text)

    names = {row["subscriber"]: row["subscriber_name"] for row in rows}
    assert names == {
        "1133334444": "",
        "11933334444": "Ana",
        "2133334444": "",
        "99988526423": '\'=Souza, "Bia"',
    }


def test_many_names_take_no_more_memory_than_a_few(client, database):
    database.rows(
        """
        INSERT INTO audit_log (actor, act, subject)
        SELECT '', 'subscriber-named', (11900000000 + n)::text FROM generate_series(1, 60000) AS n;
        INSERT INTO subscribers
        SELECT subject, repeat('x', 200), '' FROM audit_log;
        INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
            start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
            period, priced_at)
        SELECT n::text, '', started_at, (11900000000 + n)::text, '1133334444',
            started_at, '', started_at + interval '5 minutes', started_at, 81, 1,
            '2018-01-01', started_at
        FROM generate_series(1, 60000, 10) AS n,
            LATERAL (SELECT timestamptz '2018-01-03 12:00+00' AS started_at)
        """
    )
    tracemalloc.start()
    parts = client.get(RUN).iter_encoded()
    names = sum(json.loads(part).get("subscriber_name") == "x" * 200 for part in parts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert names == 6_000
    assert peak < 8_000_000


def test_the_names_are_read_by_a_cursor_of_the_server(month, database, record_statements):
    """Otherwise the driver holds them all, where Python's measure of memory does not look."""
    client, sent = record_statements(database)
    client.get(RUN)

    readers = [each for each in sent if "FROM subscribers" in each]
    assert [each.split()[0] for each in readers] == ["DECLARE"]


def test_a_run_that_is_not_read_to_its_end_leaves_nothing_open(month, database, monkeypatch):
    failures = []
    monkeypatch.setattr(sys, "unraisablehook", failures.append)
    answer = month.get(RUN)
    next(answer.iter_encoded())

    answer.close()
    del answer
    gc.collect()

    assert failures == []
    assert database.rows(OPEN_TRANSACTIONS) == []
