"""The one line of each request: what is in it, and what never is."""

import json
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from app import create_app
from app.domain.key import Scope
from tests.api.odd_requests import FOR_THE_APP, send
from tests.conftest import settings_for
from tests.factories import DESTINATION, SUBSCRIBER, a_pair, a_start, an_end, bytes_of
from tests.keys import BILL, a_key


@pytest.fixture
def another_app(service):
    """One that has answered nothing yet, and can be added to."""
    return create_app(settings_for(service.database.url))


@pytest.fixture
def lines(client, capsys):
    """Gives the lines written since the test began, or since it last asked."""
    capsys.readouterr()
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_request_is_one_line(client, lines):
    body = bytes_of(a_start())

    answer = client.post("/v1/call-records", data=body, headers={"X-Request-ID": "switch-1"})

    [line] = lines()
    assert line.pop("time").endswith("Z")
    duration, sql = line.pop("duration_ms"), line.pop("sql_ms")
    assert 0 < sql < duration < 10_000
    assert answer.status_code == 201
    assert line == {
        "level": "info",
        "logger": "app.api.observability",
        "message": "request",
        "request_id": "switch-1",
        "key_id": None,
        "method": "POST",
        "route": "/v1/call-records",
        "status": 201,
        "bytes_in": len(body),
    }


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", f"/v1/bills/{SUBSCRIBER}?period=2018-01", ("GET", "/v1/bills/<subscriber>", 200)),
        ("HEAD", f"/v1/bills/{SUBSCRIBER}", ("HEAD", "/v1/bills/<subscriber>", 200)),
        ("GET", "/v1/calls/11987654321", ("GET", "/v1/calls/<call_id:call_id>", 404)),
        ("GET", "/v1/bills?period=2018-01", ("GET", "/v1/bills", 200)),
        ("GET", "/health/live", ("GET", "/health/live", 200)),
        ("GET", "/v1/11987654321", ("GET", "other", 404)),
        ("DELETE", "/v1/call-records", ("DELETE", "other", 405)),
        ("M11987654321", "/v1/call-records", ("other", "other", 405)),
    ],
)
def test_the_route_is_logged_and_not_the_path(client, lines, method, path, told):
    client.open(path, method=method).close()

    [line] = lines()
    assert (line["method"], line["route"], line["status"]) == told


def test_a_stream_is_logged_when_it_ends(client, lines):
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))
    lines()

    answer = client.get("/v1/bills?period=2018-01", buffered=False)
    assert lines() == []
    assert SUBSCRIBER in answer.text
    answer.close()

    [line] = lines()
    assert (line["route"], line["status"]) == ("/v1/bills", 200)
    assert line["sql_ms"] > 0


def test_a_log_that_cannot_be_written_keeps_no_record_out(client, monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        answers = [client.post("/v1/call-records", json=a_start(f"{n}")) for n in range(3)]
        monkeypatch.undo()
        with suppress(OSError):
            full.close()

    assert [answer.status_code for answer in answers] == [201, 201, 201]


def test_a_key_is_logged_by_its_id_and_never_as_a_whole(guarded_app, lines):
    key = a_key(Scope.READ_BILLS)
    guarded_app.test_client().get(BILL, headers={"X-API-Key": str(key)})

    [line] = lines()
    assert line["key_id"] == key.key_id
    assert key.secret not in json.dumps(line)


@pytest.mark.parametrize("offered", ["a\\nb", "a\u2028b", "a\x85b", '"}{"', "\x1b[2J", ""])
def test_a_hostile_request_id_is_not_logged(client, lines, offered):
    client.get("/health/live", headers={"X-Request-ID": offered.encode().decode("latin-1")})

    [line] = lines()
    assert re.fullmatch("[a-p]{32}", line["request_id"])


def test_an_id_that_is_a_telephone_number_is_masked_and_returned_whole(client, lines):
    answer = client.get("/health/live", headers={"X-Request-ID": SUBSCRIBER})

    [line] = lines()
    assert line["request_id"] == "99*****6423"
    assert answer.headers["X-Request-ID"] == SUBSCRIBER


def test_a_made_id_is_logged_as_it_is_returned(client, lines):
    returned = [client.get("/health/live").headers["X-Request-ID"] for _ in range(200)]

    assert [line["request_id"] for line in lines()] == returned


@pytest.mark.parametrize("case", FOR_THE_APP, ids=lambda case: case["name"])
def test_an_odd_request_is_one_line_without_numbers(client, capsys, case):
    capsys.readouterr()

    send(client, case)

    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert out.isascii()
    assert no_number_in(out + err)


def test_records_that_fail_in_every_way_leave_no_number(client, database, capsys):
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        for body in (
            a_start(),
            a_start(),
            a_start(destination=SUBSCRIBER),
            a_start("poison"),
            a_start("1", "2999-01-01T00:00:00Z"),
            a_start("2", "1999-01-01T00:00:00Z"),
            a_start("3", source=f"{SUBSCRIBER}0"),
            an_end(at="2018-01-01T00:00:00Z"),
            [a_start("4", source=SUBSCRIBER + "\n"), a_start("poison"), SUBSCRIBER],
        ):
            assert client.post("/v1/call-records", json=body).status_code < 500
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")
    client.post("/v1/call-records", data=f"{SUBSCRIBER}\n{DESTINATION}".encode())

    out, err = capsys.readouterr()
    assert out.count("\n") >= 10
    assert no_number_in(out + err)


def test_a_failure_is_logged_with_its_request_id_and_without_numbers(another_app, lines):
    @another_app.get("/bug/<subscriber>")
    def bug(subscriber):
        raise RuntimeError(f"no bill\nfor {subscriber}")

    another_app.test_client().get(f"/bug/{SUBSCRIBER}", headers={"X-Request-ID": "r1"})

    failure, request = lines()
    assert failure["level"] == "error"
    assert failure["exception"].endswith("RuntimeError: no bill\nfor 99*****6423")
    assert (request["route"], request["status"]) == ("/bug/<subscriber>", 500)
    assert failure["request_id"] == request["request_id"] == "r1"


def test_a_retry_is_logged_with_the_id_of_its_request(capsys):
    url = "postgresql+psycopg2://pulso@127.0.0.1:1/pulso"
    client = create_app(settings_for(url)).test_client()

    client.get("/health/ready", headers={"X-Request-ID": "r1"})

    *retries, request = map(json.loads, capsys.readouterr().out.splitlines())
    assert {(each["level"], each["request_id"]) for each in retries} == {("warning", "r1")}
    assert request["status"] == 503


def no_number_in(text):
    return not re.search(r"(?<![0-9])[0-9]{10,11}(?![0-9])", text)
