"""Bills and the bill run, against fetching and copying the same rows; rating by itself."""

import io
import timeit
from collections import deque
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.platypus import SimpleDocTemplate, Table

from app.database.statements import driver_cursor
from app.database.transactions import transaction
from app.domain.bill import Bill, BillLine
from app.domain.letterhead import NO_LETTERHEAD
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.domain.rating import rate_call
from app.domain.tariff import TariffBook
from app.limits.deadline import Deadline
from app.rendering.bill_csv import calls_csv, totals_csv
from app.rendering.bill_json import bill_json
from app.rendering.bill_pdf import bill_pdf
from app.rendering.sheet import sheet_of
from app.services import billing
from app.store import bill_lines, tariffs
from benchmarks.measure import Row, at_most, median_ratio, seconds_of
from benchmarks.place import Place, an_app

_PERIOD = BillingPeriod(2018, 1)
_SUBSCRIBER = "11900000001"
_CALLS_OF_ONE, _CALLS_OF_ALL = 1_000, 1_000_000
FILL = """
    INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
        start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
        period, priced_at)
    SELECT gen_random_uuid()::text, n || 's', started_at,
        (11900000000 + n %% %(subscribers)s)::text,
        '1133334444', started_at, n || 'e', started_at + interval '5 minutes', started_at, 81, 1,
        '2018-01-01', started_at
    FROM generate_series(1, %(calls)s) AS n,
        LATERAL (SELECT timestamptz '2018-01-03 06:00+00' + n %% 2000000 * interval '1 second'
                 AS started_at)
"""


def rows_of_reading(place: Place) -> list[Row]:
    """Measure a bill of 1,000 calls and the run of 1,000,000, in process."""
    url = place.new_database("bench_reading")
    with place.connect(url) as opened, opened.cursor() as cursor:
        subscribers = _CALLS_OF_ALL // _CALLS_OF_ONE
        cursor.execute(FILL, {"calls": _CALLS_OF_ALL, "subscribers": subscribers})
        cursor.execute("VACUUM ANALYZE calls")
    app = an_app(url)
    with app.app_context():
        pricing = app.extensions["pulso_pricing"]
        now = datetime.now(UTC)

        def bill() -> object:
            made = billing.bill_for(
                _SUBSCRIBER, _PERIOD, pricing=pricing, now=now, deadline=Deadline.start()
            )
            return app.json.response(bill_json(made))

        def run(form: object) -> object:
            bills = billing.bill_run(_PERIOD, pricing=pricing, now=now, deadline=Deadline.start())
            return deque(form(bills), maxlen=0)  # type: ignore[operator]

        a_bill = median_ratio(lambda: seconds_of(bill) / seconds_of(_fetch), 15)
        raw = median_ratio(lambda: seconds_of(_scan) / seconds_of(_copy), 3)
        totals = median_ratio(lambda: seconds_of(lambda: run(totals_csv)) / seconds_of(_copy), 3)
        lines = median_ratio(lambda: seconds_of(lambda: run(calls_csv)) / seconds_of(_copy), 3)
    return [
        at_most("bill of 1,000 calls / fetching its rows", a_bill, 3.5),
        at_most(
            "bill run of 1,000,000 calls / unordered COPY of the same rows",
            raw,
            2,
            f"the ordered rows; as totals {totals:.1f}, as CSV {lines:.1f}",
        ),
    ]


def _fetch() -> object:
    with transaction(Deadline.start(), read_only=True) as connection:
        statements = driver_cursor(connection)
        statements.execute(
            bill_lines.BILL_LINES, {"period": _PERIOD.first_day, "source": _SUBSCRIBER}
        )
        return statements.fetchall()


def _scan() -> None:
    _copy_out("({})".format(bill_lines.BILL_RUN.replace("%(period)s", f"'{_PERIOD.first_day}'")))


def _copy() -> None:
    _copy_out("calls (source, call_id, destination, started_at, ended_at, price_cents, priced_at)")


def _copy_out(what: str) -> None:
    with transaction(Deadline.start(), read_only=True) as connection:
        driver_cursor(connection).copy_expert(f"COPY {what} TO STDOUT", io.StringIO())


def rows_of_pdf(place: Place) -> list[Row]:
    """Measure writing a bill of 1,000 calls as PDF, without reading it."""
    app = an_app(place.new_database("bench_pdf"))
    with app.app_context(), transaction(Deadline.start()) as connection:
        book = TariffBook.of(*tariffs.read_all(connection))
    start = datetime(2018, 1, 3, 6, tzinfo=UTC)
    call = BillLine("70", "1133334444", start, start + timedelta(minutes=5), Cents(81), start)
    calls = (call,) * _CALLS_OF_ONE
    bill = Bill(_SUBSCRIBER, None, _PERIOD, ZoneInfo("UTC"), book, "BRL", calls, 0)

    def plain_table() -> None:
        table = Table(sheet_of(bill, NO_LETTERHEAD).rows)
        SimpleDocTemplate(io.BytesIO(), pagesize=A4).build([table])

    pdf = median_ratio(
        lambda: seconds_of(lambda: bill_pdf(bill, NO_LETTERHEAD)) / seconds_of(plain_table), 5
    )
    return [at_most("bill of 1,000 calls as PDF / plain table of reportlab", pdf, 2)]


def rows_of_rating(place: Place) -> list[Row]:
    """Measure rating calls of a minute, of a day and of 40 years, the worst of them."""
    app = an_app(place.new_database("bench_rating"))
    with app.app_context(), transaction(Deadline.start()) as connection:
        [tariff], _ = tariffs.read_all(connection)
    start = datetime(1980, 3, 4, 21, 59, tzinfo=UTC)
    worst = 0.0
    remarks = []
    for name, length in (
        ("5 minutes", timedelta(minutes=5)),
        ("a day", timedelta(days=1)),
        ("a year", timedelta(days=365)),
    ):
        end = start + length
        seconds = min(
            timeit.repeat(lambda end=end: rate_call(start, end, tariff).price, number=20_000)  # type: ignore[misc]
        )
        microseconds = seconds / 20_000 * 1e6
        worst = max(worst, microseconds)
        remarks.append(f"{name} {microseconds:.1f}")
    return [at_most("rating a call, Python, one core, µs", worst, 5, ", ".join(remarks))]
