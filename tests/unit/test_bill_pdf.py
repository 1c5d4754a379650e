"""A bill as PDF: its pages, its texts, and its logo."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from pypdf import PdfReader

from app.domain.letterhead import Letterhead, Logo
from app.rendering.bill_pdf import bill_pdf
from app.rendering.logo import check_logo
from tests import bill_forms
from tests.unit.builders import a_bill, a_line


def picture(kind, size=(300, 100)):
    content = io.BytesIO()
    Image.new("RGB", size, "navy").save(content, kind)
    return content.getvalue()


def bill_of(calls):
    return a_bill(lines=[a_line(call_id=str(number)) for number in range(calls)])


def pages_of(content):
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("calls", [0, 1, *range(30, 55), 100, 1_000])
def test_every_page_has_its_number_and_the_last_one_the_total(calls):
    content = bill_pdf(bill_of(calls), Letterhead())
    pages = pages_of(content)

    assert len(bill_forms.of_pdf(content).lines) == calls
    for number, page in enumerate(pages, 1):
        assert f"Página {number} de {len(pages)}" in page
    assert "Este documento não é um documento fiscal." in pages[-1]
    assert all("Número chamado" in page for page in pages[:-1])


def test_equal_bills_give_equal_bytes():
    assert bill_pdf(bill_of(3), Letterhead()) == bill_pdf(bill_of(3), Letterhead())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_letterhead_is_at_the_top(kind):
    logo = Logo(f"image/{kind.lower()}", picture(kind))
    letterhead = Letterhead("Telefônica de Exemplo", ("Rua A, 1",), "12.345.678/0001-95", logo)

    [page] = PdfReader(io.BytesIO(bill_pdf(bill_of(1), letterhead))).pages

    assert page.extract_text().startswith(
        "Telefônica de Exemplo\nRua A, 1\nCNPJ 12.345.678/0001-95"
    )
    assert len(page.images) == 1


def test_a_long_name_is_wrapped_and_nothing_leaves_the_page():
    letterhead = Letterhead("W" * 300, ("i" * 500,))
    bill = replace(bill_of(1), subscriber_name="W" * 200)

    text = "".join(pages_of(bill_pdf(bill, letterhead))).replace("\n", "")

    assert "W" * 300 in text
    assert "i" * 500 in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_that_cannot_be_decoded_is_refused(kind):
    whole = picture(kind)

    check_logo(Logo("", whole))
    for broken in (whole[:20], whole[: len(whole) // 2], whole[:8] + bytes(40)):
        with pytest.raises(ValueError, match="cannot be read as a picture"):
            check_logo(Logo("", broken))
