"""Telephone numbers, as subscribers and destinations carry them."""

import re

from app.domain.errors import InvalidSubscriber

_TELEPHONE_NUMBER = re.compile(r"[1-9][0-9]{9,10}", re.ASCII)


def is_telephone_number(text: str) -> bool:
    """Say whether `text` is two digits of area code and eight or nine digits (rule 5)."""
    return _TELEPHONE_NUMBER.fullmatch(text) is not None


def subscriber_number(text: str) -> str:
    """Give `text` back if it is a subscriber's number; raise InvalidSubscriber if not."""
    if not is_telephone_number(text):
        raise InvalidSubscriber(
            "A subscriber is given by 10 or 11 digits: the area code, which does not begin with 0,"
            " and the number."
        )
    return text
