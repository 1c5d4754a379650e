"""A PostgreSQL that can be killed, frozen and started again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg2

from app.database.embedded import embedded_database
from benchmarks.place import Place, superuser_of

_DEADLOCKS = "SELECT coalesce(sum(deadlocks), 0) FROM pg_stat_database"


class Postgres(Place):
    """An embedded PostgreSQL in a folder of its own; as a context, it is stopped at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = ExitStack()
        self._deadlocks_forgotten = 0
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._starts.close()

    def start(self) -> None:
        """Start it, and wait until it can be used. One that runs is left as it is."""
        url = self._starts.enter_context(embedded_database(self._folder))
        super().__init__(superuser_of(url))

    def rows(
        self, statement: str, values: tuple[Any, ...] | None = None, *, url: str = ""
    ) -> list[Any]:
        """Give what a statement of the superuser gives, in the database of `url` or his own."""
        with self.connect(url or self.superuser_url) as opened, opened.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def deadlocks(self) -> int:
        """Count the deadlocks there have been, also before it was killed."""
        [(count,)] = self.rows(_DEADLOCKS)
        return int(count) + self._deadlocks_forgotten

    def kill(self) -> None:
        """Kill -9 all of its processes at once."""
        with suppress(psycopg2.Error):  # It may be down already, by itself.
            self._deadlocks_forgotten = self.deadlocks()
        found = self._suspended()
        for each in found:
            each.kill()
        psutil.wait_procs(found, timeout=30)

    @contextmanager
    def killed(self) -> Iterator[None]:
        """Have it away meanwhile."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have all of its processes stand still meanwhile."""
        found = self._suspended()
        try:
            yield
        finally:
            for each in found:
                with suppress(psutil.NoSuchProcess):
                    each.resume()

    def _suspended(self) -> list[psutil.Process]:
        """Stop all processes, the one that makes the others first."""
        try:
            number = (self._folder / "postgres" / "postmaster.pid").read_text().split()[0]
            postmaster = psutil.Process(int(number))
            postmaster.suspend()
        except (OSError, psutil.NoSuchProcess):
            return []
        found = [postmaster, *postmaster.children(recursive=True)]
        for each in found:
            with suppress(psutil.NoSuchProcess):
                each.suspend()
        return found
