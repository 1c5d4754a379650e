"""Connections that are cut off where it hurts."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import psycopg2
import pytest

from app.database.transactions import Cursor, transaction


@contextmanager
def cut_off_after_the_commit(
    service: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The service's first transaction is committed, and it hears nothing of that."""
    cuts = []

    @contextmanager
    def cut_off() -> Iterator[Cursor]:
        with transaction() as cursor:
            yield cursor
        if not cuts:
            cuts.append(1)
            raise psycopg2.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(service, "transaction", cut_off)
        yield
    assert cuts == [1]
