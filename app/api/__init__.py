"""HTTP: one file a resource; a route translates a request into a use case and its answer back."""

from flask import Flask

from app.api import (
    audit,
    bills,
    call_records,
    calls,
    checks,
    docs,
    health,
    home,
    lookups,
    metrics,
    price_preview,
    problems,
    settlements,
    subscribers,
    suspense,
    tariffs,
)
from app.api.authentication import register_authentication
from app.api.errors import register_error_handlers
from app.api.headers import register_headers
from app.api.observability import register_observation
from app.api.requests import check_parameters
from app.api.throttling import register_limits

_RESOURCES = (
    home,
    call_records,
    lookups,
    calls,
    settlements,
    checks,
    bills,
    tariffs,
    price_preview,
    subscribers,
    suspense,
    audit,
    health,
    metrics,
    problems,
    docs,
)


def register_api(
    app: Flask, *, is_auth_required: bool, bill_reads_a_minute: int, rate_limit_storage: str
) -> None:
    """Register the routes of `app`, authentication, rate limits and the handlers of errors."""
    # In this order before a request, and in reverse after it: the log sees the final answer.
    register_observation(app)
    register_headers(app)
    register_error_handlers(app)
    register_authentication(app, is_required=is_auth_required)
    app.before_request(check_parameters)
    register_limits(app, storage_url=rate_limit_storage, bill_reads_a_minute=bill_reads_a_minute)
    for resource in _RESOURCES:
        app.register_blueprint(resource.blueprint)
