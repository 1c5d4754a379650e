"""Pseudonyms: the same for the same number under one key, and never taken for a number."""

import hmac

import pytest

from app.domain.pseudonym import is_pseudonym, pseudonym
from app.domain.subscriber import is_telephone_number

KEY = "k" * 32
NUMBERS = [str(number) for number in range(11_900_000_000, 11_900_005_000)]


def test_it_is_the_first_part_of_an_hmac_as_any_tool_makes_it():
    assert (
        pseudonym("99988526423", KEY)
        == "p" + hmac.digest(KEY.encode(), b"99988526423", "sha256").hex()[:20]
    )


def test_one_number_has_one_and_no_two_have_the_same():
    made = [pseudonym(number, KEY) for number in NUMBERS]

    assert made == [pseudonym(number, KEY) for number in NUMBERS]
    assert len(set(made)) == len(NUMBERS)


def test_another_key_gives_another():
    assert pseudonym("99988526423", KEY) != pseudonym("99988526423", "j" * 32)


def test_it_is_no_number_and_a_number_is_none():
    assert not any(is_telephone_number(pseudonym(number, KEY)) for number in NUMBERS)
    assert not any(map(is_pseudonym, NUMBERS))
    assert is_pseudonym(pseudonym("99988526423", KEY))


@pytest.mark.parametrize("text", ["", "p", "p" + "0" * 19, "p" + "0" * 21, "P" + "0" * 20])
def test_what_only_looks_like_one_is_none(text):
    assert not is_pseudonym(text)


def test_it_sorts_behind_every_number():
    assert max(NUMBERS) < "p" <= min(pseudonym(number, KEY) for number in NUMBERS)
