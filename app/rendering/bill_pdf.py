"""A bill as a PDF on A4, drawn on reportlab's canvas (docs/decisions/0017).

Lengths are in points, and `y` is the base line of the next text, from the foot of the page.
"""

import io
from collections.abc import Iterator

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.domain.bill import Bill
from app.domain.letterhead import Letterhead, Logo
from app.rendering.sheet import COLUMNS, LANGUAGE, Fact, Sheet, sheet_of

_TEXT, _STRONG = "Text", "Strong"
# Fonts that come with reportlab and are embedded: the standard ones lack many letters.
pdfmetrics.registerFont(TTFont(_TEXT, "Vera.ttf"))
pdfmetrics.registerFont(TTFont(_STRONG, "VeraBd.ttf"))

_MILLIMETRE = 72 / 25.4
_LEFT, _RIGHT = 16 * _MILLIMETRE, A4[0] - 16 * _MILLIMETRE
_TOP, _BOTTOM = A4[1] - 16 * _MILLIMETRE, 20 * _MILLIMETRE
_ROW, _LINE = 13.5, 11.0
_ROW_SIZE, _SMALL = 8.5, 7.5
_LOGO_WIDTH_MAX, _LOGO_HEIGHT_MAX = 120, 44
# Of each column the edge to which its texts are aligned, and whether that is the right one.
_EDGES = (
    (_LEFT, False),
    (_LEFT + 78, False),
    (_LEFT + 150, False),
    (_RIGHT - 95, True),
    (_RIGHT, True),
)


def bill_pdf(bill: Bill, letterhead: Letterhead) -> bytes:
    """Return `bill` as a PDF; equal bills give equal bytes."""
    output = io.BytesIO()
    _Drawing(output, sheet_of(bill, letterhead)).draw()
    return output.getvalue()


class _Drawing:
    """The pages of one sheet, drawn from the top of the first to the foot of the last."""

    def __init__(self, output: io.BytesIO, sheet: Sheet) -> None:
        self._canvas = Canvas(output, pagesize=A4, invariant=1, lang=LANGUAGE)
        self._canvas.setTitle(f"{sheet.title}, {sheet.subscriber}")
        self._canvas.setAuthor(sheet.letterhead.name or "")
        self._sheet = sheet
        self._page = 1
        self._pages = 1
        self._y = _TOP

    def draw(self) -> None:
        """Draw everything, and write the document."""
        self._draw_letterhead()
        self._draw_head()
        self._pages = self._count_pages()
        self._draw_rows()
        self._draw_end()
        self._draw_foot()
        self._canvas.save()

    def _write(
        self, text: str, *, font: str = _TEXT, size: float = _SMALL, x: float = _LEFT
    ) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y, text)

    def _draw_line(self, width: float, above: float = 0) -> None:
        self._canvas.setLineWidth(width)
        self._canvas.line(_LEFT, self._y + above, _RIGHT, self._y + above)

    def _draw_letterhead(self) -> None:
        head = self._sheet.letterhead
        x = _LEFT + (self._draw_logo(head.logo) + 14 if head.logo else 0)
        tax_number = [f"CNPJ {head.tax_number}"] if head.tax_number else []
        self._y -= 10
        for line in _wrapped(head.name or "", _STRONG, 10.5, _RIGHT - x):
            self._write(line, font=_STRONG, size=10.5, x=x)
            self._y -= 13
        for part in [*head.address, *tax_number]:
            for line in _wrapped(part, _TEXT, _SMALL, _RIGHT - x):
                self._write(line, x=x)
                self._y -= _LINE
        self._y = min(self._y, _TOP - _LOGO_HEIGHT_MAX - 8)
        self._draw_line(1.5)

    def _draw_logo(self, logo: Logo) -> float:
        """Draw the logo in its proportions, and return its width."""
        image = ImageReader(io.BytesIO(logo.content))
        width, height = image.getSize()
        scale = min(_LOGO_WIDTH_MAX / width, _LOGO_HEIGHT_MAX / height)
        place = _LEFT, _TOP - _LOGO_HEIGHT_MAX, width * scale, height * scale
        self._canvas.drawImage(image, *place, mask="auto")
        return float(width * scale)

    def _draw_head(self) -> None:
        sheet = self._sheet
        self._y -= 26
        self._write(sheet.title, font=_STRONG, size=15)
        self._y -= 26
        self._write("Assinante")
        name = _wrapped(sheet.subscriber_name or "", _STRONG, 9, _RIGHT - _LEFT)
        for line in [*name, sheet.subscriber]:
            self._y -= 12
            self._write(line, font=_STRONG, size=9)
        self._y -= 20
        for place, fact in enumerate([*sheet.facts, sheet.total]):
            self._draw_fact(fact, _LEFT + 130 * place, 12 if fact is sheet.total else 9)
        self._y -= 36

    def _draw_fact(self, fact: Fact, x: float, size: float) -> None:
        self._write(fact.label, x=x)
        self._canvas.setFont(_STRONG, size)
        self._canvas.drawString(x, self._y - 13, fact.value)

    @property
    def _end_height(self) -> float:
        """The height of what stands below the rows: the total and the notes."""
        return 30 + _LINE * len(self._sheet.notes)

    def _count_pages(self) -> int:
        """Return how many pages there will be, by moving as `_draw_rows` and `_draw_end` do."""
        y, pages = self._y - _ROW - 1, 1
        for _ in self._sheet.rows:
            if y < _BOTTOM:
                y, pages = _TOP - 12 - _ROW - 1, pages + 1
            y -= _ROW
        return pages + (y - self._end_height < _BOTTOM)

    def _draw_rows(self) -> None:
        self._draw_columns()
        for row in self._sheet.rows:
            if self._y < _BOTTOM:
                self._begin_page()
                self._draw_columns()
            self._draw_row(row, _TEXT, _ROW_SIZE)
            self._y -= _ROW

    def _draw_columns(self) -> None:
        self._draw_row(COLUMNS, _STRONG, _SMALL)
        self._draw_line(0.75, above=-4)
        self._y -= _ROW + 1

    def _draw_row(self, cells: tuple[str, ...], font: str, size: float) -> None:
        text = self._canvas.beginText()
        text.setFont(font, size)
        for (edge, is_right), cell in zip(_EDGES, cells, strict=True):
            width = pdfmetrics.stringWidth(cell, font, size) if is_right else 0
            text.setTextOrigin(edge - width, self._y)
            text.textOut(cell)
        self._canvas.drawText(text)

    def _draw_end(self) -> None:
        if self._y - self._end_height < _BOTTOM:
            self._begin_page()
        self._y -= 4
        self._draw_line(1.5, above=11)
        total = self._sheet.total
        self._write(total.label, font=_STRONG, size=9)
        self._canvas.drawRightString(_RIGHT, self._y, total.value)
        self._y -= 26
        for note in self._sheet.notes:
            self._write(note)
            self._y -= _LINE

    def _begin_page(self) -> None:
        self._draw_foot()
        self._canvas.showPage()
        self._page += 1
        self._y = _TOP - 12

    def _draw_foot(self) -> None:
        self._canvas.setFont(_TEXT, 7)
        height = 11 * _MILLIMETRE
        self._canvas.drawString(_LEFT, height, f"{self._sheet.subscriber}, {self._sheet.month}")
        self._canvas.drawRightString(_RIGHT, height, f"Página {self._page} de {self._pages}")


def _wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """Yield `text` in lines of at most `width`; a name may be one word of 200 letters."""
    line = ""
    for letter in text:
        if pdfmetrics.stringWidth(line + letter, font, size) > width:
            yield line
            line = ""
        line += letter
    if line:
        yield line
