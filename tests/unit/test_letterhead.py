"""The letterhead of bills, as the settings give it."""

import pytest

from app.domain.letterhead import LOGO_BYTES_MAX, NO_LETTERHEAD, read_logo
from app.settings import Settings, WrongSetting

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


def test_without_settings_there_is_no_letterhead():
    assert Settings.from_environ({}).letterhead == NO_LETTERHEAD


def test_the_settings_name_who_sends_the_bills(tmp_path):
    (tmp_path / "logo.png").write_bytes(PNG)
    letterhead = Settings.from_environ(
        {
            "LETTERHEAD_NAME": "Telefônica de Exemplo",
            "LETTERHEAD_ADDRESS": "Rua A, 1 | 01310-000 São Paulo",
            "LETTERHEAD_TAX_NUMBER": "12.345.678/0001-95",
            "LETTERHEAD_LOGO": str(tmp_path / "logo.png"),
        }
    ).letterhead

    assert letterhead.name == "Telefônica de Exemplo"
    assert letterhead.address == ("Rua A, 1", "01310-000 São Paulo")
    assert letterhead.tax_number == "12.345.678/0001-95"
    assert letterhead.logo == ("image/png", PNG)


@pytest.mark.parametrize(
    "name", ["LETTERHEAD_NAME", "LETTERHEAD_ADDRESS", "LETTERHEAD_TAX_NUMBER", "LETTERHEAD_LOGO"]
)
@pytest.mark.parametrize("text", ["a\nb", "x" * 5_000, "a\x00b"])
def test_a_wrong_text_is_refused_by_name(name, text):
    with pytest.raises(WrongSetting, match=f": {name} "):
        Settings.from_environ({name: text})


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a", PNG + bytes(LOGO_BYTES_MAX)])
def test_a_logo_is_a_small_png_or_jpeg(content):
    with pytest.raises(ValueError, match="must"):
        read_logo(content)
