"""`/v1/settlements`: which records of a contested call belong together.

A path of their own: a call_id may hold slashes, so nothing can follow it in a path.
"""

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json, json_body
from app.api.requests import body, deadline, retry_context
from app.domain.key import Scope
from app.schemas.calls import SettledSchema, SettlementSchema
from app.services import contested_calls, suspense

blueprint = Blueprint("settlements", __name__, url_prefix="/v1/settlements")


@blueprint.post("")
@Operation(
    scope=Scope.WRITE_SUSPENSE,
    body=json_body(SettlementSchema),
    answers={200: as_json("What became of each suspended record of the call.", SettledSchema)},
    problems=("not-found", "already-resolved", "ambiguous-id", "invalid-request"),
    description="The records listed become records of `other_call_id`, a call of its own. All other"
    " suspended records of the call are then retried under their own call_id.",
)
def settle_call() -> Response:
    """Say which suspended records of a contested call belong to another call."""
    given = body()
    settled = contested_calls.settle_call(
        given["call_id"],
        other_call_id=given["other_call_id"],
        content_hashes=suspense.content_hashes_of(given["records"], deadline=deadline()),
        context=retry_context(),
        deadline=deadline(),
    )
    return answer(SettledSchema, {"results": settled})
