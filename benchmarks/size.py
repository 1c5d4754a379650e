"""How large a call is on disk, and what a large table costs the intake."""

import statistics

from benchmarks.batches import in_process
from benchmarks.corpus import some_calls
from benchmarks.measure import Row, at_most
from benchmarks.place import Place, an_app
from benchmarks.reading import FILL

# Each batch has one call of each subscriber, so that the pages of the bill index fill, and split,
# in waves: a call takes up to 20 bytes more or less with each, and one table size says little.
_BATCHES = range(1, 41)
_BATCHES_MEASURED = _BATCHES[11:]
_CALLS_A_BATCH = 5_000
_SIZE = "SELECT pg_total_relation_size('calls')"


def rows_of_size(place: Place) -> list[Row]:
    """Measure the bytes of a call with text ids, indexes and all, while batches of pairs come in.

    The mean over tables of 60,000 to 200,000 calls.
    """
    url = place.new_database("bench_size")
    app = an_app(url)
    bytes_a_call = []
    with app.app_context(), place.connect(url) as opened, opened.cursor() as cursor:
        for batch in _BATCHES:
            in_process(app, some_calls(_CALLS_A_BATCH).pairs)
            cursor.execute(_SIZE)
            [(size,)] = cursor
            if batch in _BATCHES_MEASURED:
                bytes_a_call.append(size / (batch * _CALLS_A_BATCH))
    remark = f"{min(bytes_a_call):.0f} to {max(bytes_a_call):.0f} as the table grows"
    mean = statistics.mean(bytes_a_call)
    return [at_most("bytes a call, text ids, every index", mean, 400, remark)]


def growth(place: Place, millions: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """Give, for each number of million calls in the table, the seconds of a batch of pairs.

    The best and the median of some batches: after a checkpoint on a large table each page is
    logged whole once, which the median shows and the best does not.
    """
    found = []
    url = place.new_database("bench_growth")
    app = an_app(url)
    with app.app_context(), place.connect(url) as opened, opened.cursor() as cursor:
        filled = 0
        for each in millions:
            if each > filled:
                cursor.execute(FILL, {"calls": (each - filled) * 1_000_000, "subscribers": 5_000})
                cursor.execute("VACUUM ANALYZE calls")
                cursor.execute("CHECKPOINT")
                filled = each
            seconds = sorted(in_process(app, some_calls(5_000).pairs) for _ in range(11))
            found.append((each, seconds[0], seconds[5]))
    return found
