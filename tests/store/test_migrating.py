"""How migrations run: one process at a time, with bounded waits, and nothing left behind."""

import threading
import time

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.database.migration import migrate, schema_head
from tests.conftest import settings_for

LOCK = "pg_advisory_lock(hashtext('pulso migrations'))"
LOCKS_HELD = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
REVISION = "SELECT version_num FROM alembic_version"


def bring_up(database):
    migrate(settings_for(database.url), database.url)


def test_one_that_finds_a_table_locked_gives_up_soon_and_can_run_again(new_database):
    database = new_database(revision="0003")
    with database.connect() as holder:
        holder.set_session(autocommit=False)
        with holder.cursor() as statements:
            statements.execute("LOCK TABLE suspense")
            begin = time.monotonic()
            with pytest.raises(OperationalError, match="lock timeout"):
                bring_up(database)
            assert 2 <= time.monotonic() - begin < 10

    assert database.rows(REVISION) == [("0003",)]
    assert database.rows(LOCKS_HELD) == [(0,)]
    bring_up(database)
    assert database.rows(REVISION) == [(schema_head(),)]


def test_one_waits_for_another_and_for_longer_than_for_a_table(new_database):
    database = new_database(revision="0003")
    with database.connect() as other:
        other.cursor().execute(f"SELECT {LOCK}")
        waiting = threading.Thread(target=bring_up, args=[database])
        waiting.start()
        waiting.join(3)
        assert waiting.is_alive()
        assert database.rows(REVISION) == [("0003",)]

    waiting.join(30)
    assert database.rows(REVISION) == [(schema_head(),)]


def limits_at(part, parameter, database):
    """What `parameter` is where a statement with `part` is about to run."""
    seen = set()

    def look(_, cursor, statement, *__):
        if part in statement:
            cursor.execute(f"SHOW {parameter}")
            seen.update(cursor.fetchone())

    event.listen(Engine, "before_cursor_execute", look)
    try:
        bring_up(database)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    return seen


def test_one_does_not_wait_for_another_for_ever(new_database):
    assert limits_at(LOCK, "lock_timeout", new_database(revision="base")) == {"2min"}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("lock_timeout", "2s"), ("statement_timeout", "15s"), ("timezone", "UTC")],
)
def test_each_statement_of_one_has_its_limits(new_database, parameter, value):
    assert limits_at("CREATE TABLE calls", parameter, new_database(revision="base")) == {value}
