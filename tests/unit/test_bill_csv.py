"""Bills as CSV hold no formula, wherever a spreadsheet cuts a line into cells."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rendering.bill_csv import NO_FORMULA, calls_csv
from tests.unit.builders import a_bill, a_line


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("70;=1+1", "70;'=1+1"),
        ("70;=1;-1", "70;'=1;'-1"),
        ('70";=1+1', '70"";\'=1+1'),
        ("a=b-c@d+e;f", "a=b-c@d+e;f"),
    ],
)
def test_no_cell_is_a_formula(written, told):
    line = a_line()._replace(call_id=written)

    _, encoded, _ = calls_csv([a_bill(lines=[line])])
    calls = encoded.decode()

    assert told in calls
    for delimiter in ",;\t":
        assert not [cell for cell in calls.split(delimiter) if re.match(r'"?[=+\-@]', cell)], (
            delimiter
        )


@pytest.mark.parametrize(
    "pattern", [shape["pattern"] for shape in NO_FORMULA if shape.get("format") != "date"]
)
def test_a_cell_that_is_not_searched_for_formulas_can_hold_none(pattern):
    @settings(max_examples=50, derandomize=True, deadline=None)
    @given(st.from_regex(pattern, fullmatch=True))
    def look_at(cell):
        assert re.search(r"^[=+\-@\t\r]|[;\t]", cell) is None

    look_at()
