"""The logo of the letterhead, looked at once before it is drawn on bills."""

import io

from PIL import Image

from app.domain.letterhead import Logo


def check_logo(logo: Logo) -> None:
    """Raise ValueError unless the picture can be decoded: a bill must not fail by it."""
    try:
        with Image.open(io.BytesIO(logo.content)) as picture:
            picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"cannot be read as a picture ({error})") from None
