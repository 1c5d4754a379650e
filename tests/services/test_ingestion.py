"""Intake as a service: what it does when the database refuses, vanishes, or is slow."""

import itertools
import json
import random
import threading

import pytest

from app import create_app
from app.database.connections import db
from app.database.transactions import transaction
from app.domain.call import Verdict
from app.domain.suspense import Suspended
from app.limits.deadline import Deadline
from app.limits.times import LAST_TRY_SECONDS
from app.store import suspense
from tests.conftest import settings_for
from tests.factories import a_pair, a_start, an_end
from tests.intake import NOW, accept, verdicts


def test_statements_do_not_grow_with_the_records(database, record_statements):
    client, sent = record_statements(database)
    client.post("/v1/call-records", json=a_start("the tariffs are read with the first record"))
    counts = {}
    sizes = (3, 100, 2000)
    for size in sizes:
        for kind, record in (("start", a_start), ("end", an_end)):
            records = [record(f"{size}-{number}") for number in range(size)]
            sent.clear()
            client.post("/v1/call-records", json=[*records, {"id": f"bad {size} {kind}"}])
            counts[kind, size] = sum(not each.startswith("PREPARE") for each in sent)

    few, many, very_many = ((counts["start", size], counts["end", size]) for size in sizes)
    assert few == (2, 3), "look, write, keep; nothing is looked for where calls start"
    assert many == very_many == (3, 5), "look, make room, copy, write, keep"


@pytest.mark.parametrize("place", [0, 4, 8])
def test_a_value_that_the_database_refuses_spoils_only_itself(app, database, place):
    """No input is known that passes validation and is refused: here the table refuses one."""
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        records = [a_start(f"good-{number}") for number in range(8)]
        records.insert(place, a_start("poison"))

        outcomes = accept(app, *records)
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")

    assert verdicts(outcomes).count(Verdict.STORED) == 8
    assert outcomes[place].reason == "refused-by-database"
    assert outcomes[place].errors == [{"pointer": "", "detail": "SQLSTATE 23514"}]
    [(received,)] = database.rows("SELECT received FROM suspense")
    assert json.loads(bytes(received)) == a_start("poison")


def test_a_connection_that_was_cut_is_replaced_and_nothing_is_lost(app, database):
    accept(app, a_start("before"))
    cut = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
    """
    assert database.rows(cut)

    assert verdicts(accept(app, a_start("after"))) == [Verdict.STORED]


def test_a_row_that_stays_locked_is_waited_for_again(app, database):
    accept(app, a_start("70"))
    with database.connect() as holder:
        holder.set_session(autocommit=False)
        holder.cursor().execute("SELECT FROM calls WHERE call_id = '70' FOR UPDATE")
        # Longer than the lock timeout of the service's connections.
        release = threading.Timer(4, holder.rollback)
        release.start()

        assert verdicts(accept(app, an_end("70"))) == [Verdict.STORED]
        release.join()


def test_without_a_database_the_sender_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr("app.limits.times.ANSWER_SECONDS_MAX", LAST_TRY_SECONDS + 0.5)
    client = create_app(settings_for("postgresql+psycopg2://pulso@127.0.0.1:1/pulso")).test_client()

    for answer in (
        client.post("/v1/call-records", json=a_start("70")),
        client.get("/v1/bills/11987654321?period=2018-01"),
    ):
        assert answer.status_code == 503
        assert answer.json["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_of_the_service_itself_commits_nothing(app, database):
    with (  # noqa: PT012
        app.app_context(),
        pytest.raises(ZeroDivisionError),
        transaction(Deadline.start()) as connection,
    ):
        suspense.keep(connection, [Suspended(b"x", "invalid-record", [])], NOW)
        1 / 0  # noqa: B018

    assert database.rows("SELECT 1 FROM suspense") == []


def test_every_order_and_every_split_of_a_corpus_makes_the_same_bills(app, client, database):
    corpus = list(
        itertools.chain.from_iterable(
            a_pair(f"{n}", f"2018-01-{25 + n % 6}T{n % 24:02d}:59:30Z", "2018-01-31T22:10:56Z")
            for n in range(60)
        )
    )
    corpus += [a_start("0", id="again"), an_end("1", "2018-01-31T22:10:56.5Z"), {"id": "bad"}]
    chance = random.Random(4)
    bills = set()
    for _ in range(8):
        # A conflict is decided by who comes first: keep those behind their first ones.
        order = [*chance.sample(corpus[:-3], len(corpus) - 3), *corpus[-3:]]
        while order:
            size = chance.randint(1, 40)
            accept(app, *order[:size])
            order = order[size:]
        bills.add(client.get("/v1/bills/99988526423?period=2018-01").data)
        database.wipe()

    assert len(bills) == 1


def test_reconcile_prices_what_was_left_complete_without_a_price(app, database):
    accept(app, *(a_start(f"{n}") for n in range(3)), an_end("0"))
    with database.connect() as opened, opened.cursor() as cursor:
        cursor.execute(
            """
            UPDATE calls SET end_record_id = 'x', ended_at = started_at + interval '10 minutes',
                end_received_at = started_at
            WHERE call_id IN ('1', '2')
            """
        )
    with app.app_context():
        assert app.extensions["pulso_pricing"].reconcile(NOW) == 2
        assert app.extensions["pulso_pricing"].reconcile(NOW) == 0

    assert database.rows("SELECT call_id, price_cents FROM calls ORDER BY 1") == [
        ("0", 396),
        ("1", 126),
        ("2", 126),
    ]


def test_the_reconcile_command_says_what_it_found(app, database):
    runner = app.test_cli_runner()

    assert runner.invoke(args=["reconcile"]).output == "Every complete call has its price.\n"
    accept(app, a_start("1"))
    database.rows(
        "UPDATE calls SET end_record_id = '', ended_at = started_at, end_received_at = now()"
    )
    assert runner.invoke(args=["reconcile"]).output.startswith("1 complete calls had no price")


def test_a_pool_has_a_connection_for_each_thread_and_no_more(app):
    with app.app_context():
        assert (db.engine.pool.size(), db.engine.pool._max_overflow) == (16, 0)
