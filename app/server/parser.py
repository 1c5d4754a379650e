"""gunicorn's parser of HTTP, less strict where strictness loses a record."""

from typing import Any

from gunicorn.http import RequestParser as StrictParser
from gunicorn.http.message import Request as StrictRequest


class Request(StrictRequest):
    """A request that ignores two headers which gunicorn refuses.

    Kamailio's `http_client_query` sends a second Content-Type, and the first bytes of a body show
    what it is. Expectations other than `100-continue` may be ignored (RFC 9110, 10.1.1).
    """

    def _apply_header_policy(
        self,
        name: str,
        value: str,
        scheme_state: list[bool],
        seen: set[str],
        *others: Any,
        **options: Any,
    ) -> tuple[str, str] | None:
        is_repeated_type = name == "CONTENT-TYPE" and name in seen
        if is_repeated_type or (name == "EXPECT" and value.lower() != "100-continue"):
            return None
        kept: tuple[str, str] | None = super()._apply_header_policy(
            name, value, scheme_state, seen, *others, **options
        )
        return kept


class RequestParser(StrictParser):
    """A parser that makes such requests."""

    mesg_class = Request
