"""`privacy pseudonymise`: numbers go, prices stay, and the promises of the intake are kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskCliRunner

from app import create_app
from app.database.connections import db
from app.domain.errors import PeriodNotClosed
from app.domain.period import BillingPeriod
from app.domain.pseudonym import pseudonym
from app.services import privacy
from tests.conftest import settings_for
from tests.factories import DESTINATION, SUBSCRIBER, a_pair, a_start

KEY = "k" * 32
PAYER, CALLED = pseudonym(SUBSCRIBER, KEY), pseudonym(DESTINATION, KEY)
MONTHS = ("2017-11", "2017-12", "2018-01")
NOW = datetime(2018, 2, 1, tzinfo=UTC)


@pytest.fixture
def with_calls(service):
    """Two calls in each of three months, and an old one that still waits for its end."""
    service.app.test_client().post("/v1/call-records", json=records())
    return service


def records():
    return [
        *(
            record
            for month in MONTHS
            for day in ("03", "04")
            for record in a_pair(
                f"{month}-{day}", f"{month}-{day}T21:57:13Z", f"{month}-{day}T22:10:56Z"
            )
        ),
        a_start("open", "2017-11-03T10:00:00Z"),
    ]


def run(service, before="2018-01", now=NOW):
    with service.app.app_context():
        zone = service.app.extensions["pulso_pricing"].billing_zone
        return privacy.pseudonymise(
            BillingPeriod.read(before), KEY, actor="cli:ana", billing_zone=zone, now=now
        )


def numbers(service):
    return dict(service.database.rows("SELECT call_id, source || ' ' || destination FROM calls"))


def test_the_numbers_of_priced_calls_of_the_months_before_go_and_no_others(with_calls):
    assert run(with_calls) == 4

    kept, gone = f"{SUBSCRIBER} {DESTINATION}", f"{PAYER} {CALLED}"
    assert numbers(with_calls) == {
        **{f"{month}-{day}": gone for month in MONTHS[:2] for day in ("03", "04")},
        **{f"{MONTHS[2]}-{day}": kept for day in ("03", "04")},
        "open": kept,
    }


def test_all_but_the_numbers_stays(with_calls):
    rows = "SELECT to_jsonb(calls) - 'source' - 'destination' FROM calls ORDER BY call_id"
    before = with_calls.database.rows(rows)

    run(with_calls)

    assert with_calls.database.rows(rows) == before


def test_again_it_finds_nothing_to_do_and_says_nothing_in_the_log(with_calls):
    run(with_calls)
    log = "SELECT actor, act, subject, after FROM audit_log ORDER BY id"
    said = with_calls.database.rows(log)

    assert run(with_calls) == 0
    assert said == with_calls.database.rows(log)
    assert said == [("cli:ana", "calls-pseudonymised", month, {"calls": 2}) for month in MONTHS[:2]]


def test_more_calls_than_one_transaction_takes_are_all_found(with_calls, monkeypatch):
    monkeypatch.setattr(privacy, "_CALLS_A_TRANSACTION", 1)

    assert run(with_calls) == 4
    assert with_calls.database.rows("SELECT count(*) FROM audit_log") == [(4,)]


def test_a_month_that_has_not_closed_keeps_its_numbers(with_calls):
    before = numbers(with_calls)

    with pytest.raises(PeriodNotClosed):
        run(with_calls, "2018-02", now=datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC))

    assert numbers(with_calls) == before
    assert run(with_calls, "2018-02", now=NOW) == 6


@pytest.mark.parametrize("many", [True, False])
def test_records_sent_again_are_duplicates_for_ever(with_calls, many):
    run(with_calls)
    client, before = with_calls.app.test_client(), numbers(with_calls)

    for body in [records()] if many else records():
        answer = client.post("/v1/call-records", json=body)
        assert answer.status_code == 200
        assert answer.json.get("suspended", 0) == 0
        assert answer.json.get("verdict", "duplicate") == "duplicate"

    assert numbers(with_calls) == before
    assert with_calls.database.rows("SELECT count(*) FROM suspense") == [(0,)]


def test_a_start_at_another_instant_is_still_a_conflict(with_calls):
    run(with_calls)

    other = a_start("2017-11-03", "2017-11-03T21:57:14Z")
    answer = with_calls.app.test_client().post("/v1/call-records", json=other)

    assert answer.json["code"] == "conflicting-record"


def test_a_bill_by_number_says_that_there_are_none_any_more_and_the_bill_run_has_the_prices(
    with_calls,
):
    run(with_calls)
    client = with_calls.app.test_client()

    for number in (SUBSCRIBER, "11987654321"):
        answer = client.get(f"/v1/bills/{number}?period=2017-12")
        assert (answer.status_code, answer.json["code"]) == (410, "period-pseudonymised")
    kept = client.get(f"/v1/bills/{SUBSCRIBER}?period=2018-01").json
    line, _ = client.get("/v1/bills?period=2017-12").text.splitlines()
    assert kept["total"] == "R$ 1,08"
    assert f'"subscriber":"{PAYER}"' in line
    assert '"total":"R$ 1,08"' in line
    assert client.get("/v1/calls/2017-12-03").status_code == 200


def test_two_at_once_do_it_once_beside_senders_who_repeat_themselves(with_calls, monkeypatch):
    monkeypatch.setattr(privacy, "_CALLS_A_TRANSACTION", 1)
    together = threading.Barrier(4)

    def pseudonymise():
        together.wait()
        return run(with_calls)

    def send():
        together.wait()
        return [
            with_calls.app.test_client().post("/v1/call-records", json=records()).json
            for _ in range(5)
        ]

    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(pseudonymise) for _ in range(2)]
        sends = [threads.submit(send) for _ in range(2)]

    assert sum(each.result() for each in runs) == 4
    said = [answer["duplicate"] for each in sends for answer in each.result()]
    assert said == [len(records())] * 10


@pytest.fixture
def command(with_calls):
    """Gives what the command prints, and how it ends."""
    settings = settings_for(with_calls.database.url)

    def run_command(before, key=KEY):
        app = create_app(replace(settings, pseudonym_key=key))
        with app.app_context():
            arguments = ["privacy", "pseudonymise", "--periods-before", before]
            ran = FlaskCliRunner(app).invoke(args=arguments)
            db.engine.dispose()
        return ran.exit_code, ran.output

    return run_command


def test_the_command_says_how_many_calls_it_changed(command, with_calls):
    assert command("2018-01") == (0, "The numbers of 4 calls were replaced.\n")
    [(actor,), *_] = with_calls.database.rows("SELECT actor FROM audit_log")
    assert actor.startswith("cli:")


@pytest.mark.parametrize(
    ("before", "key", "said"),
    [
        ("2018-01", None, "PSEUDONYM_KEY is not set"),
        ("2018-13", KEY, "There is no month 2018-13"),
        ("soon", KEY, "written YYYY-MM"),
        ("9998-12", KEY, "once it has closed"),
    ],
)
def test_the_command_refuses_in_one_line_and_changes_nothing(
    command, with_calls, before, key, said
):
    numbers_before = numbers(with_calls)

    code, output = command(before, key)

    assert code == 1
    assert said in output
    assert len(output.splitlines()) == 1
    assert numbers(with_calls) == numbers_before
