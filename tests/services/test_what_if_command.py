"""`./pulso-server what-if`: what it prints, where, and what it refuses."""

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.e2e.running import HOME
from tests.factories import a_pair
from tests.tariffs import published


@pytest.fixture
def other_tariff(client, database):
    """The id of a tariff under which a month of five calls would have come to something else."""
    records = [
        *a_pair("a night", "2018-01-03T22:00:00Z", "2018-01-04T05:59:00Z"),
        *a_pair("b", "2018-01-05T14:00:00Z", "2018-01-05T14:00:01Z", source="1133334444"),
        *a_pair("c", "2018-01-06T14:00:00Z", "2018-01-06T14:11:59Z"),
        *a_pair("d", "2018-01-07T14:00:00Z", "2018-01-07T15:00:00Z"),
        *a_pair("e", "2018-01-08T14:00:00Z", "2018-01-08T14:16:00Z"),
        *a_pair("in February", "2018-01-31T14:00:00Z", "2018-02-01T14:20:00Z"),
    ]
    assert client.post("/v1/call-records", json=records).json["calls_priced"] == 6
    with published(database, "other", "2100-01-01Z", "0.05") as tariff_id:
        yield tariff_id


def report(tariff_id):
    under = f"under tariff {tariff_id}"
    return f"""\
The calls of 2018-01 {under} (other), in BRL:

calls                                    5
frozen                                9.63
{under:26}           33.30
difference                          +23.67
dearer calls                             3
cheaper calls                            1
calls that cost the same                 1

The largest differences:

      difference          frozen{under:>24}  source       call_id
          +24.59            0.36                   24.95  99988526423  a night
           -1.76            5.76                    4.00  99988526423  d
           +0.64            0.36                    1.00  1133334444   b
           +0.20            1.35                    1.55  99988526423  c
"""


def run(app, period, tariff_id):
    return app.test_cli_runner().invoke(
        args=["what-if", "--period", period, "--tariff", str(tariff_id)]
    )


def test_it_prints_the_sums_and_the_largest_differences_and_nothing_else(app, other_tariff):
    result = run(app, "2018-01", other_tariff)

    assert result.exit_code == 0
    assert result.stdout == report(other_tariff)
    assert result.stderr == ""


def test_on_a_terminal_a_bar_shows_how_far_it_is_and_what_is_piped_stays_clean(
    database, other_tariff
):
    terminal, stderr = pty.openpty()
    options = ["what-if", "--period", "2018-01", "--tariff", str(other_tariff)]
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app.wsgi", *options],
        cwd=HOME,
        env=os.environ | {"DATABASE_URL": database.url.replace("+psycopg2", "")},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=True,
    )
    os.close(stderr)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)

    assert said.stdout == report(other_tariff)
    assert "100%" in shown


def test_a_month_without_calls_comes_to_nothing(app):
    result = run(app, "2017-01", 1)

    assert result.exit_code == 0
    assert "calls                                    0\n" in result.stdout
    assert "difference                            0.00\n" in result.stdout
    assert "largest" not in result.stdout


@pytest.mark.parametrize(
    ("period", "tariff", "said"),
    [
        (f"{datetime.now(UTC):%Y-%m}", "1", "can be billed once it has closed"),
        ("9998-12", "1", "can be billed once it has closed"),
        ("2018-13", "1", "There is no month 2018-13"),
        ("January", "1", "written YYYY-MM"),
        ("\udcff", "1", "written YYYY-MM"),
        ("2018-01", "99", "There is no tariff 99."),
        ("2018-01", "-1", "There is no tariff -1."),
        ("2018-01", "9" * 30, "There is no tariff 9999"),
        ("2018-01", "9" * 5000, "is not a valid integer"),
        ("2018-01", "first", "is not a valid integer"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(app, period, tariff, said):
    result = run(app, period, tariff)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit), "no stack trace"
    assert result.stdout == ""
    assert said in result.stderr


def test_prices_in_another_currency_are_not_compared(app, client, database):
    client.post("/v1/call-records", json=a_pair("a", *["2018-01-03T14:00:00Z"] * 2))
    with published(database, "dollars", "2100-01-01Z", 1, currency="USD") as tariff_id:
        result = run(app, "2018-01", tariff_id)

        assert result.exit_code == 1
        assert f"Tariff {tariff_id} is in USD, and calls of 2018-01 were priced in BRL" in (
            result.stderr
        )
        assert run(app, "2018-02", tariff_id).exit_code == 0, "a month without calls has none"


def test_the_currency_that_counts_is_that_of_each_call(app, client, database):
    with published(database, "dollars", "2018-01-15Z", 1, currency="USD") as tariff_id:
        for call_id, day in (("a", 3), ("b", 20)):
            at = f"2018-{1 + (call_id == 'b'):02d}-{day:02d}T14:00:00Z"
            client.post("/v1/call-records", json=a_pair(call_id, at, at))

        assert run(app, "2018-01", tariff_id).exit_code == 1
        assert run(app, "2018-02", tariff_id).exit_code == 0
        assert run(app, "2018-02", 1).exit_code == 1
