"""Nobody gets in without a key, and a key does only what its scopes say."""

import base64
from datetime import UTC, datetime

import pytest

from app.api.operation import OPERATIONS
from app.domain.key import Scope
from app.limits.deadline import Deadline
from app.services import keys
from tests.api.odd_requests import CASES, send
from tests.factories import a_start
from tests.keys import BILL, a_key, status

RECORDS = "/v1/call-records"
NEEDING_KEYS = [case for case in CASES if "needs_keys" in case]


@pytest.fixture
def app(guarded_app):
    return guarded_app


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_key_may_be_shown_in_three_ways(client):
    key = a_key(Scope.READ_BILLS)

    assert status(client, key) == 200
    assert status(client, Authorization=f"Bearer {key}") == 200
    assert status(client, Authorization=basic(f"{key.key_id}:{key.secret}")) == 200


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "x"},
        {"X-API-Key": "."},
        {"X-API-Key": "a.b"},
        {"X-API-Key": "\u00e9.\u00e9"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a.b c"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"Authorization": basic("a:b")},
        {"Authorization": "Digest a.b"},
    ],
    ids=str,
)
def test_an_invalid_key_is_refused_and_nothing_is_kept(client, database, header):
    answers = [
        client.get(BILL, headers=header),
        client.post(RECORDS, json=a_start("70"), headers=header),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
        assert "Basic" in answer.headers["WWW-Authenticate"]
    assert database.rows(
        "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM suspense)"
    ) == [(0, 0)]


def test_another_secret_with_the_same_id_is_refused(client):
    key = a_key(Scope.ADMIN)

    for secret in (key.secret + "x", key.secret[:-1], key.secret.swapcase(), ""):
        assert status(client, key._replace(secret=secret)) == 401


def test_a_key_in_the_url_is_not_looked_at(client):
    key = a_key(Scope.ADMIN)

    assert client.get(f"{BILL}&api_key={key}&X-API-Key={key}").status_code == 401


@pytest.mark.parametrize("case", NEEDING_KEYS, ids=lambda case: case["name"])
def test_an_odd_key_is_refused_and_nothing_kept(client, database, case):
    valid, reading, revoked = (
        a_key(scope) for scope in (Scope.INGEST, Scope.READ_BILLS, Scope.INGEST)
    )
    keys.revoke(revoked.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())
    texts = {"VALID_KEY": valid, "READ_ONLY_KEY": reading, "REVOKED_KEY": revoked}

    def filled(text):
        for name, key in texts.items():
            text = text and text.replace("{{" + name + "}}", str(key))
        return text

    headers = {name: filled(value) for name, value in case.get("headers", {}).items()}
    query = {"raw_query": filled(case["raw_query"])} if "raw_query" in case else {}

    for _ in range(2):
        answer = send(client, case | {"headers": headers} | query)
        assert answer.status_code in (401, 403)
    assert database.rows("SELECT count(*) FROM calls") == [(0,)]


NOWHERE = "0" * 64
# What each scope may ask for, by an example of each kind of route.
ALLOWED = {
    Scope.INGEST: {"deliver", "look up", "own suspense"},
    Scope.READ_CALLS: {"look up", "own suspense", "calls", "suspense"},
    Scope.WRITE_SUSPENSE: {"look up", "own suspense", "calls", "suspense", "resolve", "settle"},
    Scope.READ_BILLS: {"look up", "own suspense", "calls", "suspense", "bill", "tariffs"},
    Scope.READ_METRICS: {"metrics"},
}
EXAMPLES = {
    "deliver": ("POST", RECORDS, a_start("70")),
    "look up": ("POST", "/v1/lookups", a_start("70")),
    "own suspense": ("GET", f"/v1/suspense/{NOWHERE}", None),
    "calls": ("GET", "/v1/calls", None),
    "suspense": ("GET", "/v1/suspense", None),
    "resolve": ("POST", f"/v1/suspense/{NOWHERE}/write-off", {"note": "noise"}),
    "settle": ("POST", "/v1/settlements", {"call_id": "1", "other_call_id": "2", "records": []}),
    "bill": ("GET", BILL, None),
    "tariffs": ("GET", "/v1/tariffs", None),
    "metrics": ("GET", "/metrics", None),
    "audit": ("GET", "/v1/audit", None),
    "name": ("PUT", "/v1/subscribers/11987654321", {"name": "Ana"}),
}


@pytest.mark.parametrize("scope", Scope)
def test_a_key_does_what_its_scope_says_and_no_more(client, scope):
    shown = {"X-API-Key": str(a_key(scope))}

    allowed = set()
    for name, (method, path, body) in EXAMPLES.items():
        answer = client.open(path, method=method, json=body, headers=shown)
        assert answer.status_code != 401
        if answer.status_code != 403:
            allowed.add(name)

    assert allowed == ALLOWED.get(scope, set(EXAMPLES))


def test_a_scope_that_only_a_newer_release_knows_allows_nothing(client, database):
    key = a_key(Scope.READ_METRICS)
    database.rows("ALTER TABLE api_keys DISABLE TRIGGER api_keys_audited_update")
    database.rows("UPDATE api_keys SET scopes = scopes || '{newer:write}'")
    database.rows("ALTER TABLE api_keys ENABLE ALWAYS TRIGGER api_keys_audited_update")

    assert status(client, key, "/metrics") == 200
    assert status(client, key) == 403


def test_every_route_declares_its_scope(app):
    for rule in app.url_map.iter_rules():
        assert app.view_functions[rule.endpoint] in OPERATIONS, rule


def test_a_route_that_declares_nothing_is_for_admins_alone(app):
    app.add_url_rule("/undeclared", view_func=lambda: "in", endpoint="undeclared")
    client = app.test_client()
    admin, other = a_key(Scope.ADMIN), a_key(Scope.INGEST, Scope.READ_BILLS)

    answers = [status(client, key, path="/undeclared") for key in (None, other, admin)]

    assert answers == [401, 403, 200]


def test_unknown_paths_and_health_need_no_key(client):
    assert status(client, path="/nothing") == 404
    assert client.delete(RECORDS).status_code == 405
    assert status(client, path="/health/live") == 200
    assert status(client, path="/problems/unauthorized") == 200


def test_of_a_secret_only_the_hash_is_kept(database, app):
    key = a_key(Scope.ADMIN)

    [(row,)] = database.rows("SELECT api_keys::text FROM api_keys")

    assert key.key_id in row
    assert key.secret not in row
    assert len(base64.urlsafe_b64decode(key.secret + "=")) == 32


def test_making_and_revoking_a_key_is_in_the_audit_log(client, app):
    key = a_key(Scope.ADMIN)
    keys.revoke(key.key_id, actor="cli:ana", now=datetime.now(UTC), deadline=Deadline.start())

    shown = {"X-API-Key": str(a_key(Scope.ADMIN))}
    lines = client.get(f"/v1/audit?subject={key.key_id}", headers=shown).json["lines"]

    assert [(line["actor"], line["act"]) for line in lines] == [
        ("cli:ana", "key-revoked"),
        ("test", "key-created"),
    ]
