"""Tariffs: published before they begin, withdrawn before they begin, and shown (rules 9 and 10).

Publishing and withdrawing lock the table of tariffs first, and only then read the clock.
docs/decisions/0008 explains why no call can be priced under the wrong tariff.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.database.transactions import read, write
from app.domain.audit import Act, Deed
from app.domain.errors import NotFound
from app.domain.tariff import Tariff, TariffBook, TariffDraft, TariffState
from app.limits.deadline import Deadline
from app.schemas.tariffs import tariff_json
from app.store import audit, tariffs

_NO_SUCH_TARIFF = "There is no such tariff."


def all_tariffs(now: datetime, *, deadline: Deadline) -> list[tuple[Tariff, TariffState]]:
    """Return all tariffs in the order in which they begin, each with its state at `now`."""
    book = _read_book(deadline)
    return [(tariff, book.state_of(tariff, now)) for tariff in book.tariffs]


def one_tariff(tariff_id: int, now: datetime, *, deadline: Deadline) -> tuple[Tariff, TariffState]:
    """Return the tariff of that id, and its state at `now`. Raises NotFound."""
    book = _read_book(deadline)
    tariff = book.with_id(tariff_id)
    if tariff is None:
        raise NotFound(_NO_SUCH_TARIFF)
    return tariff, book.state_of(tariff, now)


def publish(
    draft: TariffDraft,
    *,
    actor: str,
    clock_skew_max: timedelta,
    is_confirmed: bool = False,
    deadline: Deadline,
) -> Tariff:
    """Publish `draft`, and return the tariff that it has become.

    Raises InvalidTariff if it begins too soon or is in another currency, TariffExists, and, unless
    the caller has confirmed it, UnusualRate.
    """
    # A try that was cut off while it committed may have taken effect. No id is used twice, so the
    # next try recognises its own tariff.
    written: list[Tariff] = []

    def attempt(connection: Connection) -> Tariff:
        book = _locked_book(connection, clock_skew_max)
        for tariff in written:
            if tariff in book.tariffs:
                return tariff
        book.check_publishable(draft)
        if not is_confirmed:
            book.check_usual(draft)
        tariff = tariffs.add(connection, draft)
        deed = Deed(actor, Act.TARIFF_PUBLISHED, f"{tariff.tariff_id}", None, tariff_json(tariff))
        audit.record(connection, [deed])
        written.append(tariff)
        return tariff

    return write(attempt, deadline=deadline)


def withdraw(
    tariff_id: int, *, actor: str, clock_skew_max: timedelta, deadline: Deadline
) -> Tariff:
    """Withdraw a tariff that cannot have priced a call, and return it as it was.

    Raises NotFound, and TariffInUse if it has begun, or begins within `clock_skew_max`.
    """
    deleted: list[Tariff] = []  # As above: by a try that may have taken effect.

    def attempt(connection: Connection) -> Tariff:
        book = _locked_book(connection, clock_skew_max)
        tariff = book.with_id(tariff_id)
        if tariff is None:
            if deleted:
                return deleted[0]
            raise NotFound(_NO_SUCH_TARIFF)
        book.check_withdrawable(tariff)
        tariffs.remove(connection, tariff_id)
        deed = Deed(actor, Act.TARIFF_WITHDRAWN, str(tariff_id), tariff_json(tariff), None)
        audit.record(connection, [deed])
        deleted.append(tariff)
        return tariff

    return write(attempt, deadline=deadline)


def _read_book(deadline: Deadline) -> TariffBook:
    return TariffBook.of(*read(tariffs.read_all, deadline=deadline))


def _locked_book(connection: Connection, clock_skew_max: timedelta) -> TariffBook:
    """Lock the tariffs for this transaction alone, and return them.

    They are read as pricing reads them, and `complete_until` means the same: a session that read
    them before the lock did so earlier, and has priced no call that starts later than that.
    """
    tariffs.lock(connection)
    found, read_at = tariffs.read_all(connection)
    return TariffBook.of(found, read_at + clock_skew_max)
