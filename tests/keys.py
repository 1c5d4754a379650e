"""Keys that tests show."""

from datetime import UTC, datetime

from flask.testing import FlaskClient

from app.domain.key import Credential, Scope
from app.limits.deadline import Deadline
from app.services import keys

BILL = "/v1/bills/99988526423?period=2018-01"


def a_key(*scopes: Scope) -> Credential:
    """A new key."""
    return keys.create(
        "test", scopes, actor="test", now=datetime.now(UTC), deadline=Deadline.start()
    )


def status(
    client: FlaskClient, key: Credential | None = None, path: str = BILL, **headers: str
) -> int:
    """What a GET is answered with that shows `key`, or `headers`."""
    shown = {"X-API-Key": str(key)} if key else headers
    return client.get(path, headers=shown).status_code
