"""`/v1/subscribers`: the names that go with numbers on bills."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.json_body import field, json_body
from app.api.paging import page_limit, page_of, read_cursor
from app.api.representations import subscriber_json
from app.api.requests import actor, deadline, parameter
from app.domain.errors import InvalidParameter
from app.domain.key import Scope
from app.domain.subscriber import Subscriber, is_telephone_number, read_name, subscriber_number
from app.services import subscribers

blueprint = Blueprint("subscribers", __name__, url_prefix="/v1/subscribers")


@blueprint.put("/<number>")
@requires(Scope.ADMIN)
def put_subscriber(number: str) -> tuple[Response, HTTPStatus]:
    """Give a number its name, the first or another one."""
    subscriber = Subscriber(subscriber_number(number), field(json_body(), "name", read_name))
    is_new = subscribers.name_subscriber(subscriber, actor=actor(), deadline=deadline())
    return jsonify(subscriber_json(subscriber)), HTTPStatus.CREATED if is_new else HTTPStatus.OK


@blueprint.get("/<number>")
@requires(Scope.READ_BILLS)
def show_subscriber(number: str) -> Response:
    """Give the name of a number."""
    return jsonify(
        subscriber_json(subscribers.subscriber(subscriber_number(number), deadline=deadline()))
    )


@blueprint.get("")
@requires(Scope.READ_BILLS)
def list_subscribers() -> Response:
    """Give a page of the numbers that have a name, in their order."""
    limit = page_limit()
    (after,) = read_cursor(_number) or ("",)
    found = subscribers.subscribers_named(
        _part_of_name(), after=after, limit=limit, deadline=deadline()
    )
    return jsonify(
        page_of("subscribers", found, subscriber_json, limit, lambda each: [each.number])
    )


@blueprint.delete("/<number>")
@requires(Scope.ADMIN)
def delete_subscriber(number: str) -> tuple[str, HTTPStatus]:
    """Take the name of a number away; its calls and bills stay."""
    subscribers.delete_subscriber(subscriber_number(number), actor=actor(), deadline=deadline())
    return "", HTTPStatus.NO_CONTENT


def _part_of_name() -> str:
    part = parameter("name")
    try:
        return read_name(part) if part else ""
    except ValueError as error:
        raise InvalidParameter(f"The parameter name {error}.") from None


def _number(text: str) -> str:
    if not is_telephone_number(text):
        raise ValueError
    return text
