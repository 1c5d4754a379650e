"""JSON as the standard has it, in which no key that stands twice goes unseen."""

import json
from collections import Counter
from typing import Any, NoReturn


class Repeating(dict[str, Any]):
    """An object in which a key stands more than once: the last one would silently win."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        times = Counter(key for key, _ in members)
        self.repeated = [key for key in times if times[key] > 1]


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    return made if len(made) == len(members) else Repeating(members)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Its `decode` raises ValueError, and RecursionError for what nests too deep.
DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
