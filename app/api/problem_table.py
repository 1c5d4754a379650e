"""The table of all problems (RFC 9457)."""

from typing import NamedTuple


class Problem(NamedTuple):
    """A kind of problem: its HTTP status, its title, and its meaning for the client."""

    status: int
    title: str
    meaning: str


PROBLEMS = {
    "unreadable-body": Problem(
        400,
        "The body cannot be read",
        "The body is neither JSON nor CSV with the columns of a record nor complete gzip, or it is"
        " cut short, not UTF-8, nested more than 32 deep, or one record of more than 64 KiB;"
        " `errors` says which. Its bytes are kept in suspense.",
    ),
    "invalid-record": Problem(
        422,
        "The record is not valid",
        "The record was understood, but a field is missing, appears twice, or has an invalid value;"
        " `errors` says which. The bytes are kept in suspense.",
    ),
    "conflicting-record": Problem(
        409,
        "The record contradicts a stored one",
        "A record with the same call_id and type but another timestamp or number is stored already."
        " The stored one stands; this one is kept in suspense.",
    ),
    "contested-call": Problem(
        409,
        "The call is contested",
        "Two records of the call's other half contradict each other, and it is not known to which"
        " of them this one belongs. It is kept in suspense until a person says so.",
    ),
    "ends-before-start": Problem(
        422,
        "The call would end before it started",
        "The other half of the call is stored, and with this one the call would end before it"
        " started. This one is kept in suspense.",
    ),
    "ambiguous-time": Problem(
        422,
        "The timestamp has two readings",
        "Without an offset the timestamp is wall clock of the billing zone, and in that hour its"
        " clocks were changed; `errors` has both readings. The record is kept in suspense: correct"
        " it with an offset.",
    ),
    "in-the-future": Problem(
        422,
        "The record is from the future",
        "The timestamp is further ahead of the server's clock than allowed. The record is kept in"
        " suspense: a tariff for that time may not be published yet.",
    ),
    "no-tariff": Problem(
        422,
        "No tariff was in force",
        "The call started before the first tariff began. The record is kept in suspense.",
    ),
    "implausible": Problem(
        422,
        "The call is implausible",
        "With this record the call would be longer, or cost more, than the installation allows"
        " (`CALL_HOURS_MAX`, `CALL_PRICE_MAX`); `errors` says which. The record is kept in suspense"
        " until a person accepts or corrects it.",
    ),
    "refused-by-database": Problem(
        422,
        "The record cannot be stored",
        "The database refuses one of its values. The bytes are kept in suspense.",
    ),
    "already-resolved": Problem(
        409,
        "The suspended record is already resolved",
        "It was stored, found to be a duplicate, or written off; `resolution` says which. Nothing"
        " changed.",
    ),
    "ambiguous-id": Problem(
        409,
        "The suspense id is too short",
        "Several suspended records have an id that begins with these digits; `detail` names some."
        " Nothing changed: give more digits.",
    ),
    "body-too-large": Problem(
        413,
        "The body is too large",
        "A request carries at most 10,000 records and 16 MiB, packed or unpacked; where no records"
        " are taken, 64 KiB. Nothing was kept: send the records in smaller parts.",
    ),
    "invalid-subscriber": Problem(
        422,
        "The subscriber's number is not valid",
        "A number has 10 or 11 digits: an area code of two, the first not 0, and 8 or 9 more.",
    ),
    "invalid-period": Problem(
        422, "The billing period is not valid", "A period is one month, as YYYY-MM, given once."
    ),
    "period-not-closed": Problem(
        409,
        "The period has not closed",
        "A month is billed after it has ended; `closes_at` says when that is.",
    ),
    "invalid-tariff": Problem(
        422,
        "The tariff is not valid",
        "A field is missing, has an invalid value, or conflicts with the published tariffs;"
        " `errors` says which. Nothing was published.",
    ),
    "tariff-exists": Problem(
        409,
        "Another tariff begins at the same instant",
        "Withdraw the other tariff first, or choose another instant. Nothing was published.",
    ),
    "tariff-in-use": Problem(
        409,
        "The tariff can no longer be withdrawn",
        "It has begun, or begins so soon that calls may have been priced by it. To replace a tariff"
        " in force, publish another one.",
    ),
    "period-pseudonymised": Problem(
        410,
        "The numbers of this month are no longer known",
        "Its calls are old, and pseudonyms have replaced their telephone numbers. The calls and"
        " their prices stay in the bill run of the month.",
    ),
    "invalid-parameter": Problem(
        422,
        "A parameter is not valid",
        "A parameter of the query has an invalid value, or is given twice.",
    ),
    "unknown-parameter": Problem(
        400,
        "A parameter is not known",
        "The query has a parameter that this route does not take; ignoring it could answer another"
        " question. `detail` names those it takes.",
    ),
    "unusual-rate": Problem(
        409,
        "A rate of the tariff is unusual",
        "A rate is 50 times that of the tariff before, or a fiftieth. Nothing was published. If it"
        " is meant, publish the tariff again with `confirm=unusual-rate`.",
    ),
    "unauthorized": Problem(
        401,
        "A valid key is needed",
        "The request has no key, or an unknown or revoked one. Nothing was kept.",
    ),
    "forbidden": Problem(
        403,
        "The key lacks the scope",
        "The key is valid, but not for this route. Nothing was kept.",
    ),
    "too-many-requests": Problem(
        429,
        "Too many requests",
        "Too many bills were read, or too many keys failed, within a minute. `Retry-After` says"
        " when to try again. Delivering records is never limited.",
    ),
    "invalid-request": Problem(
        422,
        "The request is not valid",
        "A field of the body is missing, appears twice, is not known, or has an invalid value;"
        " `errors` says which. Nothing was changed.",
    ),
    "bad-request": Problem(
        400,
        "The request cannot be served",
        "The request is not valid HTTP, or its body is not the JSON object that the route needs."
        " Nothing was kept. Its status may be another of 4xx, if no other code has that status.",
    ),
    "not-found": Problem(
        404, "Not found", "The path does not exist, or there is nothing under it."
    ),
    "method-not-allowed": Problem(
        405, "The method is not allowed here", "The header `Allow` lists the allowed methods."
    ),
    "not-acceptable": Problem(
        406, "The format is not available", "The answer does not exist in the requested format."
    ),
    "internal-error": Problem(
        500,
        "The service failed",
        "An unexpected error was logged under the `request_id`. Sending a record again is always"
        " safe.",
    ),
    "unavailable": Problem(
        503,
        "The service is not available now",
        "The database is out of reach, or the service is not ready. `Retry-After` says in how many"
        " seconds to try again; sending a record again is always safe.",
    ),
}
