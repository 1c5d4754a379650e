"""How large a call is on disk, and what a large table costs the intake."""

from benchmarks.batches import in_process
from benchmarks.corpus import some_calls
from benchmarks.measure import Row, at_most
from benchmarks.place import Place, an_app
from benchmarks.reading import FILL

_BATCHES = 12
_SIZE = "SELECT pg_total_relation_size('calls')"


def rows_of_size(place: Place) -> list[Row]:
    """Measure the bytes of a call with text ids, indexes and all, after batches of pairs."""
    url = place.new_database("bench_size")
    app = an_app(url)
    with app.app_context():
        for _ in range(_BATCHES):
            in_process(app, some_calls(5_000).pairs)
    with place.connect(url) as opened, opened.cursor() as cursor:
        cursor.execute(_SIZE)
        [(size,)] = cursor
    bytes_a_call = size / (_BATCHES * 5_000)
    return [at_most("bytes a call, text ids, every index", bytes_a_call, 400)]


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
