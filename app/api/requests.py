"""What routes read of a request: its body and query, as declared, and who asks."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

from flask import Response, abort, current_app, g, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from app.api.operation import OPERATIONS, Operation, header, schema_of
from app.domain.errors import (
    BillingError,
    BodyTooLarge,
    InvalidParameter,
    InvalidRequest,
    UnknownParameter,
)
from app.domain.key import Key, Scope
from app.domain.strict_json import Unreadable, decode_object
from app.limits.deadline import Deadline
from app.limits.sizes import RECORD_BYTES_MAX
from app.schemas.fields import Json, nearest, pointers
from app.services.pricing import Pricing
from app.services.trials import RetryContext

UNAUTHENTICATED = "unauthenticated"
_NOT_FRAMED = "The chunks of the body are not valid HTTP. Nothing was kept."

# The headers of the request that `with_etag` reads.
CONDITIONS = (
    header("If-None-Match", "The `ETag` of the version that the client has."),
    header("If-Match", "The `ETag` that the answer must have."),
)


class CallIdConverter(BaseConverter):
    """The rest of a path as one call_id, which may hold slashes, at its ends too."""

    regex = ".+"
    part_isolating = False


def actor() -> str:
    """Return who asks, as the audit log writes it: a key, if keys are required."""
    key: Key | None = g.get("key")
    return UNAUTHENTICATED if key is None else f"key:{key.key_id}"


def may(scope: Scope) -> bool:
    """Return whether the one who asks may do what `scope` allows, besides using this route."""
    key: Key | None = g.get("key")
    return key is None or key.may(scope)


def pricing() -> Pricing:
    """Return the pricing of the service that answers this request."""
    return cast(Pricing, current_app.extensions["pulso_pricing"])


def retry_context() -> RetryContext:
    """Return what a retry of suspended records by this request needs."""
    read_received = current_app.extensions["pulso_read_kept"]
    return RetryContext(actor(), datetime.now(UTC), pricing(), read_received)


def deadline() -> Deadline:
    """Return when waiting for this request's answer is given up (set in `observability`)."""
    return cast(Deadline, g.deadline)


def check_parameters() -> None:
    """Raise UnknownParameter for a query parameter that the route should declare and does not."""
    if not request.args or request.endpoint is None:
        return
    declared = OPERATIONS.get(current_app.view_functions[request.endpoint])
    if declared is None or not declared.refuses_unknown_parameters:
        return
    known = list(declared.query.fields)
    for name in request.args:
        if name not in known:
            takes = f"Known are: {', '.join(known)}." if known else "This route takes none."
            raise UnknownParameter(
                f"The parameter {name!a} is not known. {nearest(name, known)}{takes}"
            )


def query() -> Json:
    """Return the parameters that the route declares, read. Raises InvalidParameter."""
    schema = _operation().query
    given = {name: request.args.getlist(name) for name in request.args}
    try:
        read: Json = schema.load(given)
    except ValidationError as error:
        name, [detail, *_] = next(iter(error.messages_dict.items()))
        raise InvalidParameter(f"The parameter {name} {detail}.") from None
    return read


def body() -> Json:
    """Return the JSON object of the body as the schema that the route declares reads it.

    Raises BillingError for a body that is not a JSON object, InvalidRequest for one with a wrong
    field, and BodyTooLarge.
    """
    declared = cast(type[Schema], _operation().body["application/json"])
    received = received_body()
    if len(received) > RECORD_BYTES_MAX:
        raise BodyTooLarge("The body of this request is limited to 64 KiB.")
    if len(received) < (request.content_length or 0):
        raise BillingError("The body is shorter than its Content-Length.")
    try:
        read: Json = schema_of(declared).load(decode_object(received))
    except Unreadable as refusal:
        raise BillingError(f"The body {refusal}.") from None
    except ValidationError as error:
        raise InvalidRequest("The body has an invalid field.", errors=pointers(error)) from None
    return read


def received_body() -> bytes:
    """Return the bytes of the body. Raises BillingError if HTTP frames it incorrectly.

    Nothing may read a form before: that would leave the body empty.
    """
    try:
        received = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:
        # The server reads chunks only now, and raises its own errors for a malformed one.
        raise BillingError(_NOT_FRAMED) from error
    g.bytes_in = len(received)  # For the log.
    return received


def with_etag(response: Response) -> Response:
    """Return `response` with an ETag, without its body if the client has it. Aborts with 412."""
    response.add_etag()
    response.make_conditional(request)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        abort(response.status_code)
    return response


def _operation() -> Operation:
    assert request.endpoint is not None  # A view function is running.
    return OPERATIONS[current_app.view_functions[request.endpoint]]
