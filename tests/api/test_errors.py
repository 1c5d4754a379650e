"""Problems: one shape for all, nothing of the inside, and a page for each code."""

import pytest
from flask import abort

from app import create_app
from app.api.problem_table import PROBLEMS
from app.domain.call import Reason
from tests.conftest import settings_for


def test_every_problem_has_the_one_shape(client):
    answer = client.get("/no/such/path")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "The path does not exist, or there is nothing under it.",
        "code": "not-found",
        "request_id": answer.headers["X-Request-ID"],
    }


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_problem_explains_itself_under_its_type(client, code):
    page = client.get(f"/problems/{code}")

    assert page.status_code == 200
    assert page.json["meaning"] == PROBLEMS[code].meaning


def test_every_reason_for_suspense_is_a_problem():
    assert set(Reason) <= PROBLEMS.keys()


def test_a_wrong_verb_names_the_right_ones(client):
    answer = client.delete("/v1/call-records")

    assert answer.status_code == 405
    assert answer.json["code"] == "method-not-allowed"
    assert "POST" in answer.headers["Allow"]


def test_a_sane_request_id_is_taken_and_returned(client):
    given = client.get("/health/live", headers={"X-Request-ID": "switch-01.4711"})

    assert given.headers["X-Request-ID"] == "switch-01.4711"


@pytest.mark.parametrize("insane", ["", "a b", "x" * 65, "é"])
def test_any_other_request_id_is_replaced(client, insane):
    made = client.get("/health/live", headers={"X-Request-ID": insane}).headers["X-Request-ID"]

    assert made != insane
    assert len(made) == 32


@pytest.fixture
def failing_client(_service):
    """A service with two routes that go wrong."""
    app = create_app(settings_for(_service.database.url))

    @app.get("/bug")
    def bug():
        raise RuntimeError("SELECT secret FROM inside")

    @app.get("/teapot")
    def teapot():
        abort(418)

    return app.test_client()


def test_an_unexpected_failure_reveals_no_internals(failing_client, caplog):
    answer = failing_client.get("/bug")

    assert answer.status_code == 500
    assert answer.json["code"] == "internal-error"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    # Flask's own line would have the path, in which there may be anything.
    [told] = caplog.records
    assert answer.json["request_id"] in told.getMessage()
    assert "SELECT secret" in caplog.text


def test_an_http_error_of_no_code_of_its_own_keeps_its_status(failing_client):
    answer = failing_client.get("/teapot")

    assert (answer.status_code, answer.json["status"]) == (418, 418)
    assert answer.json["code"] == "bad-request"
