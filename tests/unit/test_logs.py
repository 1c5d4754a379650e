"""The form of a line in the log: nothing a sender wrote breaks it, and no number is told."""

import io
import json
import logging
import sys
from base64 import b64encode

import click
import pytest
from gunicorn.config import Config

from app.domain.key import Credential
from app.server.log import ServerLog
from app.telemetry.log import (
    LineHandler,
    configure_logging,
    json_line,
    masked,
    readable_line,
    write_line,
)
from tests.log_lines import fault_of

CREDENTIAL = Credential("26ff054514b7", "q0-Zs1XhJt7_cWv9RrGm3bYxEoKd5PnLuAi2TfHy8Bw")
KEY = str(CREDENTIAL)

HOSTILE = {
    "line-feed": 'a\n{"level":"error"}',
    "carriage-return": "a\rb",
    "line-separator": "a\u2028b\u2029c",
    "next-line": "a\x85b",
    "vertical-tab-and-form-feed": "a\x0bb\x0cc",
    "escape-sequence": "a\x1b[2Jb",
    "nul": "a\x00b",
    "delete": "a\x7fb",
    "half-a-surrogate-pair": "a\ud800b",
    "quotes": 'a"b\\c',
}


def fields(**others):
    return {"time": "t", "level": "info", "logger": "app", "message": "m"} | others


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"message":"of 11987654321"}', "a telephone number"),
        (f'{{"message":"{KEY}"}}', "a key"),
        ('{"message":"a\nb"}', "a line break, or what a terminal would obey"),
        ('{"message":"of 11*****4321","key_id":"123456789012"}', None),
    ],
)
def test_what_must_not_be_in_a_line_of_the_suite_is_found(line, fault):
    assert fault_of(line) == fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("11987654321", "11*****4321"),
        ("1133334444", "11*****4444"),
        ("call of 11987654321, to 1133334444", "call of 11*****4321, to 11*****4444"),
        ("+5511987654321", "+55*****4321"),
        ("tel11987654321x", "tel11*****4321x"),
        ("'source': 11987654321}", "'source': 11*****4321}"),
        ("line one\n11987654321", "line one\n11*****4321"),
        ("123456789", "123456789"),
        ("2026-11-21T00:10:01.758Z", "2026-11-21T00:10:01.758Z"),
        ("1234567890123456", "1234567890123456"),
    ],
)
def test_telephone_numbers_are_masked(text, told):
    assert masked(text) == told


@pytest.mark.parametrize("form", [json_line, readable_line])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"Invalid HTTP Header: 'X-API-Key {CREDENTIAL}'",
            f"'X-API-Key {CREDENTIAL.key_id}.*****'",
        ),
        (f"Basic {b64encode(str(CREDENTIAL).encode()).decode()}", "Basic *****"),
        (f"{CREDENTIAL}", f"{CREDENTIAL.key_id}.*****"),
    ],
    ids=["header", "basic", "alone"],
)
@pytest.mark.parametrize("name", ["message", "request_id", "exception"])
def test_the_secret_of_a_key_is_in_no_line(form, text, told, name):
    line = form(fields(**{name: text}))

    assert told in line
    assert CREDENTIAL.secret not in line


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_line_of_json_is_one_line_and_holds_what_was_said(text):
    line = json_line(fields(message=text, other=text))

    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert json.loads(line) == fields(message=text, other=text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["message", "request_id", "exception"])
def test_a_readable_line_obeys_nobody(text, name):
    line = readable_line(fields(**{name: text}))

    assert all(each.isprintable() for each in line.replace("\n    ", ""))
    assert name == "exception" or "\n" not in line


@pytest.mark.parametrize("form", [json_line, readable_line])
@pytest.mark.parametrize("name", ["message", "request_id", "exception"])
def test_every_value_is_masked(form, name):
    line = form(fields(**{name: "of 11987654321"}))

    assert "of 11*****4321" in line
    assert "11987654321" not in line


def test_on_a_terminal_it_is_read_by_people():
    terminal = Terminal()

    write_line(terminal, "warning", "app.x", "it broke", {"status": 503, "key_id": None})

    assert terminal.getvalue()[24:] == " warning it broke status=503\n"


@pytest.fixture
def logger():
    made = logging.Logger("app.test")
    made.addHandler(LineHandler())
    return made


def test_a_traceback_is_masked_and_on_the_same_line(logger, capsys):
    try:
        int("no such\nnumber: 11987654321")
    except ValueError:
        logger.exception("of %s", "1133334444")

    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["message"] == "of 11*****4444"
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["exception"].endswith(r"'no such\nnumber: 11*****4321'")


def test_what_cannot_be_said_or_written_is_lost_and_disturbs_nobody(logger, capsys, monkeypatch):
    logger.error("%d is no number", "11987654321")
    full = io.StringIO()
    monkeypatch.setattr(full, "write", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))
    monkeypatch.setattr(sys, "stdout", full)
    logger.error("it broke")
    full.close()
    logger.error("it broke")
    monkeypatch.setattr(sys, "stdout", None)  # As it is in a process started with it closed.
    logger.error("it broke")
    write_line(sys.stdout, "info", "app", "request", {})

    assert capsys.readouterr() == ("", "")


def test_what_a_command_gives_is_kept_apart_from_its_log(logger, capsys):
    @click.command()
    def work():
        logger.warning("it broke")
        click.echo("done")

    work.main([], standalone_mode=False)

    out, err = capsys.readouterr()
    assert out == "done\n"
    assert json.loads(err)["message"] == "it broke"


def test_lines_are_written_once_however_often_logging_is_configured(capsys):
    for _ in range(3):
        configure_logging()

    logging.getLogger("app.test").info("told")
    logging.getLogger("another.library").info("not told")

    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["message"] == "told"


def test_the_server_writes_its_own_lines_in_the_same_form(capsys):
    log = ServerLog(Config())

    log.info("Invalid request: %r", "\r\n11987654321")

    out, err = capsys.readouterr()
    assert json.loads(out)["message"] == r"Invalid request: '\r\n11*****4321'"
    assert err == ""
