"""HTTP: one file a resource; a route translates a request into a use case and its answer back."""

from flask import Flask

from app.api import audit, bills, call_records, calls, health, price_preview, problems, suspense
from app.api.errors import register_error_handlers
from app.api.requests import register_request_ids


def register_api(app: Flask) -> None:
    """Give `app` its routes, the one shape of its errors, and request ids."""
    register_request_ids(app)
    register_error_handlers(app)
    for resource in (
        call_records,
        calls,
        bills,
        price_preview,
        suspense,
        audit,
        health,
        problems,
    ):
        app.register_blueprint(resource.blueprint)
