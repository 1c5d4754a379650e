"""Authentication: a request must show a key with the scope that the route declares."""

import base64
import binascii
import time
from typing import cast

from flask import Flask, Response, current_app, g, request

from app.api.errors import problem
from app.api.operation import scopes_of
from app.api.requests import deadline
from app.api.throttling import count_failed_key
from app.domain.key import Credential, Scope
from app.services.keys import KeyRing

_CHALLENGE = 'Basic realm="Pulso", charset="UTF-8", Bearer realm="Pulso"'


def register_authentication(app: Flask, *, is_required: bool) -> None:
    """Refuse requests of `app` that show no valid key for their route, if keys are required."""
    app.extensions["pulso_keys"] = KeyRing(time.monotonic)
    if is_required:
        app.before_request(_check)


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # No such path, or not by this method: the answer is 404 or 405.
    scopes = scopes_of(current_app.view_functions[request.endpoint])
    if not scopes:
        return None  # A public route.
    credential = _credential()
    ring = cast(KeyRing, current_app.extensions["pulso_keys"])
    key = credential and ring.key_shown_by(credential, deadline=deadline())
    if key is None:
        return _refuse(scopes, credential)
    g.key = key
    if not key.may(*scopes):
        needed = " or ".join(scopes)
        return problem("forbidden", f"Nothing was kept. This needs a key with the scope {needed}.")
    return None


def _refuse(scopes: tuple[Scope, ...], credential: Credential | None) -> Response:
    # A request without a key does not count: browsers show a key only after the challenge. And the
    # intake never answers 429: a switch may drop the record instead of sending it later.
    if credential is not None and count_failed_key() and Scope.INGEST not in scopes:
        return problem("too-many-requests", "Too many keys from this address were not valid.")
    answer = problem("unauthorized", "Nothing was kept. This needs a valid key.")
    answer.headers["WWW-Authenticate"] = _CHALLENGE
    return answer


def _credential() -> Credential | None:
    """Read the key that the headers show; never one in the URL, which ends up in logs."""
    if key := request.headers.get("X-API-Key"):
        return Credential.read(key.strip())
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credential.read(value.strip())
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        return Credential.read(f"{user}.{password}")
    return None
