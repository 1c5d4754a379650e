"""The note on a write-off, as it is read."""

import pytest

from app.domain.suspense import NOTE_LENGTH_MAX, read_note


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("a test call of ours", "a test call of ours"),
        (" \n ligação de teste \r\n", "ligação de teste"),
        ("first line\nsecond line\r\nthird", "first line\nsecond line\r\nthird"),
        ("x" * NOTE_LENGTH_MAX, "x" * NOTE_LENGTH_MAX),
        ("\U0001f4de", "\U0001f4de"),
    ],
)
def test_a_note_is_text(said, read):
    assert read_note(said) == read


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        True,
        ["a note"],
        {},
        "",
        " \n\t ",
        "x" * (NOTE_LENGTH_MAX + 1),
        "a\0b",
        "a\tb",
        "a\x1b[2Jb",
        "a\x7fb",
        "a\x85b",
        "a\ud800b",
    ],
)
def test_what_is_no_note_is_refused(said):
    with pytest.raises(ValueError, match="must"):
        read_note(said)
