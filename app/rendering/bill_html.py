"""A bill as an HTML page of its own, to read and to print: no script, nothing from elsewhere."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment

from app.domain.bill import Bill
from app.domain.letterhead import Letterhead, Logo
from app.rendering.sheet import COLUMNS, LANGUAGE, sheet_of

_HERE = Path(__file__).parent
_STYLE = (_HERE / "bill.css").read_text("utf-8")
_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_PAGE = _ENVIRONMENT.from_string((_HERE / "bill.html").read_text("utf-8"))
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
# A browser lets the page do nothing but show this style and pictures within the page itself.
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def bill_html(bill: Bill, letterhead: Letterhead) -> bytes:
    """Return the page of `bill`. Its texts are escaped."""
    page = _PAGE.render(
        sheet_of(bill, letterhead)._asdict(),
        style=_STYLE,
        language=LANGUAGE,
        columns=COLUMNS,
        logo=_address_of(letterhead.logo),
    )
    return page.encode()


def _address_of(logo: Logo | None) -> str | None:
    return logo and f"data:{logo.media_type};base64,{b64encode(logo.content).decode()}"
