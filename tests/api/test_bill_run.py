"""`GET /v1/bills`: the bills of a whole month, streamed in the order of their subscribers."""

import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from app.store import bill_lines
from tests.bill_runs import END, bills_of, rows_of
from tests.factories import a_pair, a_start

FIRST, SECOND = "1133334444", "99988526423"
PATH = "/v1/bills?period=2018-01"


@pytest.fixture
def month(client):
    """Three calls of two subscribers in January, one in February, and one that has no end."""
    records = [
        *a_pair("b", "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z", source=SECOND),
        *a_pair("a", "2018-01-05T14:00:00Z", "2018-01-05T14:00:30Z", source=FIRST),
        *a_pair("=c", "2018-01-01T14:00:00Z", "2018-01-01T14:20:00Z", source=SECOND),
        *a_pair("d", "2018-02-01T14:00:00Z", "2018-02-01T14:20:00Z", source=SECOND),
        a_start("e", "2018-01-31T14:00:00Z", source=SECOND),
    ]
    assert client.post("/v1/call-records", json=records).json["stored"] == 9
    return client


def lines_of(answer):
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return bills_of(answer.text)


def test_each_line_is_the_bill_of_one_subscriber(month):
    answer = month.get(PATH)

    assert answer.content_type == "application/x-ndjson"
    assert lines_of(answer) == [
        month.get(f"/v1/bills/{subscriber}?period=2018-01").json for subscriber in (FIRST, SECOND)
    ]


def test_with_totals_each_line_is_a_bill_without_its_calls(month):
    bills = lines_of(month.get(PATH))
    for bill in bills:
        del bill["calls"]

    assert lines_of(month.get(f"{PATH}&totals=1")) == bills
    assert bills[1]["total"] == "R$ 3,42"
    assert bills[1]["unpriced_calls"] == 1


def test_as_csv_each_line_is_a_call(month):
    answer = month.get(f"{PATH}&format=csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    rows = rows_of(answer.text)
    assert [(row["subscriber"], row["call_id"]) for row in rows] == [
        (FIRST, "a"),
        (SECOND, "'=c"),
        (SECOND, "b"),
    ]
    [bill, _] = lines_of(month.get(PATH))
    expected = bill["calls"][0] | {"late": "true", "duration_seconds": "30"}
    assert rows[0] == expected | {
        "subscriber": FIRST,
        "subscriber_name": "",
        "period": "2018-01",
        "time_zone": "UTC",
    }


def test_as_csv_with_totals_each_line_is_a_total(month):
    rows = rows_of(month.get(f"{PATH}&format=csv&totals=1").text)

    assert [(row["subscriber"], row["total_amount"], row["call_count"]) for row in rows] == [
        (FIRST, "0.36", "1"),
        (SECOND, "3.42", "2"),
    ]


@pytest.mark.parametrize("totals", ["0", "1"])
def test_the_last_line_says_that_the_run_is_whole_and_what_it_comes_to(month, totals):
    *_, end = month.get(f"{PATH}&totals={totals}").text.splitlines()
    *_, row = month.get(f"{PATH}&totals={totals}&format=csv").text.splitlines()

    assert json.loads(end) == {
        "complete": True,
        "bills": 2,
        "calls": 3,
        "total_amount": "3.78",
        "unpriced_calls": 1,
    }
    assert row.rstrip(",") == "complete,bills,2,calls,3,total_amount,3.78"


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_a_run_that_fails_has_no_last_line_and_is_logged_as_cut_off(
    month, form, monkeypatch, capsys
):
    def failing(connection, period):
        yield from list(lines(connection, period))[:2]
        raise RuntimeError("the disk failed")

    lines = bill_lines.bill_run
    monkeypatch.setattr(bill_lines, "bill_run", failing)

    with pytest.raises(ConnectionResetError):
        month.get(f"{PATH}&format={form}", buffered=True)

    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert logged[-1]["cut_off"] is True
    cut_off = f"request {logged[-1]['request_id']}: the answer was cut off"
    assert cut_off in [each["message"] for each in logged]


def test_a_month_without_calls_has_no_bills(month):
    assert json.loads(month.get("/v1/bills?period=2017-12").text) == END


def test_no_period_means_the_last_closed_one(client):
    assert client.get("/v1/bills").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"period={datetime.now(UTC):%Y-%m}", 409),
        ("period=2018-13", 422),
        ("period=2018-01&format=pdf", 406),
        ("period=2018-01&totals=yes", 422),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_sent(client, query, status):
    assert client.get(f"/v1/bills?{query}").status_code == status


def test_a_month_of_many_calls_takes_no_more_memory_than_a_few(client, database):
    database.rows(
        """
        INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
            start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
            period, priced_at)
        SELECT n::text, '', started_at, (11900000000 + n / 10)::text, '1133334444',
            started_at, '', started_at + interval '5 minutes', started_at, 81, 1,
            '2018-01-01', started_at
        FROM generate_series(1, 60000) AS n,
            LATERAL (SELECT timestamptz '2018-01-03 12:00+00' AS started_at)
        """
    )
    tracemalloc.start()
    size = sum(len(part) for part in client.get(PATH).iter_encoded())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 12_000_000
    assert peak < 8_000_000
