"""Telephone numbers, and the names of subscribers."""

import re
import unicodedata
from typing import NamedTuple

from app.domain.errors import InvalidSubscriber

_TELEPHONE_NUMBER = re.compile(r"[1-9][0-9]{9,10}", re.ASCII)
NAME_CHARACTERS_MAX = 200
# A letter is composed of at most so many characters; longer text cannot become short enough.
_CHARACTERS_OF_A_LETTER_MAX = 4
# Control characters, lone surrogates, and Unicode's own breaks of lines and paragraphs.
_NOT_IN_A_NAME = {"Cc", "Cs", "Zl", "Zp"}


class Subscriber(NamedTuple):
    """A number with the name that its bills show (rule 17); a bill needs no name."""

    number: str
    name: str


def is_telephone_number(text: str) -> bool:
    """Return whether `text` is two digits of area code and eight or nine digits (rule 5)."""
    return _TELEPHONE_NUMBER.fullmatch(text) is not None


def subscriber_number(text: str) -> str:
    """Return `text` if it is a telephone number; raise InvalidSubscriber otherwise."""
    if not is_telephone_number(text):
        raise InvalidSubscriber(
            "A subscriber is given by 10 or 11 digits: the area code, which does not begin with 0,"
            " and the number."
        )
    return text


def read_name(value: object) -> str:
    """Read a name: 1 to 200 characters without outer white space, in Unicode's form NFC.

    Raises ValueError for anything else, and for a text with control characters in it.
    """
    if not isinstance(value, str) or any(
        unicodedata.category(character) in _NOT_IN_A_NAME for character in value
    ):
        raise ValueError("must be text without line breaks, control and broken characters")
    name = value.strip()
    if len(name) <= _CHARACTERS_OF_A_LETTER_MAX * NAME_CHARACTERS_MAX:
        name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        raise ValueError(f"must have 1 to {NAME_CHARACTERS_MAX} characters")
    return name


def search_name(name: str) -> str:
    """Return a name, or a part of it, in the form that is searched: no capitals, no accents.

    White space becomes one space, and is removed at both ends.
    """
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(bare.casefold().split())
