"""The forms of a bill: which one a request asks for, and the answer in it."""

from collections.abc import Callable
from typing import NamedTuple, cast

from flask import Response, current_app, request

from app.domain.bill import Bill
from app.domain.errors import InvalidParameter, NotAcceptable
from app.domain.letterhead import Letterhead
from app.rendering.bill_csv import Decimal, calls_csv
from app.rendering.bill_html import CONTENT_SECURITY_POLICY, bill_html
from app.rendering.bill_json import bill_json
from app.settings import Settings


class Form(NamedTuple):
    """A form of bills: its media type, and its type as a header."""

    media_type: str
    content_type: str


FORMS = {
    "json": Form("application/json", "application/json"),
    "csv": Form("text/csv", "text/csv; charset=utf-8"),
    "html": Form("text/html", "text/html; charset=utf-8"),
    "pdf": Form("application/pdf", "application/pdf"),
}
RUN_FORMS = {
    "ndjson": Form("application/x-ndjson", "application/x-ndjson"),
    "csv": FORMS["csv"],
}


def read_form(forms: dict[str, Form], what: str) -> Callable[[str], str]:
    """Return what reads the parameter `format`, which names one of `forms`."""

    def read(text: str) -> str:
        if text not in forms:
            raise NotAcceptable(f"{what} is available as {', '.join(forms)}.")
        return text

    return read


def form_of(given: str | None, forms: dict[str, Form]) -> str:
    """Return the name of the form that is asked for: by `format`, otherwise by `Accept`.

    The first of `forms` is for those who accept anything, or nothing of what there is.
    """
    if given is not None:
        return given
    names = {form.media_type: name for name, form in forms.items()}
    best = request.accept_mimetypes.best_match(names, default=next(iter(names)))
    return names[best]


def check_decimal(form: str, decimal: Decimal) -> None:
    """Raise InvalidParameter for decimals that the form does not have."""
    if form != "csv" and decimal is not Decimal.POINT:
        raise InvalidParameter("The parameter decimal is only for csv.")


def bill_response(bill: Bill, form: str, decimal: Decimal) -> Response:
    """Return `bill` in the form of that name, and what a browser needs to show or store it."""
    body = _BODIES[form](bill, decimal)
    response = Response(body, content_type=FORMS[form].content_type)
    response.headers["Vary"] = "Accept"
    if form == "html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    if form != "json":
        kind = "attachment" if form == "csv" else "inline"
        response.headers["Content-Disposition"] = (
            f'{kind}; filename="{bill.subscriber}-{bill.period}.{form}"'
        )
    return response


def letterhead() -> Letterhead:
    """Return the letterhead of the service that answers this request."""
    return cast(Settings, current_app.extensions["pulso_settings"]).letterhead


def _pdf(bill: Bill) -> bytes:
    # Imported by the first one only: a worker that writes none does without its 15 MB.
    from app.rendering.bill_pdf import bill_pdf  # noqa: PLC0415

    return bill_pdf(bill, letterhead())


_BODIES: dict[str, Callable[[Bill, Decimal], bytes | str]] = {
    "json": lambda bill, _: current_app.json.dumps(bill_json(bill)),
    "csv": lambda bill, decimal: b"".join(calls_csv([bill], decimal)),
    "html": lambda bill, _: bill_html(bill, letterhead()),
    "pdf": lambda bill, _: _pdf(bill),
}
