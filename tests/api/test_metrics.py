"""`/metrics`: what is counted, by labels that no sender can choose."""

from datetime import UTC, datetime
from itertools import chain

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.database.retry import retry
from app.database.transactions import transaction
from app.limits.deadline import Deadline
from app.store import backlog
from tests.conftest import settings_for
from tests.factories import SUBSCRIBER, a_pair, a_start, an_end

NOWHERE = "postgresql+psycopg2://pulso@127.0.0.1:1/pulso"


@pytest.fixture
def client(service):
    """Of an app of its own, whose counters begin at zero."""
    return create_app(settings_for(service.database.url)).test_client()


def scrape(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def records(client):
    """How many records had each result; results without records are left out."""
    return {
        key[1:]: value
        for key, value in scrape(client).items()
        if key[0] == "pulso_records_total" and value
    }


def test_single_records_are_counted_by_verdict_and_reason(client):
    for body in (
        a_start(),
        an_end(),
        an_end(),
        an_end(at="2018-01-04T00:00:00Z"),
        an_end("71"),
        a_start("71", "2018-01-03T18:00:00Z"),
        a_start("70", "2999-01-01T00:00:00Z"),
        [],
    ):
        client.post("/v1/call-records", json=body)
    client.post("/v1/call-records", data=b"nonsense")

    assert records(client) == {
        ("", "stored"): 3,
        ("", "duplicate"): 1,
        ("conflicting-record", "suspended"): 1,
        ("ends-before-start", "suspended"): 1,
        ("in-the-future", "suspended"): 1,
        ("unreadable-body", "suspended"): 1,
    }
    assert scrape(client)["pulso_calls_priced_total",] == 1


def test_so_are_those_of_a_batch(client):
    pairs = [a_pair(f"{n}", *["2018-01-03T14:00:00Z"] * 2) for n in range(5)]
    batch = [*chain(*pairs), pairs[0][1], {"id": "x"}, a_start("9")]

    answer = client.post("/v1/call-records", json=batch)

    assert answer.json["received"] == 13
    assert records(client) == {
        ("", "stored"): answer.json["stored"],
        ("", "duplicate"): answer.json["duplicate"],
        ("invalid-record", "suspended"): answer.json["suspended"],
    }
    assert answer.json["stored"] == 11
    assert scrape(client)["pulso_calls_priced_total",] == answer.json["calls_priced"] == 5


def test_every_verdict_and_reason_is_there_from_the_beginning(client):
    found = [key for key in scrape(client) if key[0] == "pulso_records_total"]

    assert len(found) == 12


def test_open_calls_and_suspense_are_read_from_the_database(client, database):
    started_at = datetime(2018, 1, 3, 14, tzinfo=UTC)
    client.post("/v1/call-records", json=[a_start("1", started_at.isoformat()), a_start("2")])
    client.post("/v1/call-records", json=[an_end("3"), {"id": 1}, {"id": 2}])
    client.post("/v1/call-records", json=a_pair("4", *["2018-01-01T14:00:00Z"] * 2))
    database.rows("""
        INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
            start_received_at, end_record_id, ended_at, end_received_at)
        VALUES ('5', '5', '2018-02-01', '1133334444', '1133334444', now(),
            '5', '2018-02-01', now())
    """)

    found = scrape(client)

    assert found["pulso_open_calls", "awaiting-end"] == 2
    assert found["pulso_open_calls", "awaiting-start"] == 1
    assert found["pulso_open_calls", "awaiting-price"] == 1
    age = found["pulso_oldest_open_call_age_seconds",]
    assert 0 <= (datetime.now(UTC) - started_at).total_seconds() - age < 60
    assert found["pulso_suspense_open", "invalid-record"] == 2
    assert found["pulso_suspense_open", "unreadable-body"] == 0
    database.rows("DELETE FROM calls WHERE call_id = '5'")


def test_with_nothing_open_nothing_is_old(client):
    assert scrape(client)["pulso_oldest_open_call_age_seconds",] == 0


def test_counting_stops_at_its_limit_with_the_oldest(client, monkeypatch):
    monkeypatch.setattr(backlog, "COUNT_MAX", 2)
    client.post(
        "/v1/call-records", json=[a_start("1"), a_start("2"), an_end("0", "2018-01-01T00:00:00Z")]
    )
    client.post("/v1/call-records", json=[{"id": n} for n in range(3)])

    found = scrape(client)

    assert found["pulso_open_calls", "awaiting-start"] == 1
    assert found["pulso_open_calls", "awaiting-end"] == 1
    assert found["pulso_suspense_open", "invalid-record"] == 2


def test_requests_are_timed_by_route_method_and_status(client):
    client.get(f"/v1/bills/{SUBSCRIBER}?period=2018-01")
    client.get(f"/v1/{SUBSCRIBER}")
    client.open("/v1/call-records", method="BREW")

    counts = {
        key[1:]: value
        for key, value in scrape(client).items()
        if key[0] == "pulso_request_duration_seconds_count"
    }

    assert counts == {
        ("GET", "/v1/bills/<subscriber>", "200"): 1,
        ("GET", "other", "404"): 1,
        ("other", "other", "405"): 1,
    }


def test_a_scrape_changes_nothing_and_can_change_nothing(database, record_statements):
    client, sent = record_statements(database)

    scrape(client)

    assert sent[0] == "SET TRANSACTION READ ONLY"
    assert not [each for each in sent if each.split()[0] not in ("SET", "SELECT")]


def test_without_a_database_other_metrics_are_still_there():
    client = create_app(settings_for(NOWHERE)).test_client()
    client.get("/health/ready")

    found = scrape(client)

    assert found["pulso_request_duration_seconds_count", "GET", "/health/ready", "503"] == 1
    assert found["pulso_database_retries_total", "none"] > 0
    assert not [key for key in found if key[0].startswith(("pulso_open", "pulso_suspense"))]


@pytest.mark.parametrize(("sqlstate", "told"), [("40P01", "40"), ("55P03", "55"), ("08006", "08")])
def test_a_retry_is_counted_by_the_class_of_its_error(client, sqlstate, told):
    failures = [f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"]

    def work():
        with transaction(Deadline.start()) as connection:
            connection.exec_driver_sql(failures.pop() if failures else "SELECT")

    with client.application.app_context():
        retry(work, Deadline.start())

    found = {key: value for key, value in scrape(client).items() if "retries_total" in key[0]}
    assert found == {("pulso_database_retries_total", told): 1}
