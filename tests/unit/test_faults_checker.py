"""The checker of `make faults` finds each thing that a fault could do."""

from datetime import UTC, datetime

import pytest

from faults.checker import Contents, Finding, Half, StoredCall, Wrong, changes, findings, refusals
from faults.journal import Answer, Journal
from tests.factories import DESTINATION, SUBSCRIBER, a_start, an_end, bytes_of

START, END = bytes_of(a_start("70")), bytes_of(an_end("70"))
BAD = b'{"id": NaN}'
CALL = StoredCall(
    "70",
    Half("70-start", datetime(2018, 1, 3, 14, 18, 5, tzinfo=UTC), SUBSCRIBER, DESTINATION),
    Half("70-end", datetime(2018, 1, 3, 14, 58, 5, tzinfo=UTC)),
    396,
)
WHOLE = Contents([CALL], [BAD], ["70;3,96"])


def told(records, status=200, **said):
    """A journal of one delivery and what was told of it; with no status it was cut off."""
    journal = Journal()
    line = journal.sent(records)
    if status:
        line.answer = Answer(status, said, 0.1)
    return journal


DELIVERED = told((START, END, BAD), results=[{"index": 2, "verdict": "suspended"}])


def wrongs(journal, contents):
    return [finding.wrong for finding in findings(journal, contents)]


def test_what_is_as_it_was_acknowledged_is_right():
    assert wrongs(DELIVERED, WHOLE) == []


@pytest.mark.parametrize(
    ("contents", "wrong"),
    [
        pytest.param(WHOLE._replace(calls=[]), [Wrong.LOST] * 2, id="call-missing"),
        pytest.param(
            WHOLE._replace(calls=[CALL._replace(end=None, cents=None)]),
            [Wrong.LOST],
            id="half-missing",
        ),
        pytest.param(WHOLE._replace(kept=[]), [Wrong.LOST], id="suspended-missing"),
        pytest.param(WHOLE._replace(kept=[BAD, BAD]), [Wrong.TWICE], id="suspended-doubled"),
        pytest.param(WHOLE._replace(kept=[BAD, END]), [Wrong.TWICE], id="stored-and-suspended"),
        pytest.param(WHOLE._replace(calls=[CALL, CALL]), [Wrong.TWICE] * 3, id="call-doubled"),
        pytest.param(
            WHOLE._replace(calls=[CALL._replace(start=CALL.start._replace(source="11987654321"))]),
            [Wrong.LOST, Wrong.INVENTED],
            id="other-content",
        ),
        pytest.param(
            WHOLE._replace(calls=[CALL._replace(end=CALL.end._replace(record_id="9"))]),
            [Wrong.INVENTED],
            id="other-id",
        ),
        pytest.param(
            WHOLE._replace(calls=[CALL._replace(cents=None)]), [Wrong.PRICED_WRONG], id="no-price"
        ),
        pytest.param(
            WHOLE._replace(calls=[CALL._replace(cents=397)]), [Wrong.PRICED_WRONG], id="other-price"
        ),
    ],
)
def test_what_is_wrong_is_found(contents, wrong):
    assert wrongs(DELIVERED, contents) == wrong


def test_a_price_without_both_halves_is_wrong():
    half = CALL._replace(end=None)

    assert wrongs(told((START,)), Contents([half], [], [])) == [Wrong.PRICED_WRONG]


@pytest.mark.parametrize("status", [None, 503])
def test_what_was_not_acknowledged_may_be_there_once_or_not_at_all(status):
    journal = told((START, END), status)

    assert wrongs(journal, Contents([], [], [])) == []
    assert wrongs(journal, Contents([CALL], [], [])) == []
    assert wrongs(journal, Contents([CALL], [START], [])) == [Wrong.TWICE]


def test_what_was_acknowledged_once_must_be_there_though_it_was_refused_later():
    journal = told((START,), 201)
    journal.lines += told((START,), 503).lines

    assert wrongs(journal, Contents([], [], [])) == [Wrong.LOST]


def test_what_was_kept_must_be_in_suspense_and_not_in_a_call():
    journal = told((END,), 409, kept=True)
    stored = Contents([CALL._replace(start=None, cents=None)], [], [])

    assert wrongs(journal, Contents([], [END], [])) == []
    assert wrongs(journal, stored) == [Wrong.LOST]


def test_a_repeat_under_another_id_is_there_as_the_first_one():
    again = bytes_of(a_start("70", id="again"))
    journal = told((START, END, again))

    assert wrongs(journal, Contents([CALL], [], [])) == []


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (WHOLE, []),
        (WHOLE._replace(bill_lines=["70;3,96", "71;0,36"]), []),
        (WHOLE._replace(calls=[CALL._replace(frozen=(2,))]), ["70"]),
        (WHOLE._replace(calls=[]), ["70"]),
        (WHOLE._replace(bill_lines=["70;3,97"]), ["70;3,96"]),
    ],
    ids=["nothing", "a-line-more", "frozen", "call-gone", "line"],
)
def test_what_has_changed_is_found(after, changed):
    assert list(changes(WHOLE, after)) == [Finding(Wrong.CHANGED, where) for where in changed]


@pytest.mark.parametrize(("status", "refused"), [(200, 0), (503, 2), (None, 2)])
def test_what_is_refused_when_it_is_sent_again_is_found(status, refused):
    lines = told((START, END), status).lines

    assert [finding.wrong for finding in refusals(lines)] == [Wrong.REFUSED] * refused
