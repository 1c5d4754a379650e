"""Records taken as the API takes those that are posted singly."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Flask

from app.api.readers import read_body
from app.domain.delivery import Outcome
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from app.services.single_intake import SingleIntake
from tests.factories import Json, bytes_of

NOW = datetime(2018, 2, 3, tzinfo=UTC)


def accept(
    app: Flask,
    intake: SingleIntake,
    record: Json,
    now: datetime = NOW,
    deadline: Deadline | None = None,
) -> Outcome:
    """Have the intake of a worker take a record; give what became of it."""
    reader = CallRecordReader(app.extensions["pulso_pricing"].billing_zone)
    [delivery] = read_body(bytes_of(record), reader, now).deliveries
    with app.app_context():
        return intake.accept(delivery, now, deadline=deadline or Deadline.start())


@contextmanager
def led_by_another(intake: SingleIntake) -> Iterator[None]:
    """Have single records wait, as if one were at the database; then the first of them leads."""
    intake.is_led = True
    try:
        yield
    finally:
        with intake._lock:
            intake._pass_lead()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def verdicts(outcomes: Iterable[Outcome]) -> list[str]:
    return [outcome.reason or outcome.verdict for outcome in outcomes]
