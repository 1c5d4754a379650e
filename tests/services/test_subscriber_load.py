"""`./pulso-server subscribers load`: all of a file, or nothing of it."""

import getpass
import re

import psycopg2
import pytest

from app.limits.deadline import Deadline
from app.services import subscribers as service

NAMES = "SELECT number, name FROM subscribers ORDER BY number"
ANA, BIA, EVA = ("11987654321", "Ana"), ("11987654322", "Bia"), ("11987654323", "Eva")


@pytest.fixture
def load(app, tmp_path):
    """Runs the command on a file of these bytes."""

    def run(content):
        path = tmp_path / "subscribers.csv"
        path.write_bytes(content)
        return app.test_cli_runner().invoke(args=["subscribers", "load", str(path)])

    return run


def file_of(*rows):
    return "".join(f"{number},{name}\n" for number, name in [("number", "name"), *rows]).encode()


def test_each_line_names_a_subscriber(load, database):
    first = load(file_of(ANA, BIA))
    second = load(file_of(ANA, (BIA[0], "Beatriz"), EVA))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == "2 subscribers: 2 new, 0 renamed, 0 as they were.\n"
    assert second.stdout == "3 subscribers: 1 new, 1 renamed, 1 as they were.\n"
    assert first.stderr == second.stderr == ""
    assert database.rows(NAMES) == [ANA, (BIA[0], "Beatriz"), EVA]


def test_names_are_found_as_those_given_one_by_one_are(load, client):
    load("number;name\n11987654321;JOSE\u0301  Souza\n".encode())

    [found] = client.get("/v1/subscribers?name=josé souza").json["subscribers"]
    assert found == {"number": ANA[0], "name": "JOS\u00c9  Souza"}


def test_each_change_has_its_line_in_the_audit_log(load, database):
    load(file_of(ANA, BIA))
    load(file_of(ANA, (BIA[0], "Beatriz")))

    by = f"cli:{getpass.getuser()}"
    assert database.rows(
        "SELECT actor, act, subject, before, after FROM audit_log ORDER BY id"
    ) == [
        (by, "subscriber-named", ANA[0], None, {"name": "Ana"}),
        (by, "subscriber-named", BIA[0], None, {"name": "Bia"}),
        (by, "subscriber-named", BIA[0], {"name": "Bia"}, {"name": "Beatriz"}),
    ]


def test_a_bad_line_is_told_and_nothing_is_loaded(load, database):
    done = load(file_of(ANA, ("1", "Bia"), (EVA[0], ""), BIA))

    assert done.exit_code == 1
    assert [line.split(":")[:2] for line in done.stderr.splitlines()[:2]] == [
        ["line 3", " number"],
        ["line 4", " name"],
    ]
    assert "Nothing was loaded" in done.stderr
    assert database.rows(NAMES) == []


def test_what_fails_on_its_way_leaves_nothing_half_done(load, database, monkeypatch):
    monkeypatch.setattr(service, "_LOAD_CHUNK", 2)
    write = service.subscribers.write

    def write_the_first_chunk(connection, named):
        if EVA in named:
            raise psycopg2.ProgrammingError("not the second one")
        return write(connection, named)

    monkeypatch.setattr(service.subscribers, "write", write_the_first_chunk)

    assert load(file_of(ANA, BIA, EVA)).exit_code == 1
    assert database.rows(NAMES) == []
    assert database.rows("SELECT count(*) FROM audit_log") == [(0,)]


def test_what_is_tried_again_is_loaded_once(load, database, monkeypatch):
    monkeypatch.setattr(service, "_LOAD_CHUNK", 2)
    write, failures = service.subscribers.write, [psycopg2.OperationalError("gone")]

    def write_the_second_time(connection, named):
        if EVA in named and failures:
            raise failures.pop()
        return write(connection, named)

    monkeypatch.setattr(service.subscribers, "write", write_the_second_time)

    assert "3 subscribers: 3 new, 0 renamed" in load(file_of(ANA, BIA, EVA)).stdout
    assert database.rows("SELECT count(*) FROM audit_log") == [(3,)]


def test_the_log_is_looked_at_chunk_by_chunk(load, record_statements, database, monkeypatch):
    monkeypatch.setattr(service, "_LOAD_CHUNK", 10)
    client, sent = record_statements(database)
    with client.application.app_context():
        service.load_subscribers(
            [service.Subscriber(f"{11900000000 + n}", "Ana") for n in range(30)],
            actor="test",
            deadline=Deadline.start(),
            report=lambda _: None,
        )

    words = [re.findall(r"[A-Z]+", statement)[0] for statement in sent]
    assert words == ["INSERT", "UPDATE", "INSERT", "SET"] * 3


def test_a_load_without_its_lines_is_refused_at_its_first_chunk(load, database, monkeypatch):
    monkeypatch.setattr(service, "_LOAD_CHUNK", 1)
    monkeypatch.setattr(service.audit, "record", lambda *_: None)

    assert load(file_of(ANA, BIA)).exit_code == 1
    assert database.rows(NAMES) == []


def test_a_file_that_is_not_there_is_told(app):
    done = app.test_cli_runner().invoke(args=["subscribers", "load", "nowhere.csv"])

    assert done.exit_code == 2
    assert "does not exist" in done.stderr
