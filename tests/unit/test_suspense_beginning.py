"""The beginning of a suspended record, as lists show it: one line, safe to print."""

import random

import pytest

from app.domain.suspense import BEGINNING_BYTES_MAX, SuspendedRecord

FULL = b"x" * (BEGINNING_BYTES_MAX - 1)


def beginning_of(received: bytes) -> str:
    first_bytes = received[: BEGINNING_BYTES_MAX + 1]
    fields = dict.fromkeys(SuspendedRecord._fields) | {"first_bytes": first_bytes}
    return SuspendedRecord(**fields).beginning


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        (b'{"id": "1", "type": "end"}', '{"id": "1", "type": "end"}'),
        ("início;fim".encode(), "início;fim"),
        (b"", ""),
        (b"id;type\r\n1\tend", r"id;type\r\n1\tend"),
        (b"\x1b[2J\x07\x00\x9b31m\x7f", r"\x1b[2J\x07\x00\x9b31m\x7f"),
        ("\u202egnp.exe\u2066\u200b\u00ad\ufeff".encode(), r"\u202egnp.exe\u2066\u200b\xad\ufeff"),
        ("\u2028\u2029\u0085\u00a0".encode(), r"\u2028\u2029\x85\xa0"),
        ("\U000e0001\ue000".encode(), r"\U000e0001\ue000"),
        (b"\xff\xfe{\x00", r"\xff\xfe{\x00"),
        ("ligação".encode("latin-1"), r"liga\xe7\xe3o"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        (b"ends within \xc3", r"ends within \xc3"),
    ],
)
def test_what_cannot_be_printed_is_escaped(received, shown):
    assert beginning_of(received) == shown


@pytest.mark.parametrize(
    ("received", "end"),
    [
        (FULL + b"y", "xy"),
        (FULL + b"yz", "xy…"),
        (FULL + "é".encode(), "x…"),
        (FULL + b"\xc3", r"x\xc3"),
        (b"z" * 1_000_000, "z…"),
    ],
    ids=["just-fits", "one-more", "cut-character", "half-character", "large"],
)
def test_an_ellipsis_ends_what_has_more_bytes(received, end):
    assert beginning_of(received).endswith(end)


def test_whatever_arrives_is_shown_as_one_short_printable_line():
    chance = random.Random(14)
    for _ in range(2_000):
        shown = beginning_of(chance.randbytes(chance.randrange(300)))

        assert shown.isprintable()
        assert len(shown) <= 4 * BEGINNING_BYTES_MAX + 1
