"""`./pulso-server tariffs`: what each command says, and the status it ends with."""

import getpass
import json

import pytest

from tests.tariff_offers import band_json, offer_bytes, tariff_offer


@pytest.fixture
def run(app):
    def run(*arguments, given=b""):
        result = app.test_cli_runner().invoke(args=["tariffs", *arguments], input=given)
        return result.exit_code, result.output

    return run


@pytest.fixture
def tariff_id(run, database):
    status, _ = run("publish", "-", given=offer_bytes())
    assert status == 0
    [(found,)] = database.rows("SELECT max(id) FROM tariffs")
    return str(found)


def test_a_tariff_is_published_from_a_file(run, tmp_path, database):
    (tmp_path / "dear.json").write_bytes(offer_bytes())

    status, output = run("publish", str(tmp_path / "dear.json"))

    [(tariff_id, actor)] = database.rows("SELECT subject, actor FROM audit_log")
    said = f"Tariff {tariff_id} is published and begins at 2100-01-01T00:00:00Z.\n"
    assert (status, output) == (0, said)
    assert actor == f"cli:{getpass.getuser()}"


def test_tariffs_are_listed(run, tariff_id):
    status, output = run("list")

    width = max(len("id"), len(tariff_id))
    assert status == 0
    assert output.splitlines() == [
        f"{'id':>{width}}  state     effective from        name",
        f"{1:>{width}}  in-force  1970-01-01T00:00:00Z  first",
        f"{tariff_id:>{width}}  future    2100-01-01T00:00:00Z  dear",
    ]


def test_a_tariff_is_shown_as_it_was_offered(run, tariff_id):
    status, output = run("show", tariff_id)

    expected = {"id": int(tariff_id), **tariff_offer(), "state": "future"}
    expected["effective_from_local"] = "2099-12-31T21:00:00-03:00"
    assert (status, json.loads(output)) == (0, expected)


def test_a_tariff_is_withdrawn(run, tariff_id):
    assert run("withdraw", tariff_id) == (0, f"Tariff {tariff_id} is withdrawn.\n")
    assert run("withdraw", tariff_id) == (1, "Error: There is no such tariff.\n")


def test_a_refusal_names_all_that_is_wrong(run):
    status, output = run("publish", "-", given=offer_bytes(name="", bands=[band_json(name=7)]))

    assert status == 1
    assert [line.partition(" ")[0] for line in output.splitlines()] == [
        "Error:",
        "/name",
        "/bands/0/name",
    ]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["withdraw", "1"], 1),
        (["show", "2147483648"], 1),
        (["publish", "-"], 1),
        (["show", "x"], 2),
        (["publish", "/no/such/file"], 2),
    ],
    ids=["begun", "not-there", "no-json", "no-number", "no-file"],
)
def test_what_cannot_be_done_ends_with_another_status(run, arguments, status):
    assert run(*arguments)[0] == status
