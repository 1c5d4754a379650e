"""The parts of the document that describe the service as a whole or are shared by routes."""

from app.domain.call import Reason
from app.limits.sizes import RECORDS_MAX
from app.schemas.fields import IDENTIFIER, SUSPENSE_ID_OR_FIRST_DIGITS, TELEPHONE_NUMBER, Json, ref

_DESCRIPTION = """
Pulso bills telephone calls. Switches deliver the *start* and the *end* record of each call, in any
order and as often as they like. The pair is priced once, and the price is frozen. There is a bill
for each subscriber and each closed month.

- Every answer that is not 2xx or 304 is a problem (RFC 9457) with a `code` of a closed list; its
  `type` is a path that explains it. `bad-request` also has the status 408 for a request that is
  not complete after 10 seconds, 431 for headers beyond 64 KiB, and 414 for too long a path.
- A method that a path does not have is answered 405 `method-not-allowed`, and `Allow` lists those
  it has. `HEAD` works wherever `GET` does, and `OPTIONS` everywhere. A path may end with a slash or
  not.
- An unknown parameter is refused, and so is an unknown field of a body that staff send; the intake
  ignores both. A known parameter that is given twice is refused. The
  `Content-Type` of a request only distinguishes a single line of NDJSON from a single object.
- Instants are ISO 8601 in UTC; money is text, never a binary fraction.
"""

ABOUT: Json = {
    "info": {"description": _DESCRIPTION.strip(), "license": {"name": "MIT", "identifier": "MIT"}},
    "servers": [{"url": "/"}],
}

SECURITY_SCHEMES: Json = {
    "X-API-Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "`ID.SECRET` of a key."},
    "Basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The ID as user, the SECRET as password.",
    },
}

HEADERS: Json = {
    "X-Request-ID": {
        "description": "The id of the request if it was well-formed, otherwise a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Location": {
        "description": "The path of the new resource.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {
        "description": "Identifies this content.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Preference-Applied": {"required": True, "schema": {"const": "handling=lenient"}},
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "The ways to send a key.",
        "required": True,
        "schema": {"type": "string"},
    },
}

REQUEST_ID: Json = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "1 to 64 letters, digits, `.`, `_` and `-`; any other id is replaced.",
    "schema": {"type": "string"},
}


def _in_path(name: str, schema: Json, description: str, example: str | int) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


PATH_PARAMETERS: Json = {
    each["name"]: each
    for each in (
        _in_path("call_id", IDENTIFIER, "Percent-encoded: it may hold slashes and spaces.", "73"),
        _in_path("subscriber", TELEPHONE_NUMBER, "The number of a subscriber.", "99988526423"),
        _in_path("number", TELEPHONE_NUMBER, "The number of a subscriber.", "99988526423"),
        _in_path("tariff_id", {"type": "integer", "minimum": 1}, "The `id` of a tariff.", 1),
        _in_path(
            "suspense_id",
            SUSPENSE_ID_OR_FIRST_DIGITS,
            "The `suspense_id` of an answer, or at least its first 8 digits.",
            "0028362ba8192a4cefcebeb23fb4cea21aeaf7a6ea5bc258844b509e0ab02f80",
        ),
        _in_path("code", {"type": "string"}, "The `code` of a problem.", "conflicting-record"),
        _in_path("asset", {"type": "string"}, "The name of a file.", "start.js"),
    )
}

# Schemas of what is not an object of fixed members.
SCHEMAS: Json = {
    "Record": {"anyOf": [ref("StartRecord"), ref("EndRecord")]},
    "Records": {"type": "array", "items": ref("Record"), "maxItems": RECORDS_MAX},
    "Reason": {"enum": list(Reason), "description": "Why a record could not be stored."},
    "Errors": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "pointer": {
                    "type": "string",
                    "description": "A JSON pointer to what is wrong; empty for the whole.",
                },
                "detail": {"type": "string"},
            },
            "required": ["pointer", "detail"],
        },
    },
}
