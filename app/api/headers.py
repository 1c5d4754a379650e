"""What every answer says to browsers and caches, on top of its own headers."""

from http import HTTPStatus

from flask import Flask, Response, request

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Bills and calls are nobody else's business: no proxy or browser keeps them.
    "Cache-Control": "no-store",
}
_YEAR_SECONDS = 365 * 24 * 3600


def register_headers(app: Flask) -> None:
    """Set them wherever the answer does not say otherwise; over TLS, ask for nothing but TLS."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code == HTTPStatus.NO_CONTENT:
            # Flask has a type for every answer, but there is nothing that it could be the type of.
            response.headers.remove("Content-Type")
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
        return response
