"""The log: one line for each thing that is told, on standard output; numbers and keys masked.

A line is JSON, or where somebody reads along on a terminal, text. What is logged by `logging` ends
here too, whoever logs it.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO

import click
import msgspec
from flask import g, has_app_context

Fields = dict[str, str | float | None]

# With its country code, a telephone number has up to 15 digits (E.164). What is none and is masked
# all the same is no loss to a log.
_TELEPHONE_NUMBER = re.compile(r"(?<![0-9])([0-9]{2})[0-9]{4,9}([0-9]{4})(?![0-9])")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
# The secret of a key behind its id, or both in base64, as HTTP Basic has them.
_SECRET = re.compile(r"(?<=\.)[\w-]{43}(?![\w-])|[A-Za-z0-9]{75}=", re.ASCII)
_SECRET_BEHIND_ID = re.compile(r"\.[\w-]{43}", re.ASCII)

_lock = threading.Lock()


def write_line(
    stream: TextIO | None, level: str, logger: str, message: str, fields: Fields
) -> None:
    """Write one line now: when, `level`, `logger`, `message`, then `fields`.

    One that cannot be written, to a full disk for instance, is lost, and nobody is kept by that.
    A process that was started with its output closed has no `stream`.
    """
    if stream is None:
        return
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    said: Fields = {"time": f"{when[:-6]}Z", "level": level, "logger": logger, "message": message}
    said |= fields
    try:
        line = _form_for(stream)(said)
        with _lock:
            stream.write(f"{line}\n")
            stream.flush()
    except (OSError, ValueError):
        return


@lru_cache(2)  # To ask the system each time would let another thread go first.
def _form_for(stream: TextIO) -> Callable[[Fields], str]:
    return readable_line if stream.isatty() else json_line


def masked(text: str) -> str:
    """Give `text` with every telephone number as `11*****4321`, and no secret of a key."""
    return _TELEPHONE_NUMBER.sub(r"\1*****\2", _SECRET.sub("*****", text))


def json_line(fields: Fields) -> str:
    """Give `fields` as JSON in ASCII, in which nothing is taken for a line break."""
    try:
        line = msgspec.json.encode(fields).decode()
        is_plain = line.isascii() and "=" not in line  # There is none in most lines.
        if is_plain and not _TEN_DIGITS.search(line) and not _SECRET_BEHIND_ID.search(line):
            return line
    except UnicodeEncodeError:
        pass  # Half of a surrogate pair.
    # Few lines get here, and each value is looked at by itself.
    return json.dumps(_masked_values(fields), separators=(",", ":"))


def readable_line(fields: Fields) -> str:
    """Give `fields` for a person; only a traceback is more than one line, and indented."""
    said = {name: str(value) for name, value in _masked_values(fields).items() if value is not None}
    del said["logger"]
    lines = said.pop("exception", "").splitlines()
    head = [_escaped(said.pop(name)) for name in ("time", "level", "message")]
    named = [f"{name}={_escaped(value)}" for name, value in said.items()]
    return "\n    ".join([" ".join([*head, *named]), *map(_escaped, lines)])


def _masked_values(fields: Fields) -> Fields:
    # The id of a key is no sender's text, and it is looked for by whoever reads of it.
    return {
        name: masked(value) if isinstance(value, str) and name != "key_id" else value
        for name, value in fields.items()
    }


def _escaped(text: str) -> str:
    """Give `text` without line breaks and other characters that a terminal would obey."""
    return json.dumps(text)[1:-1].replace("\x7f", "\\u007f")


class LineHandler(logging.Handler):
    """Writes what is logged, with the id of the request it is about and the traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of `record`."""
        try:
            fields: Fields = {}
            if has_app_context() and "request_id" in g:
                fields["request_id"] = g.request_id
            if record.exc_info:
                fields["exception"] = logging.Formatter().formatException(record.exc_info)
            # What a command gives on standard output may be read by another program.
            stream = sys.stderr if click.get_current_context(silent=True) else sys.stdout
            write_line(stream, record.levelname.lower(), record.name, record.getMessage(), fields)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name is logging's
        """Lose the line: telling of it as logging does, with the values as they are, is worse."""


def configure_logging() -> None:
    """Have everything that is logged in this process written here; a second time changes nothing.

    Of the service itself from INFO on, of libraries from WARNING.
    """
    root = logging.getLogger()
    if not any(isinstance(each, LineHandler) for each in root.handlers):
        root.addHandler(LineHandler())
    logging.getLogger("app").setLevel(logging.INFO)
