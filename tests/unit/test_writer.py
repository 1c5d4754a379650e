"""The fast writer writes what `dump` of the schema does: every field, in order, with its type."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import fields

from app.domain.bill import Bill, BillLine
from app.domain.call import Call, Price, Verdict
from app.domain.call_record import EndRecord, StartRecord
from app.domain.delivery import Outcome
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.domain.tariff import TariffBook
from app.schemas.bills import BillHeadSchema, BillLineSchema, BillSchema, BillTotalsSchema
from app.schemas.call_records import KeptSchema, Result, ResultSchema, StoredRecord, StoredSchema
from app.schemas.fields import AnswerSchema
from app.schemas.writer import Writer
from tests.unit.builders import SAO_PAULO, a_tariff, at

texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)
numbers = st.from_regex(r"[1-9][0-9]{9,10}", fullmatch=True)
instants = st.integers(0, 4_102_444_800_000_000).map(
    lambda microseconds: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
)
lengths = st.timedeltas(timedelta(0), timedelta(days=400))
cents = st.integers(0, 10**10).map(Cents)
periods = st.builds(BillingPeriod, st.integers(1970, 2100), st.integers(1, 12))
lines = st.builds(
    lambda start, length, *rest: BillLine(*rest[:2], start, start + length, *rest[2:]),
    instants,
    lengths,
    texts,
    numbers,
    cents,
    instants,
)
bills = st.builds(
    Bill,
    subscriber=numbers,
    subscriber_name=st.none() | texts,
    period=periods,
    zone=st.just(SAO_PAULO),
    book=st.just(
        TariffBook.of(
            [a_tariff(), a_tariff(tariff_id=2, effective_from="2000-01-01 00:00:00")],
            at("2100-01-01 00:00:00"),
        )
    ),
    currency=st.just("BRL"),
    lines=st.lists(lines, max_size=4).map(
        lambda found: tuple(sorted(found, key=lambda line: line.started_at))
    ),
    unpriced_calls=st.integers(0, 9),
)
starts = st.builds(StartRecord, texts, texts, instants, numbers, numbers, instants)
ends = st.builds(EndRecord, texts, texts, instants, instants)
prices = st.builds(Price, cents, st.integers(1, 9), periods, instants)
calls = st.builds(Call, texts, st.none() | starts, st.none() | ends, st.none() | prices)
errors = st.lists(st.fixed_dictionaries({"pointer": texts, "detail": texts}), max_size=2)
outcomes = st.builds(
    Outcome, st.sampled_from(Verdict), texts, errors.map(tuple), st.just("0" * 64), calls
)

SCHEMAS = [
    (BillSchema(), bills),
    (BillTotalsSchema(), bills),
    (BillTotalsSchema(exclude=("tariffs",)), bills),
    (BillHeadSchema(), bills),
    (StoredSchema(), st.builds(StoredRecord, st.sampled_from(Verdict), starts | ends, calls)),
    (KeptSchema(), outcomes),
    (ResultSchema(), st.builds(Result, st.integers(0, 9_999), outcomes)),
    (
        ResultSchema(only=("index", "verdict")),
        st.builds(Result, st.integers(0, 9_999), st.just(Outcome(Verdict.DUPLICATE))),
    ),
]


def shown(value):
    """The value with the order of its members and the type of each."""
    if isinstance(value, dict):
        return [(name, shown(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [shown(each) for each in value]
    return type(value), value


@pytest.mark.parametrize(
    ("schema", "values"), SCHEMAS, ids=[type(schema).__name__ for schema, _ in SCHEMAS]
)
def test_the_writer_writes_what_dump_does(schema, values):
    write = Writer(schema).one

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(values)
    def compare(value):
        assert shown(write(value)) == shown(schema.dump(value))

    compare()


@given(bills)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_lines_of_a_bill_have_all_fields_of_their_schema(bill):
    for line in Writer(BillSchema()).one(bill)["calls"]:
        assert [*line] == [*BillLineSchema().fields]


def test_a_field_that_the_writer_does_not_know_is_refused():
    with pytest.raises(TypeError, match="cannot be written fast"):
        Writer(AnswerSchema.from_dict({"at": fields.DateTime()})())
