"""Names of subscribers: what can be one, and as what it is searched."""

import time
import unicodedata

import pytest

from app.domain.subscriber import read_name, search_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param("Ana Souza", "Ana Souza", id="as-it-is"),
        pytest.param(" \u3000Ana Souza ", "Ana Souza", id="outer-white-space"),
        pytest.param("Ana  Souza", "Ana  Souza", id="inner-white-space-stays"),
        pytest.param("q\u0301", "q\u0301", id="what-has-no-composed-form-stays"),
        pytest.param("Ceci\u0301lia", "Cec\u00edlia", id="composed"),
        pytest.param("👩\u200d🔧", "👩\u200d🔧", id="joiners-stay"),
        pytest.param("=1+1", "=1+1", id="a-formula-is-a-name"),
        pytest.param("x" * 200, "x" * 200, id="longest"),
        pytest.param("e\u0301" * 200, "\u00e9" * 200, id="longest-once-composed"),
    ],
)
def test_a_name_is_trimmed_and_composed(given, name):
    assert read_name(given) == name


@pytest.mark.parametrize(
    "given",
    [
        *("", " ", "\u3000", "x" * 201, "e\u0301" * 201, "\u0301" * 1_000),
        *("Ana\nSouza", "Ana\n", "\tAna", "a\x00b", "\x7f", "a\x85b", "a\u2028b", "a\u2029b"),
        *("\ud800", "a\udfffb", None, 7, True, 1.5, ["Ana"], {"name": "Ana"}),
    ],
    ids=repr,
)
def test_what_is_no_name_is_refused(given):
    with pytest.raises(ValueError, match="must"):
        read_name(given)


def test_a_text_that_takes_long_to_compose_is_refused_at_once():
    marks = "a" + "\u0301\u0323" * 32_000
    begin = time.process_time()

    with pytest.raises(ValueError, match="200"):
        read_name(marks)

    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ("José da SILVA", "jose da silva"),
        ("JOSE\u0301", "jose"),
        ("Ação & Cia.", "acao & cia."),
        ("Straße", "strasse"),
        ("İnönü", "inonu"),
        ("\uff21\uff4e\uff41", "ana"),
        (" Ana\u00a0 Souza ", "ana souza"),
        ("100%_\\", "100%_\\"),
        ("\u0301", ""),
    ],
)
def test_a_name_is_searched_without_capitals_accents_and_wide_gaps(name, searched):
    assert search_name(name) == searched


def test_what_is_searched_is_searched_as_itself():
    every = (chr(each) for each in range(0x30000) if not 0xD800 <= each < 0xE000)

    assert [each for each in every if search_name(search_name(each)) != search_name(each)] == []


def test_no_letter_is_composed_of_more_characters_than_are_looked_at():
    every = (chr(each) for each in range(0x110000) if not 0xD800 <= each < 0xE000)
    composed = (each for each in every if unicodedata.is_normalized("NFC", each))

    assert max(len(unicodedata.normalize("NFD", each)) for each in composed) == 4
