"""Looks at every line of the log that the suite makes the service write."""

import re
from collections.abc import Iterator

import pytest

from app.telemetry import log
from app.telemetry.log import Fields

# The id of a key may have so many digits in a row, and is told on purpose.
_KEY_ID = re.compile(r'"key_id":"[0-9a-f]{12}"')
_TELEPHONE_NUMBER = re.compile(r"(?<![0-9])[0-9]{10,15}(?![0-9])")
_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}\.[\w-]{43}")


def fault_of(line: str) -> str | None:
    """What a line must not have."""
    if not (line.isascii() and line.isprintable()):
        return "a line break, or what a terminal would obey"
    if _TELEPHONE_NUMBER.search(_KEY_ID.sub("", line)):
        return "a telephone number"
    return "a key" if _KEY.search(line) else None


@pytest.fixture(scope="session")
def faulty_lines() -> Iterator[list[str]]:
    """The lines that have been found faulty since they were last asked for."""
    found: list[str] = []

    def json_line(fields: Fields) -> str:
        line = made(fields)
        if fault := fault_of(line):
            found.append(f"{fault}: {line!r}")
        return line

    made, log.json_line = log.json_line, json_line
    yield found
    log.json_line = made


@pytest.fixture(autouse=True)
def log_tells_nothing_private(faulty_lines: list[str]) -> Iterator[None]:
    """Fail the test in which the log told what it must not."""
    yield
    found = faulty_lines.copy()
    faulty_lines.clear()
    assert not found, "\n".join(found)
