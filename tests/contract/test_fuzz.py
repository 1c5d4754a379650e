"""Requests made from the OpenAPI document: what it allows, and what it does not.

FUZZ_CASES is how many are made by chance for each route, besides those at the edges of what the
document allows, which are always made.
"""

import gzip
import json
import os
from collections import Counter
from ipaddress import IPv4Address

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.api.openapi.document import EXAMPLES
from app.domain.key import Scope
from tests.contract.release import current
from tests.keys import a_key

IS_AT_LENGTH = "FUZZ_CASES" in os.environ
CASES = int(os.environ.get("FUZZ_CASES", "10"))

# That a month has closed, a cursor was given by the service, a tariff begins later than now or a
# text is CSV, no schema can say: a valid request may well be refused.
BY_DESIGN = [positive_data_acceptance]
# Many records are taken whatever they are: the bad ones wait in suspense, and the answer is 200.
BY_DESIGN_OF_RECORDS = [*BY_DESIGN, negative_data_rejection]
TAKE_RECORDS = ("create_call_records", "retry_suspended_record", "look_up_records")

EXAMPLE_RECORDS = EXAMPLES["create_call_records"]["request"]["application/json"]
CONFLICT = EXAMPLE_RECORDS["end"] | {"id": "8", "timestamp": "2016-02-29T14:05:00Z"}


class Server:
    """Passes the requests that schemathesis makes to the application of the test."""

    def __init__(self):
        self.app = None
        self.cases = 0
        self.statuses = Counter()

    def __call__(self, environ, start_response):
        def start(status, headers, *more):
            self.statuses[status[:3]] += 1
            return start_response(status, headers, *more)

        # Each comes from an address of its own: 20 failed keys from one are answered 429.
        environ["REMOTE_ADDR"] = str(IPv4Address(self.statuses.total()))
        return self.app(environ, start)


@schemathesis.serializer("application/x-ndjson", "text/csv")
def as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


@schemathesis.serializer("application/gzip")
def as_gzip(context, value):
    return value if isinstance(value, bytes) else gzip.compress(json.dumps(value).encode())


schema = schemathesis.openapi.from_dict(current())
schema.app = SERVER = Server()


@pytest.fixture(scope="module", autouse=True)
def told(request):
    yield
    if IS_AT_LENGTH:
        capture = request.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\n{SERVER.cases} cases, answered {dict(SERVER.statuses)}")  # noqa: T201


@pytest.fixture
def key(guarded_app):
    """A key for all routes of a service that has what the examples of the document speak of."""
    SERVER.app = guarded_app
    shown = {"X-API-Key": str(a_key(Scope.ADMIN))}
    client = guarded_app.test_client()
    for each in (*EXAMPLE_RECORDS.values(), CONFLICT):
        client.post("/v1/call-records", data=json.dumps(each), headers=shown)
    client.put("/v1/subscribers/99988526423", json={"name": "Maria"}, headers=shown)
    return shown["X-API-Key"]


@schema.parametrize()
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=not IS_AT_LENGTH,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_answers_are_as_documented(case, key):
    SERVER.cases += 1
    takes_records = case.operation.definition.raw["operationId"] in TAKE_RECORDS
    case.call_and_validate(
        headers={"X-API-Key": key},
        excluded_checks=BY_DESIGN_OF_RECORDS if takes_records else BY_DESIGN,
    )
