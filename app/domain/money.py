"""Money without floats: exact amounts in ten-thousandths of the currency unit, prices in cents.

Rates have up to four decimals (rule 13), so an integer of ten-thousandths holds every amount.
"""

from decimal import Decimal
from functools import lru_cache
from typing import NewType

TenThousandths = NewType("TenThousandths", int)
Cents = NewType("Cents", int)

_DECIMALS = 4
_AMOUNT_END = 10**8
_CENT = 100  # ten-thousandths


def ten_thousandths(amount: Decimal) -> TenThousandths:
    """Return `amount`, below 100 million and with at most four decimals, in ten-thousandths.

    Raises ValueError for any other amount, negative and infinite ones included.
    """
    if not amount.is_finite() or not 0 <= amount < _AMOUNT_END:
        raise ValueError("must be zero or more, and less than 100,000,000")
    if int(amount.as_tuple().exponent) < -_DECIMALS:
        raise ValueError("must have at most four decimals")
    return TenThousandths(int(amount.scaleb(_DECIMALS)))


def to_cents(amount: TenThousandths) -> Cents:
    """Round to cents, half up. It is the only rounding, once per call (rule 13)."""
    return Cents((amount + _CENT // 2) // _CENT)


# A bill run formats millions of prices, but few different ones.
@lru_cache(10_000)
def decimal_text(cents: Cents) -> str:
    """Return the machine form of an amount, such as `3.96`."""
    return f"{cents // 100}.{cents % 100:02d}"


def exact_text(amount: TenThousandths) -> str:
    """Return an exact amount with two to four decimals, such as `0.09` or `0.0125`."""
    units, fraction = divmod(amount, 10_000)
    digits = f"{fraction:04d}"
    return f"{units}.{digits[:2]}{digits[2:].rstrip('0')}"


@lru_cache(10_000)
def reais(cents: Cents) -> str:
    """Return the Brazilian form, such as `R$ 3,96` or `R$ 1.234,56` (rule 17)."""
    units = f"{cents // 100:,}".replace(",", ".")
    return f"R$ {units},{cents % 100:02d}"
