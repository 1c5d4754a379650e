"""What in a new OpenAPI document would break the clients of a released one.

A client sends what was taken before, and reads what was answered before. So what the old document
let it send must still be taken, and what the new one answers must still be what it expects. New
routes, optional parameters, members, problems and values of a list in answers break nothing.
"""

from collections.abc import Iterator
from typing import Any

from app.domain.key import Scope, includes

Json = dict[str, Any]

_SAME = ("pattern", "format", "const", "contentEncoding")
_LOWER_BOUNDS = ("minimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "maxLength", "maxItems")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """Return what breaks clients of `old`, a line each; nothing if `new` has another version."""
    if old["info"]["version"] != new["info"]["version"]:
        return []
    old, new = _resolved(old, old), _resolved(new, new)
    return [
        f"{method.upper()} {path}: {change}"
        for path, methods in old["paths"].items()
        for method, operation in methods.items()
        for change in _of_operation(operation, new["paths"].get(path, {}).get(method))
    ]


def _resolved(part: Any, document: Json) -> Any:
    """The part of a document with every reference replaced by what it leads to."""
    if isinstance(part, list):
        return [_resolved(each, document) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: _resolved(each, document) for name, each in part.items() if name != "$ref"}
    if "$ref" not in part:
        return made
    there: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        there = there[name]
    there = _resolved(there, document)
    if "properties" in made:
        made["properties"] = there["properties"] | made["properties"]
    return there | made


def _of_operation(old: Json, new: Json | None) -> Iterator[str]:
    if new is None:
        yield "is gone"
        return
    if not all(_suffices(each, new["security"]) for each in old["security"] or [{}]):
        yield "needs another key"
    yield from _of_parameters(old["parameters"], new["parameters"])
    yield from _of_body(old.get("requestBody"), new.get("requestBody"))
    for status, answer in old["responses"].items():
        if status in new["responses"]:
            yield from _of_answer(answer, new["responses"][status], status)
        elif status < "400":
            yield f"the status {status} is gone"


def _suffices(shown: Json, asked: list[Json]) -> bool:
    """Whether a client that shows what was asked for before gives what is asked for now."""
    if shown in asked or {} in asked or not asked:
        return True
    return any(
        shown.keys() == each.keys() and includes(Scope(held), Scope(scope))
        for each in asked
        for [held], [scope] in zip(shown.values(), each.values(), strict=False)
    )


def _of_parameters(old: list[Json], new: list[Json]) -> Iterator[str]:
    before = {(each["in"], each["name"]): each for each in old}
    after = {(each["in"], each["name"]): each for each in new}
    for key, parameter in before.items():
        if key not in after:
            yield f"the parameter {key[1]} is gone"
        else:
            schemas = parameter["schema"], after[key]["schema"]
            yield from _of_schema(*schemas, f"the parameter {key[1]}", is_answer=False)
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"the parameter {key[1]} is required"


def _of_body(old: Json | None, new: Json | None) -> Iterator[str]:
    if new and new["required"] and not (old and old["required"]):
        yield "a body is required"
    if old:
        yield from _of_content(old, new or {}, "the body", is_answer=False)


def _of_answer(old: Json, new: Json, status: str) -> Iterator[str]:
    for name in old["headers"].keys() - new["headers"].keys():
        yield f"the header {name} of {status} is gone"
    yield from _of_content(old, new, f"the answer {status}", is_answer=True)


def _of_content(old: Json, new: Json, where: str, *, is_answer: bool) -> Iterator[str]:
    for media_type, said in old.get("content", {}).items():
        if media_type not in new.get("content", {}):
            yield f"{where} as {media_type} is gone"
        else:
            schemas = said["schema"], new["content"][media_type]["schema"]
            yield from _of_schema(*schemas, where, is_answer=is_answer)


def _of_schema(old: Json, new: Json, where: str, *, is_answer: bool) -> Iterator[str]:
    given, taken = (new, old) if is_answer else (old, new)
    if "anyOf" in given or "anyOf" in taken:
        for each in given.get("anyOf", [given]):
            pairs = (
                (one, each) if is_answer else (each, one) for one in taken.get("anyOf", [taken])
            )
            if all(any(_of_schema(*pair, where, is_answer=is_answer)) for pair in pairs):
                yield f"{where} has another choice of forms"
        return
    yield from (f"{where}: {change}" for change in _of_values(given, taken, is_answer=is_answer))
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{where}/{name} is gone"
        else:
            yield from _of_schema(schema, after[name], f"{where}/{name}", is_answer=is_answer)
    for name in set(taken.get("required", [])) - set(given.get("required", [])):
        yield f"{where}/{name} is {'no longer certain' if is_answer else 'required'}"
    if "items" in old and "items" in new:
        yield from _of_schema(old["items"], new["items"], f"{where}/*", is_answer=is_answer)


def _of_values(given: Json, taken: Json, *, is_answer: bool) -> Iterator[str]:
    """What is wrong with values of `given` to one who takes those of `taken`."""
    if "type" in taken and not _types(given) <= _types(taken):
        yield f"is {sorted(_types(given))} instead of {sorted(_types(taken))}"
    values: list[Any] = given.get("enum", ["any"])
    known: list[Any] = taken.get("enum", values)
    may_grow = is_answer and "enum" in given
    if not may_grow and [each for each in values if each not in known]:
        yield "may have other values"
    for name in _SAME:
        if name in taken and taken[name] != given.get(name):
            yield f"{name} is another"
    for name in _LOWER_BOUNDS:
        if name in taken and given.get(name, float("-inf")) < taken[name]:
            yield f"{name} is another"
    for name in _UPPER_BOUNDS:
        if name in taken and given.get(name, float("inf")) > taken[name]:
            yield f"{name} is another"


def _types(schema: Json) -> set[str]:
    said = schema.get("type", "any")
    return {said} if isinstance(said, str) else set(said)
