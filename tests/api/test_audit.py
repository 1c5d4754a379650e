"""`/v1/audit`: who changed what, newest first."""

import pytest

from app.database.transactions import transaction
from app.domain.audit import Act, Deed
from app.domain.key import Scope
from app.limits.deadline import Deadline
from app.store import audit
from tests.keys import a_key


@pytest.fixture
def five_deeds(app):
    deeds = [
        Deed("cli:ana", Act.SUBSCRIBER_NAMED, f"1190000000{n % 2}", None, {"name": f"{n}"})
        for n in range(5)
    ]
    for each in deeds:
        with app.app_context(), transaction(Deadline.start()) as connection:
            audit.record(connection, [each])


def names(answer):
    return [line["after"]["name"] for line in answer.json["lines"]]


def test_lines_come_newest_first_and_in_pages(client, five_deeds):
    first = client.get("/v1/audit?limit=3")
    second = client.get(f"/v1/audit?limit=3&cursor={first.json['next_cursor']}")

    assert names(first) + names(second) == ["4", "3", "2", "1", "0"]
    assert second.json["next_cursor"] is None


def test_a_page_has_100_lines_where_no_limit_is_given(client, app):
    deed = Deed("cli:ana", Act.SUBSCRIBER_NAMED, "11900000000", None, {"name": ""})
    with app.app_context(), transaction(Deadline.start()) as connection:
        audit.record(connection, [deed] * 101)

    assert len(names(client.get("/v1/audit"))) == 100


def test_the_list_can_be_cut_to_one_subject(client, five_deeds):
    assert names(client.get("/v1/audit?subject=11900000001")) == ["3", "1"]


def test_a_line_says_who_did_what_when(client, five_deeds):
    [line] = client.get("/v1/audit?limit=1").json["lines"]

    assert line.pop("happened_at").endswith("Z")
    assert line.pop("id") > 0
    assert line == {
        "actor": "cli:ana",
        "act": "subscriber-named",
        "actor_name": None,
        "subject": "11900000000",
        "before": None,
        "after": {"name": "4"},
    }


@pytest.mark.parametrize(
    "cursor", ["x", "MQ==", "WyJhIl0=", "WyIwIl0=", "W1siMSJdXQ==", "eyJhIjoxfQ==", "WyIxIiwiMSJd"]
)
def test_a_cursor_that_was_never_given_is_refused(client, cursor):
    assert client.get(f"/v1/audit?cursor={cursor}").status_code == 422


def test_a_subject_that_cannot_be_one_is_refused(client):
    answer = client.get("/v1/audit?subject=%00")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-parameter")


def test_a_line_names_the_key_that_did_it(guarded_app):
    key = a_key(Scope.ADMIN)
    client = guarded_app.test_client()
    shown = {"X-API-Key": str(key)}
    client.put("/v1/subscribers/11987654321", json={"name": "Ana"}, headers=shown)

    newest, made = client.get("/v1/audit", headers=shown).json["lines"]

    assert (newest["actor"], newest["actor_name"]) == (f"key:{key.key_id}", "test")
    assert (made["actor"], made["actor_name"]) == ("test", None)
