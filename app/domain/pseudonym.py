"""Pseudonyms: what stands for a telephone number once its calls are old (docs/privacy.md)."""

import hashlib
import hmac
import re

_PSEUDONYM = re.compile(r"p[0-9a-f]{20}", re.ASCII)
_DIGITS_KEPT = 20  # Eighty bits: no two of a thousand million numbers are likely to meet.


def pseudonym(number: str, key: str) -> str:
    """Give what stands for `number`: always the same under one `key`, and never a number itself.

    There are so few numbers that without a key all could be tried.
    """
    digest = hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()
    return f"p{digest[:_DIGITS_KEPT]}"


def is_pseudonym(text: str) -> bool:
    """Say whether `text` is what `pseudonym` gives."""
    return _PSEUDONYM.fullmatch(text) is not None
