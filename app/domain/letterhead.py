"""The letterhead: who sends the bills, as printed at their top."""

from dataclasses import dataclass, field
from typing import NamedTuple

LOGO_BYTES_MAX = 200_000
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Logo(NamedTuple):
    """A picture, PNG or JPEG."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Name, lines of the address, tax number (CNPJ) and logo; each may be missing."""

    name: str | None = None
    address: tuple[str, ...] = ()
    tax_number: str | None = None
    logo: Logo | None = field(default=None, repr=False)


NO_LETTERHEAD = Letterhead()


def read_logo(content: bytes) -> Logo:
    """Return the picture in `content`. Raises ValueError unless it is a small PNG or JPEG."""
    if len(content) > LOGO_BYTES_MAX:
        raise ValueError(f"must have at most {LOGO_BYTES_MAX // 1000} KB")
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return Logo(media_type, content)
    raise ValueError("must be a PNG or JPEG")
