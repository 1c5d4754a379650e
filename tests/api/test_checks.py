"""`/v1/checks` and `checks`: what may be wrong with a month, to look at before its bill run."""

from datetime import UTC, datetime

import pytest

from app.domain.period import BillingPeriod
from tests.api.paging import pages, post
from tests.factories import DESTINATION, SUBSCRIBER, a_pair

HUNG = a_pair("hung", "2018-01-03T12:00:00Z", "2018-01-04T00:00:00Z")
AT, END = "2018-01-03T14:18:05Z", "2018-01-03T14:20:05Z"
JANUARY = "period=2018-01"
TABLES = """
    SELECT (SELECT jsonb_agg(calls ORDER BY call_id) FROM calls),
           (SELECT count(*) FROM audit_log)
"""


def twins(client, query=JANUARY):
    return pages(client, f"/v1/checks/twins?{query}", "twins")


def test_twins_have_the_same_numbers_and_seconds_and_other_ids(client, database):
    post(
        client,
        a_pair("a", AT, END),
        a_pair("b", AT.replace("05Z", "05.9Z"), END.replace("05Z", "05.1Z")),
        a_pair("c", AT, END, source="11987654321"),
        a_pair("d", AT, END, source="11987654321"),
    )
    before = database.rows(TABLES)

    first, second = twins(client)

    assert (first["source"], first["call_ids"]) == ("11987654321", ["c", "d"])
    assert second == {
        "source": SUBSCRIBER,
        "destination": DESTINATION,
        "started_at": AT,
        "ended_at": END,
        "calls": 2,
        "call_ids": ["a", "b"],
    }
    assert database.rows(TABLES) == before


@pytest.mark.parametrize(
    "other",
    [
        a_pair("b", "2018-01-03T14:18:06Z", END),
        a_pair("b", AT, "2018-01-03T14:20:06Z"),
        a_pair("b", AT, END, source="11987654321"),
        a_pair("b", AT, END, destination="11987654321"),
        [a_pair("b", AT, END)[0]],
    ],
    ids=["other-start", "other-end", "other-source", "other-destination", "open"],
)
def test_what_differs_is_no_twin(client, other):
    post(client, a_pair("a", AT, END), other)

    assert twins(client) == []


def test_twins_among_calls_of_the_same_second_are_found(client):
    post(
        client,
        a_pair("a", AT, END),
        *(a_pair(f"m{n}", AT, END, destination=f"1133330{n:03}") for n in range(20)),
        a_pair("z", AT, END),
    )

    assert [each["call_ids"] for each in twins(client)] == [["a", "z"]]


def test_many_twins_of_one_call_are_counted_and_the_first_ten_named(client):
    post(client, *(a_pair(f"{n:02}", AT, END) for n in range(25)))

    [found] = twins(client)

    assert (found["calls"], found["call_ids"]) == (25, [f"{n:02}" for n in range(10)])


def test_payers_without_a_name_are_listed_with_what_they_pay(client):
    numbers = ["11900000001", "11900000002", "11900000003"]
    post(client, *(a_pair(n, AT, END, source=n) for n in numbers), a_pair("2nd", AT, END))
    client.put(f"/v1/subscribers/{numbers[1]}", json={"name": "Ana"})

    found = pages(client, f"/v1/checks/unnamed-payers?{JANUARY}", "unnamed_payers")

    assert [each["number"] for each in found] == [numbers[0], numbers[2], SUBSCRIBER]
    assert found[0] == {
        "number": numbers[0],
        "calls": 1,
        "total": "R$ 0,54",
        "total_amount": "0.54",
    }
    assert client.get("/v1/checks/unnamed-payers?period=2018-02").json["unnamed_payers"] == []


def test_calls_that_came_long_after_they_began_are_listed_by_when_they_came(client):
    post(client, a_pair("1998", "1998-05-03T12:00:00Z", "1998-05-03T12:05:00Z"))
    now = datetime.now(UTC).replace(microsecond=0)
    post(client, a_pair("new", now.isoformat(), now.isoformat()))
    came = BillingPeriod.of(now, UTC)

    [found] = pages(client, f"/v1/checks/old-calls?period={came}", "calls")

    assert (found["call_id"], found["period"]) == ("1998", "1998-05")
    assert pages(client, "/v1/checks/old-calls?period=1998-05", "calls") == []


def test_all_is_counted(client, app):
    post(client, a_pair("a", AT, END), a_pair("b", AT, END), HUNG)
    came = BillingPeriod.of(datetime.now(UTC), UTC)

    assert client.get(f"/v1/checks?{JANUARY}").json == {
        "period": "2018-01",
        "twins": 1,
        "twin_calls": 2,
        "unnamed_payers": 1,
        "long_calls": 1,
        "old_calls": 0,
    }
    assert client.get(f"/v1/checks?period={came}").json["old_calls"] == 3
    told = run(app, "count", "--period", "2018-01")
    assert [line.split() for line in told[1:]] == [
        ["twins", "1"],
        ["twin_calls", "2"],
        ["unnamed_payers", "1"],
        ["long_calls", "1"],
        ["old_calls", "0"],
    ]


def test_without_a_period_it_is_the_last_closed_month(client):
    last = BillingPeriod.last_closed(datetime.now(UTC), UTC)

    assert client.get("/v1/checks").json["period"] == str(last)


def run(app, *arguments):
    done = app.test_cli_runner().invoke(args=["checks", *arguments])
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_commands_list_the_same(client, app, monkeypatch):
    monkeypatch.setattr("app.cli.checks._PAGE", 1)
    post(client, a_pair("a", AT, END), a_pair("b", AT, END), HUNG)
    came = str(BillingPeriod.of(datetime.now(UTC), UTC))

    [_, line] = run(app, "twins", "--period", "2018-01")
    assert line.split() == [SUBSCRIBER, DESTINATION, AT, END, "2", "a", "b"]
    [_, line] = run(app, "unnamed-payers", "--period", "2018-01")
    assert line.split()[:2] == [SUBSCRIBER, "3"]
    [_, line] = run(app, "long-calls", "--period", "2018-01")
    assert line.split()[3::3] == ["12h00m00s", "hung"]
    assert run(app, "long-calls", "--period", "2018-01", "--longer-than-hours", "12") == []
    assert len(run(app, "old-calls", "--period", came, "--json")) == 3


def test_long_and_old_calls_are_counted_as_they_are_stored(client):
    def counted():
        lines = client.get("/metrics").text.splitlines()
        return {
            name: float(line.split()[1])
            for name in ("pulso_long_calls_total", "pulso_old_calls_total")
            for line in lines
            if line.startswith(f"{name} ")
        }

    before = counted()
    now = datetime.now(UTC).replace(microsecond=0)
    post(client, a_pair("new", now.isoformat(), now.isoformat()), HUNG)
    after = counted()

    assert {name: after[name] - before[name] for name in after} == {
        "pulso_long_calls_total": 1,
        "pulso_old_calls_total": 1,
    }
