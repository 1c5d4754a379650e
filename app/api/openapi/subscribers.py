"""`/v1/subscribers`: the names that go with numbers."""

from app.api.openapi.parts import (
    PAGING,
    TELEPHONE_NUMBER,
    Answer,
    Json,
    Operation,
    as_json,
    members,
    page_of,
    query,
    ref,
)

_NAME: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "description": "Without control characters, line breaks and outer white space.",
}

SCHEMAS: Json = {
    "Subscriber": members({"number": TELEPHONE_NUMBER, "name": _NAME}),
    "Subscribers": page_of("subscribers", ref("Subscriber")),
    "Name": members({"name": _NAME}),
}

OPERATIONS = {
    "put_subscriber": Operation(
        {
            201: as_json("The number had no name.", ref("Subscriber")),
            200: as_json("It had another one, or the same.", ref("Subscriber")),
        },
        ("invalid-subscriber", "invalid-request"),
        body={"application/json": ref("Name")},
    ),
    "show_subscriber": Operation(
        {200: as_json("The number and its name.", ref("Subscriber"))},
        ("invalid-subscriber", "not-found"),
    ),
    "list_subscribers": Operation(
        {200: as_json("A page of them.", ref("Subscribers"))},
        ("invalid-parameter",),
        parameters=(
            query(
                "name",
                {"type": "string", "maxLength": 200},
                "Only names with this part, whatever the capitals and accents.",
            ),
            *PAGING,
        ),
    ),
    "delete_subscriber": Operation(
        {204: Answer("The number has no name any more.", {})},
        ("invalid-subscriber", "not-found"),
    ),
}
