"""Connections that are cut off where it hurts."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from sqlalchemy import Connection

from app.database import transactions
from app.database.transactions import transaction
from app.limits.deadline import Deadline


@contextmanager
def cut_off_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service's first transaction is committed, and it hears nothing of that."""
    cuts: list[int] = []

    @contextmanager
    def cut_off(deadline: Deadline | None, **options: bool) -> Iterator[Connection]:
        with transaction(deadline, **options) as connection:
            yield connection
        if not cuts:
            cuts.append(1)
            raise psycopg2.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(transactions, "transaction", cut_off)
        yield
    assert cuts == [1]
