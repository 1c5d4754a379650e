"""A bill's totals and lengths, worked out from its lines (rule 17)."""

import pytest

from app.domain.bill import duration_text
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_bill, a_line, a_tariff, at


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0h00m00s"),
        (1, "0h00m01s"),
        (59, "0h00m59s"),
        (60, "0h01m00s"),
        (2_142, "0h35m42s"),
        (3_599, "0h59m59s"),
        (3_600, "1h00m00s"),
        (86_399, "23h59m59s"),
        (86_400, "24h00m00s"),
        (87_223, "24h13m43s"),
        (3_600_000, "1000h00m00s"),
    ],
)
def test_a_length_is_written_with_hours_that_do_not_wrap(seconds, text):
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("ended_at", "seconds"),
    [
        pytest.param("2017-12-11 15:07:13", 0, id="no-length"),
        pytest.param("2017-12-11 15:07:13.999999", 0, id="not-yet-a-second"),
        pytest.param("2017-12-11 15:07:14", 1, id="a-second"),
        pytest.param("2017-12-11 15:14:56.999999", 463, id="a-part-of-a-second-is-dropped"),
        pytest.param("2017-12-12 15:20:56", 87_223, id="a-day-is-not"),
        pytest.param("2019-12-11 15:07:13", 730 * 86_400, id="nor-are-years"),
    ],
)
def test_a_line_lasts_whole_seconds(ended_at, seconds):
    assert a_line(started_at="2017-12-11 15:07:13", ended_at=ended_at).duration_seconds == seconds


def test_a_line_over_a_change_of_the_clock_lasts_as_long_as_the_call():
    line = a_line()._replace(
        started_at=at("2018-02-17 22:30:00", SAO_PAULO),
        ended_at=at("2018-02-18 00:30:00", SAO_PAULO),
    )

    assert line.duration_seconds == 3 * 3600


def test_totals_are_the_sums_of_the_lines():
    lines = [
        a_line(price=99, ended_at="2017-12-11 15:14:56.9"),
        a_line(price=36, ended_at="2017-12-11 15:07:13.9"),
        a_line(price=8_676, ended_at="2017-12-12 15:07:14.9"),
        a_line(price=8_676, ended_at="2017-12-12 15:07:14.9"),
    ]

    bill = a_bill(lines=lines)

    assert bill.total == 99 + 36 + 2 * 8_676
    assert bill.total_duration_seconds == 463 + 0 + 2 * 86_401


def test_a_bill_without_calls_comes_to_nothing():
    assert a_bill(lines=[]).total == 0
    assert a_bill(lines=[]).total_duration_seconds == 0


@pytest.mark.parametrize(
    ("zone", "closed_at"),
    [(UTC_ZONE, "2018-01-01 00:00:00"), (SAO_PAULO, "2018-01-01 02:00:00")],
    ids=["utc", "sao-paulo"],
)
def test_a_bill_closes_when_its_month_ends_in_the_billing_zone(zone, closed_at):
    assert a_bill(period="2017-12", zone=zone).closed_at == at(closed_at)


@pytest.mark.parametrize(
    ("starts", "tariff_ids"),
    [
        pytest.param([], [], id="no-calls"),
        pytest.param(["2017-11-30 23:59:59.999999"], [1], id="the-last-instant-of-the-first"),
        pytest.param(["2017-12-01 00:00:00"], [2], id="the-first-instant-of-the-second"),
        pytest.param(["2017-12-11 00:00:00"] * 3, [3], id="one-for-many"),
        pytest.param(["2017-11-30 23:00:00", "2017-12-12 00:00:00"], [1, 3], id="one-passed-over"),
        pytest.param(
            ["2017-11-01 00:00:00", "2017-12-01 00:00:00", "2017-12-31 00:00:00"],
            [1, 2, 3],
            id="all",
        ),
    ],
)
def test_a_bill_has_the_tariffs_in_force_when_its_calls_started(starts, tariff_ids):
    tariffs = [
        a_tariff(tariff_id=1),
        a_tariff(tariff_id=2, effective_from="2017-12-01 00:00:00"),
        a_tariff(tariff_id=3, effective_from="2017-12-11 00:00:00"),
        a_tariff(tariff_id=4, effective_from="2018-01-01 00:00:00"),
    ]

    bill = a_bill(lines=[a_line(started_at=start) for start in starts], tariffs=tariffs)

    assert [each.tariff_id for each in bill.tariffs] == tariff_ids
