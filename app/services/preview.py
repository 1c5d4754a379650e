"""Preview: the price of a call that need not exist. Nothing is written."""

from datetime import UTC, datetime, timedelta

from app.database.transactions import read
from app.domain.errors import InvalidParameter, NotFound
from app.domain.rating import RatedCall, rate_call
from app.domain.tariff import Tariff, TariffBook
from app.limits.deadline import Deadline
from app.store import tariffs

LENGTH_MAX = timedelta(days=31)

# Rating computes the changes of band up to a year ahead, and Python has no year 10000.
_ENDS_BEFORE = datetime(9998, 1, 1, tzinfo=UTC)


def preview_price(
    started_at: datetime, ended_at: datetime, tariff_id: int | None, *, deadline: Deadline
) -> RatedCall:
    """Rate a call between two instants under the tariff of `tariff_id`, begun or not.

    With None it is the tariff in force when the call starts, as of now (rule 9). Raises NotFound
    for an unknown tariff, and InvalidParameter for a call that ends before it starts, is longer
    than `LENGTH_MAX` or starts before the first tariff.
    """
    if ended_at < started_at:
        raise InvalidParameter("The call would end before it started.")
    if ended_at - started_at > LENGTH_MAX:
        raise InvalidParameter(f"The call would be longer than {LENGTH_MAX.days} days.")
    if ended_at >= _ENDS_BEFORE:
        raise InvalidParameter(f"The call would not end before the year {_ENDS_BEFORE.year}.")
    # Pricing's book is not used: it does not show what was published or withdrawn since it was
    # read, and would keep what rating works out for far-off years.
    book = TariffBook.of(*read(tariffs.read_all, deadline=deadline))
    return rate_call(started_at, ended_at, _tariff(book, started_at, tariff_id))


def _tariff(book: TariffBook, started_at: datetime, tariff_id: int | None) -> Tariff:
    if tariff_id is not None:
        tariff = book.with_id(tariff_id)
        if tariff is None:
            raise NotFound(f"There is no tariff {tariff_id}.")
        return tariff
    tariff = book.in_force_at(started_at)
    if tariff is None:
        raise InvalidParameter("No tariff was in force when the call would have started.")
    return tariff
