"""Whether the service can work now: the database answers, writes, is durable, has the schema."""

from app.database.transactions import retrying, transaction
from app.store import server

# Long enough to replace connections that a restart of the database has cut.
_PATIENCE_SECONDS = 1
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def check_ready(schema_head: str) -> list[str]:
    """Give what stands in the way, in sentences without names or versions; none when ready.

    A newer schema than `schema_head` does not: each works with the code before it. Raises
    Unavailable when the database does not answer.
    """
    return retrying(lambda: _check(schema_head), seconds_max=_PATIENCE_SECONDS)


def connections_allowed() -> int:
    """Give how many connections the service can have to its database.

    Raises Unavailable, at once, when the database does not answer. It asks without the watchdog,
    whose thread must not be there yet when worker processes are made.
    """

    def read() -> int:
        with transaction(read_only=True, is_long=True) as cursor:
            return server.connections_allowed(cursor)

    return retrying(read, seconds_max=0)


def _check(schema_head: str) -> list[str]:
    with transaction(read_only=True) as cursor:
        problems = []
        if server.parameters(cursor, DURABLE) != DURABLE:
            problems.append("the database is set up so that it could lose what it acknowledged")
        if server.only_reads(cursor):
            problems.append("the database only reads")
        if (server.schema_revision(cursor) or "") < schema_head:
            problems.append("the database has an older schema than this release")
    return problems
