"""On a large, fully priced and analysed table no statement reads the whole of it.

Small tables never show this: statistics that say "hardly a row is unpriced", or ten thousand keys
in one question, make PostgreSQL think that reading everything is cheap.
"""

import json
import re

import pytest

from app.database.transactions import transaction
from app.limits.deadline import Deadline
from tests.factories import SUBSCRIBER, a_pair, a_start, an_end

CALLS = 300_000
FILL = f"""
    INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
        start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
        period, priced_at)
    SELECT md5(n::text), n::text, started_at, (11900000000 + n % 3000)::text, '1133334444',
        started_at, n::text, started_at + interval '5 minutes', started_at, 81, 1,
        date_trunc('month', started_at + interval '5 minutes'), started_at
    FROM generate_series(1, {CALLS}) AS n,
        LATERAL (SELECT timestamptz '2017-01-01 06:00+00' + n * interval '1 minute' AS started_at)
"""
CHECKS = ("", "/twins", "/unnamed-payers", "/old-calls")


@pytest.fixture(scope="module")
def large(new_database):
    database = new_database()
    database.rows(FILL)
    database.rows("VACUUM ANALYZE calls")
    return database


@pytest.fixture
def statements_on_a_large_table(large, record_statements):
    """All that the service sends when every one of its paths is used."""
    client, sent = record_statements(large)
    starts = [a_start(f"s{n}") for n in range(10_000)]
    pairs = [each for n in range(500) for each in a_pair(f"p{n}", *["2018-01-03T14:00:00Z"] * 2)]
    for body in (
        a_start("one"),
        an_end("one"),
        an_end("one"),
        {"id": "bad"},
        [a_start(each) for each in "few"],
        [an_end(each) for each in "few"],
        starts,
        [an_end(f"s{n}") for n in range(10_000)],
        pairs,
        pairs,
    ):
        assert client.post("/v1/call-records", json=body).status_code < 500
    for path in (
        f"/v1/bills/{SUBSCRIBER}?period=2018-01",
        "/v1/bills/11900000007?period=2017-05",
        "/v1/calls/one",
        "/v1/calls?state=open&older_than=24h",
        "/v1/calls?longer_than=4h&period=2017-05",
        *(f"/v1/checks{each}?period=2017-05" for each in CHECKS),
        "/v1/suspense",
        "/metrics",
    ):
        assert client.get(path).status_code == 200
    run = client.application.test_cli_runner().invoke
    for arguments in (["reconcile"], ["what-if", "--period", "2017-05", "--tariff", "1"]):
        assert run(args=arguments).exit_code == 0
    return client.application, sent


def test_no_statement_reads_the_whole_table(statements_on_a_large_table):
    app, sent = statements_on_a_large_table
    statements = [each for each in sent if re.match(r"\s*(SELECT|INSERT).*\bcalls\b", each, re.S)]
    prepared = {each.split()[1]: each for each in sent if each.startswith("PREPARE")}
    executed = [each for each in sent if each.startswith("EXECUTE")]
    assert len(statements) > 8
    names = {"look_up_calls", "write_1_calls", "write_3_calls"}
    assert {each.split()[1] for each in executed} == prepared.keys() == names

    for statement in statements + executed:
        for node in _plan(app, statement, prepared.values()):
            assert (node["Node Type"], node.get("Relation Name")) != ("Seq Scan", "calls"), (
                f"{statement[:200]}: {json.dumps(node)[:2000]}"
            )


def test_a_bill_is_read_from_its_index_alone_and_in_order(statements_on_a_large_table):
    app, statements = statements_on_a_large_table
    of_the_bill = [each for each in statements if "'11900000007'" in each]
    [bill, *_] = [each for each in of_the_bill if "FROM calls" in each]

    assert [node["Node Type"] for node in _plan(app, bill)] == ["Index Only Scan"]


def test_a_month_is_checked_by_its_bills_index_alone_and_sorted_payer_by_payer(
    statements_on_a_large_table,
):
    app, sent = statements_on_a_large_table
    checks = [each for each in sent if "FROM calls WHERE period = '2017-05-01'" in each]
    assert len(checks) == 6
    for each in checks:
        nodes = _plan(app, each, ["SET LOCAL enable_hashagg = off"])
        scans = {node["Node Type"] for node in nodes if node.get("Relation Name") == "calls"}
        assert scans == {"Index Only Scan"}, each
        assert "Sort" not in {node["Node Type"] for node in nodes}, each


def test_old_calls_are_read_from_the_index_of_the_bills_alone(statements_on_a_large_table):
    app, sent = statements_on_a_large_table
    for each in [each for each in sent if "priced_at >= " in each]:
        scans = [node for node in _plan(app, each) if node.get("Relation Name") == "calls"]
        assert {node["Node Type"] for node in scans} == {"Index Only Scan"}


def _plan(app, statement, prepared=()):
    """The nodes of the plan that a connection of the service makes."""
    with app.app_context(), transaction(Deadline.start()) as connection:
        connection.exec_driver_sql("DEALLOCATE ALL")
        for each in prepared:
            connection.exec_driver_sql(each)
        connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS offered_calls (LIKE calls)")
        [(plans,)] = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement)
    return list(_nodes(plans[0]["Plan"]))


def _nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)
