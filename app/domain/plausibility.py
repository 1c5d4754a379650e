"""Limits beyond which a call is more likely a fault of a switch, or a typing error, than a call."""

from datetime import timedelta
from typing import NamedTuple

from app.domain.bill import duration_text
from app.domain.call import Call
from app.domain.money import Cents, reais


class Plausibility(NamedTuple):
    """The longest call that is stored without a person's word, and the highest price, if any."""

    length_max: timedelta = timedelta(days=7)
    price_max: Cents | None = None

    def doubt(self, call: Call) -> dict[str, str] | None:
        """Return why a complete and priced `call` is implausible, as an error of a problem."""
        length, price = call.duration, call.price
        assert length is not None and price is not None
        if length > self.length_max:
            most = _text(self.length_max)
            detail = f"the call would have lasted {_text(length)}; the limit is {most}"
            return {"pointer": "/timestamp", "detail": detail}
        if self.price_max is not None and price.cents > self.price_max:
            cost, most = reais(price.cents), reais(self.price_max)
            return {"pointer": "", "detail": f"the call would cost {cost}; the limit is {most}"}
        return None


USUAL = Plausibility()


def _text(length: timedelta) -> str:
    return duration_text(int(length.total_seconds()))
