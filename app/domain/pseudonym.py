"""Pseudonyms, which replace the telephone numbers of old calls (docs/privacy.md)."""

import hashlib
import hmac
import re

_PSEUDONYM = re.compile(r"p[0-9a-f]{20}", re.ASCII)
_DIGITS_KEPT = 20  # 80 bits: a collision among 10^9 numbers is unlikely.


def pseudonym(number: str, key: str) -> str:
    """Return the pseudonym of `number`: the same for the same `key`, and never a number.

    Without a key, all possible numbers could be tried.
    """
    digest = hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()
    return f"p{digest[:_DIGITS_KEPT]}"


def is_pseudonym(text: str) -> bool:
    """Return whether `text` is a pseudonym."""
    return _PSEUDONYM.fullmatch(text) is not None
