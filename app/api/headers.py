"""Headers that every answer has, for browsers and caches."""

from http import HTTPStatus

from flask import Flask, Response, request

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Bills and calls are private: no proxy or browser may store them.
    "Cache-Control": "no-store",
}
_YEAR_SECONDS = 365 * 24 * 3600


def register_headers(app: Flask) -> None:
    """Set the headers that an answer does not set itself; over TLS, HSTS too."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code == HTTPStatus.NO_CONTENT:
            # Flask sets a type for every answer, but this one has no body.
            response.headers.remove("Content-Type")
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
        return response
