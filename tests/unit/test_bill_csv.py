"""Bills as CSV hold no formula, wherever a spreadsheet cuts a line into cells."""

import re

import pytest

from app.rendering.bill_csv import calls_csv
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

    _, encoded = calls_csv([a_bill(lines=[line])])
    calls = encoded.decode()

    assert told in calls
    for delimiter in ",;\t":
        assert not [cell for cell in calls.split(delimiter) if re.match(r'"?[=+\-@]', cell)], (
            delimiter
        )
