"""Names given at once: the last one stands, and the audit log tells one story."""

import random
from itertools import pairwise

from app.domain.subscriber import Subscriber
from app.limits.deadline import Deadline
from app.services.subscribers import delete_subscriber, load_subscribers, name_subscriber
from tests.concurrency.racing import DEADLOCKS, together
from tests.factories import SUBSCRIBER

ROUNDS = 100
LINES = "SELECT before, after FROM audit_log WHERE subject = %s ORDER BY id"


def name(app, named, number=SUBSCRIBER):
    with app.app_context():
        return name_subscriber(Subscriber(number, named), actor="test", deadline=Deadline.start())


def story(database, number):
    """What the log says the number was called, one line after the other; None before it had any."""
    lines = database.rows(LINES, (number,))
    assert lines[0][0] is None
    assert all(first[1] == second[0] for first, second in pairwise(lines))
    return [after and after["name"] for _, after in lines]


def name_of(database, number):
    rows = database.rows("SELECT name FROM subscribers WHERE number = %s", (number,))
    return rows[0][0] if rows else None


def test_of_two_first_names_at_once_one_is_new_and_the_last_stands(app, database):
    for number in (f"{11900000000 + n}" for n in range(ROUNDS)):
        new = together(lambda n=number: name(app, "Ana", n), lambda n=number: name(app, "Bia", n))

        assert sorted(new) == [False, True]
        told = story(database, number)
        assert sorted(told) == ["Ana", "Bia"]
        assert told[-1] == name_of(database, number)


def test_many_names_at_once_follow_each_other(app, database):
    names = [f"name {n}" for n in range(12)]
    name(app, "first")

    new = together(*(lambda named=named: name(app, named) for named in names))

    assert not any(new)
    told = story(database, SUBSCRIBER)
    assert sorted(told) == sorted(["first", *names])
    assert told[-1] == name_of(database, SUBSCRIBER)


def test_the_same_name_at_once_is_written_once(app, database):
    together(*[lambda: name(app, "Ana")] * 8)

    assert story(database, SUBSCRIBER) == ["Ana"]


def test_a_name_given_while_it_is_taken_away_stands_or_is_gone(app, database):
    def delete(number):
        with app.app_context():
            delete_subscriber(number, actor="test", deadline=Deadline.start())

    for number in (f"{11900000000 + n}" for n in range(ROUNDS)):
        name(app, "Ana", number)

        together(lambda n=number: delete(n), lambda n=number: name(app, "Bia", n))

        told = story(database, number)
        assert told in (["Ana", None, "Bia"], ["Ana", "Bia", None])
        assert told[-1] == name_of(database, number)


def test_loads_at_once_do_not_deadlock(app, database, monkeypatch):
    monkeypatch.setattr("app.services.subscribers._LOAD_CHUNK", 100)
    numbers = [f"{11900000000 + n}" for n in range(2_000)]
    for number in numbers[::40]:
        name(app, "first", number)
    before = database.rows(DEADLOCKS)

    def load(seed):
        some = random.Random(seed).sample(numbers, 1_500)
        named = [Subscriber(number, f"of {seed}") for number in some]
        with app.app_context():
            return load_subscribers(
                named, actor="test", deadline=Deadline.start(), report=lambda _: None
            )

    together(*(lambda seed=seed: load(seed) for seed in range(4)))

    assert database.rows(DEADLOCKS) == before
    for number in numbers[::40]:
        assert story(database, number)[-1] == name_of(database, number)
