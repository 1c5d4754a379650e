"""How early something must be, found out on a machine whose speed nobody knows."""


class Slack:
    """Seconds by which something is just early enough, however slow the machine is."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.enough = self.too_little = 0

    def was(self, *, enough: bool) -> None:
        self.seconds *= 0.8 if enough else 1.6
        self.enough += enough
        self.too_little += not enough

    def is_known(self) -> bool:
        return min(self.enough, self.too_little) > 5
