"""Amounts: exact in, rounded once, and written for people and for machines."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import decimal_text, exact_text, reais, ten_thousandths, to_cents


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("0.36", 3_600),
        ("0.0001", 1),
        ("0.0900", 900),
        ("1E+2", 1_000_000),
        ("99999999.9999", 999_999_999_999),
    ],
)
def test_an_amount_is_kept_exactly_in_ten_thousandths(amount, expected):
    assert ten_thousandths(Decimal(amount)) == expected


@pytest.mark.parametrize("amount", ["-0.01", "-0.0001", "-Infinity", "Infinity", "NaN", "sNaN"])
def test_an_amount_is_zero_or_more(amount):
    with pytest.raises(ValueError, match="zero or more"):
        ten_thousandths(Decimal(amount))


@pytest.mark.parametrize("amount", ["0.00001", "0.09001", "1E-5"])
def test_an_amount_has_at_most_four_decimals(amount):
    with pytest.raises(ValueError, match="four decimals"):
        ten_thousandths(Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(0, 0), (49, 0), (50, 1), (99, 1), (149, 1), (150, 2), (250, 3), (999_950, 10_000)],
)
def test_cents_are_rounded_half_up(amount, cents):
    assert to_cents(amount) == cents


@settings(derandomize=True)
@given(st.integers(0, 10**15))
def test_rounding_is_that_of_decimal_half_up(amount):
    exact = Decimal(amount) / 100

    assert to_cents(amount) == exact.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("cents", "text", "brazilian"),
    [
        (0, "0.00", "R$ 0,00"),
        (5, "0.05", "R$ 0,05"),
        (36, "0.36", "R$ 0,36"),
        (396, "3.96", "R$ 3,96"),
        (8_676, "86.76", "R$ 86,76"),
        (99_999, "999.99", "R$ 999,99"),
        (100_000, "1000.00", "R$ 1.000,00"),
        (123_456, "1234.56", "R$ 1.234,56"),
        (123_456_789, "1234567.89", "R$ 1.234.567,89"),
    ],
)
def test_a_price_is_written_for_machines_and_for_brazilians(cents, text, brazilian):
    assert decimal_text(cents) == text
    assert reais(cents) == brazilian


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00"),
        (1, "0.0001"),
        (10, "0.001"),
        (100, "0.01"),
        (125, "0.0125"),
        (900, "0.09"),
        (3_600, "0.36"),
        (5_000, "0.50"),
        (10_000, "1.00"),
        (10_200, "1.02"),
        (100_000_010, "10000.001"),
    ],
)
def test_an_exact_amount_is_written_with_two_to_four_decimals(amount, text):
    assert exact_text(amount) == text


@settings(derandomize=True)
@given(st.integers(0, 10**12 - 1))
def test_an_exact_amount_reads_back_as_itself(amount):
    assert ten_thousandths(Decimal(exact_text(amount))) == amount


@settings(derandomize=True)
@given(st.integers(0, 10**15))
def test_a_price_in_decimal_text_reads_back_as_itself(cents):
    assert Decimal(decimal_text(cents)) * 100 == cents
