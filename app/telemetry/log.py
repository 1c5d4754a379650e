"""The log: one line per event on standard output, with telephone numbers and keys masked.

A line is JSON, or text on a terminal. Everything logged through `logging` is written here too.
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

# With its country code, a telephone number has up to 15 digits (E.164). Masking other numbers of
# that length does no harm.
_TELEPHONE_NUMBER = re.compile(r"(?<![0-9])([0-9]{2})[0-9]{4,9}([0-9]{4})(?![0-9])")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
# The secret of a key after its id, or both in base64, as in HTTP Basic.
_SECRET = re.compile(r"(?<=\.)[\w-]{43}(?![\w-])|[A-Za-z0-9]{75}=", re.ASCII)
_SECRET_BEHIND_ID = re.compile(r"\.[\w-]{43}", re.ASCII)

_lock = threading.Lock()


def write_line(
    stream: TextIO | None, level: str, logger: str, message: str, fields: Fields
) -> None:
    """Write one line: the time, `level`, `logger`, `message`, then `fields`.

    A line that cannot be written, for example to a full disk, is lost; the caller continues.
    `stream` is None in a process that was started with its output closed.
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


@lru_cache(2)  # A system call for each line would let another thread run first.
def _form_for(stream: TextIO) -> Callable[[Fields], str]:
    return readable_line if stream.isatty() else json_line


def masked(text: str) -> str:
    """Return `text` with telephone numbers as `11*****4321`, and without secrets of keys."""
    return _TELEPHONE_NUMBER.sub(r"\1*****\2", _SECRET.sub("*****", text))


def json_line(fields: Fields) -> str:
    """Return `fields` as JSON in ASCII, which contains no line break."""
    try:
        line = msgspec.json.encode(fields).decode()
        is_plain = line.isascii() and "=" not in line  # Most lines have no `=`.
        if is_plain and not _TEN_DIGITS.search(line) and not _SECRET_BEHIND_ID.search(line):
            return line
    except UnicodeEncodeError:
        pass  # A lone surrogate.
    # Few lines get here; each value is masked separately.
    return json.dumps(_masked_values(fields), separators=(",", ":"))


def readable_line(fields: Fields) -> str:
    """Return `fields` as text; a traceback follows on indented lines."""
    said = {name: str(value) for name, value in _masked_values(fields).items() if value is not None}
    del said["logger"]
    lines = said.pop("exception", "").splitlines()
    head = [_escaped(said.pop(name)) for name in ("time", "level", "message")]
    named = [f"{name}={_escaped(value)}" for name, value in said.items()]
    return "\n    ".join([" ".join([*head, *named]), *map(_escaped, lines)])


def _masked_values(fields: Fields) -> Fields:
    # The service makes the ids of keys, and operators search the log for them.
    return {
        name: masked(value) if isinstance(value, str) and name != "key_id" else value
        for name, value in fields.items()
    }


def _escaped(text: str) -> str:
    """Return `text` with line breaks and other control characters escaped."""
    return json.dumps(text)[1:-1].replace("\x7f", "\\u007f")


class LineHandler(logging.Handler):
    """Writes log records, with the id of their request and the traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of `record`."""
        try:
            fields: Fields = {}
            if has_app_context() and "request_id" in g:
                fields["request_id"] = g.request_id
            if record.exc_info:
                fields["exception"] = logging.Formatter().formatException(record.exc_info)
            # Another program may read the standard output of a command.
            stream = sys.stderr if click.get_current_context(silent=True) else sys.stdout
            write_line(stream, record.levelname.lower(), record.name, record.getMessage(), fields)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name is logging's
        """Drop the line: the default would print its values unmasked."""


def configure_logging() -> None:
    """Write all log records of this process here; a second call changes nothing.

    The level is INFO for the service and WARNING for libraries.
    """
    root = logging.getLogger()
    if not any(isinstance(each, LineHandler) for each in root.handlers):
        root.addHandler(LineHandler())
    logging.getLogger("app").setLevel(logging.INFO)
