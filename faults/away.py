"""A database that is away, stands still or only reads: what the service says meanwhile, and after.

Its health is asked for beside the clients, who have more requests under way than it has threads.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPException

from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Server
from faults.clients import Load, ask
from faults.journal import Answer
from faults.postgres import Postgres
from faults.trial import Trial

_SECONDS_BETWEEN = 0.5
_SECONDS_BEFORE = _SECONDS_AFTER = 2
_RECOVERY_SECONDS_MAX = 5


class Watch:
    """Asks for a page twice a second, on a thread of its own, until it is closed."""

    def __init__(self, server: Server, path: str) -> None:
        self.answers: list[Answer] = []
        self._server, self._path = server, path
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> list[Answer]:
        self._thread.start()
        return self.answers

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(_SECONDS_BETWEEN):
            try:
                self.answers.append(ask(self._server, self._path))
            except (OSError, HTTPException):
                self.answers.append(Answer(0, {}, 0))


def down_at_boot(postgres: Postgres) -> list[Row]:
    """Start the service while its database is down."""
    trial = Trial(postgres, "down_at_boot")
    with ExitStack() as harm:
        harm.enter_context(postgres.killed())
        with trial.running() as load:
            rows = _rows(trial, load, harm, seconds=25)
    return [*rows, *trial.rows]


def down(postgres: Postgres) -> list[Row]:
    """Have the database down for half a minute."""
    return _away(postgres, "down", postgres.killed(), seconds=30)


def frozen(postgres: Postgres) -> list[Row]:
    """Have the database stand still."""
    return _away(postgres, "frozen", postgres.frozen(), seconds=60)


def read_only(postgres: Postgres) -> list[Row]:
    """Have the database refuse to write, as a standby does."""
    return _away(postgres, "read_only", _reading_only(postgres), seconds=25)


@contextmanager
def _reading_only(postgres: Postgres) -> Iterator[None]:
    postgres.rows("ALTER SYSTEM SET default_transaction_read_only = on")
    postgres.rows("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        # Whoever resets it is in a transaction that only reads, too, but this is no writing.
        postgres.rows("ALTER SYSTEM RESET default_transaction_read_only")
        postgres.rows("SELECT pg_reload_conf()")


def _away(
    postgres: Postgres, name: str, away: AbstractContextManager[None], seconds: float
) -> list[Row]:
    trial = Trial(postgres, name)
    with trial.running() as load, ExitStack() as harm:
        time.sleep(_SECONDS_BEFORE)
        harm.enter_context(away)
        rows = _rows(trial, load, harm, seconds)
    return [*rows, *trial.rows]


def _rows(trial: Trial, load: Load, harm: ExitStack, seconds: float) -> list[Row]:
    """Watch for `seconds` and then end the `harm`; give what was seen and how it recovered."""
    with Watch(load.server, "/health/live") as live, Watch(load.server, "/health/ready") as ready:
        time.sleep(seconds)
    harm.close()
    recovered = trial.seconds_until_stored()
    is_ready = ask(load.server, "/health/ready").status == 200
    time.sleep(_SECONDS_AFTER)
    answers = [answer for answer in trial.journal.answers if answer.status == 503]
    return [
        at_least("times live", sum(answer.status == 200 for answer in live), 2),
        at_most("times not live", sum(answer.status != 200 for answer in live), 0),
        at_most("slowest live, s", max(answer.seconds for answer in live), 1),
        at_most("times ready", sum(answer.status == 200 for answer in ready), 0),
        at_least("answers of 503", len(answers), 1),
        at_most("without Retry-After", sum(not answer.retry_after for answer in answers), 0),
        at_most("s until it serves again", recovered, _RECOVERY_SECONDS_MAX),
        at_least("ready again", is_ready, 1),
    ]
