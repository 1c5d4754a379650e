"""`/v1/subscribers`: the names that go with numbers on bills."""

from http import HTTPStatus

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json, json_body, without_body
from app.api.paging import cursor, page_of
from app.api.parameters import Parameter, Query, limit
from app.api.requests import actor, body, deadline, query
from app.domain.key import Scope
from app.domain.subscriber import Subscriber, is_telephone_number, read_name, subscriber_number
from app.schemas.subscribers import NameSchema, SubscriberSchema, SubscribersSchema
from app.services import subscribers

blueprint = Blueprint("subscribers", __name__, url_prefix="/v1/subscribers")


def _number(text: str) -> str:
    if not is_telephone_number(text):
        raise ValueError
    return text


class _ListQuery(Query):
    name = Parameter(
        {"type": "string", "maxLength": 200},
        "Only names that contain this text; case and accents are ignored.",
        read=lambda part: read_name(part) if part else "",
        load_default="",
    )
    limit = limit()
    cursor = cursor(_number, first=("",))


@blueprint.put("/<number>")
@Operation(
    scope=Scope.ADMIN,
    body=json_body(NameSchema),
    answers={
        201: as_json("The number had no name.", SubscriberSchema),
        200: as_json("The number had a name, which is replaced.", SubscriberSchema),
    },
    problems=("invalid-subscriber", "invalid-request"),
)
def put_subscriber(number: str) -> tuple[Response, HTTPStatus]:
    """Name a number, or rename it."""
    subscriber = Subscriber(subscriber_number(number), body()["name"])
    is_new = subscribers.name_subscriber(subscriber, actor=actor(), deadline=deadline())
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return answer(SubscriberSchema, subscriber), status


@blueprint.get("/<number>")
@Operation(
    scope=Scope.READ_BILLS,
    answers={200: as_json("The number and its name.", SubscriberSchema)},
    problems=("invalid-subscriber", "not-found"),
)
def show_subscriber(number: str) -> Response:
    """Get the name of a number."""
    found = subscribers.subscriber(subscriber_number(number), deadline=deadline())
    return answer(SubscriberSchema, found)


@blueprint.get("")
@Operation(
    scope=Scope.READ_BILLS,
    query=_ListQuery(),
    answers={200: as_json("A page of subscribers.", SubscribersSchema)},
    problems=("invalid-parameter",),
)
def list_subscribers() -> Response:
    """List the numbers that have a name, in their order."""
    given = query()
    [after] = given["cursor"]
    found = subscribers.subscribers_named(
        given["name"], after=after, limit=given["limit"], deadline=deadline()
    )
    page = page_of("subscribers", found, given["limit"], lambda each: [each.number])
    return answer(SubscribersSchema, page)


@blueprint.delete("/<number>")
@Operation(
    scope=Scope.ADMIN,
    answers={204: without_body("The number no longer has a name.")},
    problems=("invalid-subscriber", "not-found"),
)
def delete_subscriber(number: str) -> tuple[str, HTTPStatus]:
    """Delete the name of a number; its calls and bills stay."""
    subscribers.delete_subscriber(subscriber_number(number), actor=actor(), deadline=deadline())
    return "", HTTPStatus.NO_CONTENT
